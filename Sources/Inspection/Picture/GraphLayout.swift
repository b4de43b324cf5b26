/// Where the boxes and arrows of a picture stand: in rows from top to bottom, each box below all that it takes from. An
/// arrow to the next row is drawn straight; a longer one goes down a lane beside the rows, so that none runs through a box.
struct GraphLayout {
  /// A place of a box: its upper left corner and extents.
  struct Frame {
    var x: Double
    let y: Double
    let width: Double
    let height: Double
  }

  /// A place on an arrow's way.
  typealias Point = (x: Double, y: Double)

  private(set) var frames: [Frame] = []
  /// The corners of each arrow's way, in the order of the picture's arrows.
  private(set) var ways: [[Point]] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  static let lineHeight = 15.0
  static let characterWidth = 6.8
  private static let padding = 8.0
  private static let columnGap = 24.0
  private static let rowGap = 40.0
  private static let laneGap = 11.0
  private static let margin = 20.0

  /// Finds the places. Time and memory grow with the numbers of boxes and arrows, and their logarithm.
  init(_ picture: GraphPicture) {
    let ranks = Self.ranks(picture)
    let rows = Self.ordered(picture, ranks)
    place(picture, rows)
    draw(picture, ranks)
  }

  /// Whether an arrow leads back to a box that stands in front, as those of a shared layer may.
  private static func leadsBack(_ arrow: GraphPicture.Arrow) -> Bool { arrow.from >= arrow.to }

  /// The row of each box: one below the lowest that it takes from. Boxes are listed behind what they take.
  private static func ranks(_ picture: GraphPicture) -> [Int] {
    var ranks = [Int](repeating: 0, count: picture.boxes.count)
    var taken = [[Int]](repeating: [], count: picture.boxes.count)
    for arrow in picture.arrows where !leadsBack(arrow) { taken[arrow.to].append(arrow.from) }
    for box in ranks.indices {
      ranks[box] = (taken[box].map { ranks[$0] }.max() ?? -1) + 1
    }
    return ranks
  }

  /// The boxes of each row, each near the middle of those that it takes from, then of those that take from it.
  private static func ordered(_ picture: GraphPicture, _ ranks: [Int]) -> [[Int]] {
    var rows = [[Int]](repeating: [], count: (ranks.max() ?? 0) + 1)
    for (box, rank) in ranks.enumerated() { rows[rank].append(box) }
    var above = [[Int]](repeating: [], count: ranks.count)
    var below = above
    for arrow in picture.arrows where ranks[arrow.to] == ranks[arrow.from] + 1 {
      above[arrow.to].append(arrow.from)
      below[arrow.from].append(arrow.to)
    }
    var places = [Double](repeating: 0, count: ranks.count)
    func number(_ row: [Int]) {
      for (place, box) in row.enumerated() {
        places[box] = Double(place) - Double(row.count - 1) / 2
      }
    }
    for row in rows { number(row) }
    for sweep in 0..<4 {
      let neighbours = sweep % 2 == 0 ? above : below
      for rank in sweep % 2 == 0 ? Array(rows.indices) : rows.indices.reversed() {
        guard rows[rank].count > 1 else { continue }
        let middles = rows[rank].map { box in
          let around = neighbours[box]
          return around.isEmpty
            ? places[box] : around.reduce(0) { $0 + places[$1] } / Double(around.count)
        }
        rows[rank] = zip(rows[rank], middles).enumerated().sorted {
          ($0.element.1, $0.offset) < ($1.element.1, $1.offset)
        }.map(\.element.0)
        number(rows[rank])
      }
    }
    return rows
  }

  private mutating func place(_ picture: GraphPicture, _ rows: [[Int]]) {
    frames = picture.boxes.map { _ in Frame(x: 0, y: 0, width: 0, height: 0) }
    var y = Self.margin
    for row in rows {
      // As high as the highest, so that an arrow from one passes below the others.
      let lineCount = row.map { picture.boxes[$0].lines.count }.max() ?? 1
      let tall = Double(lineCount) * Self.lineHeight + Self.padding
      var x = 0.0
      for box in row {
        let lines = picture.boxes[box].lines
        let wide = Double(lines.map(\.count).max() ?? 1) * Self.characterWidth + 2 * Self.padding
        frames[box] = Frame(x: x, y: y, width: wide, height: tall)
        x += wide + Self.columnGap
      }
      let shift = (x - Self.columnGap) / 2
      for box in row { frames[box].x -= shift }
      y += tall + Self.rowGap
    }
    let left = frames.map(\.x).min() ?? 0
    for box in frames.indices { frames[box].x += Self.margin - left }
    width = (frames.map { $0.x + $0.width }.max() ?? 0) + Self.margin
    height = y - Self.rowGap + Self.margin
  }

  private mutating func draw(_ picture: GraphPicture, _ ranks: [Int]) {
    let lanes = Self.lanes(picture, ranks)
    let edge = width
    for (index, arrow) in picture.arrows.enumerated() {
      let (from, to) = (frames[arrow.from], frames[arrow.to])
      let start = (x: from.x + from.width / 2, y: from.y + from.height)
      let end = (x: to.x + to.width / 2, y: to.y)
      guard let lane = lanes[index] else {
        ways.append([start, end])
        continue
      }
      let x = edge + Double(lane) * Self.laneGap
      // Different heights for neighbours, so that their ways can be told apart.
      let shift = Double(lane % 5) * 4
      let (leaving, arriving) = (start.y + 8 + shift, end.y - 8 - shift)
      ways.append([start, (start.x, leaving), (x, leaving), (x, arriving), (end.x, arriving), end])
      width = max(width, x + Self.margin)
    }
  }

  /// The lane of each arrow that needs one: the first that is free all the way, the shortest arrows first.
  private static func lanes(_ picture: GraphPicture, _ ranks: [Int]) -> [Int?] {
    var lanes = [Int?](repeating: nil, count: picture.arrows.count)
    let long = picture.arrows.indices.filter { index in
      let arrow = picture.arrows[index]
      return leadsBack(arrow) || ranks[arrow.to] != ranks[arrow.from] + 1
    }
    let spans = long.map { index in
      let ends = [ranks[picture.arrows[index].from], ranks[picture.arrows[index].to]]
      return (index: index, first: ends.min() ?? 0, last: ends.max() ?? 0)
    }
    // By where they begin, as intervals are coloured with the fewest colours.
    var freeFrom: [Int] = []
    for span in spans.sorted(by: { ($0.first, $0.last, $0.index) < ($1.first, $1.last, $1.index) })
    {
      let lane = freeFrom.firstIndex { $0 <= span.first } ?? freeFrom.count
      if lane == freeFrom.count { freeFrom.append(0) }
      freeFrom[lane] = max(span.last, span.first + 1)
      lanes[span.index] = lane
    }
    return lanes
  }
}
