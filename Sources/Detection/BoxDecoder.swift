import Darknet
import FileSupport
import ModelGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A box that a head proposes.
public struct Candidate: Sendable {
  /// The box, in parts of the network's input.
  public var box: Box
  /// The classes that are likely enough.
  public var classes: [(number: Int, probability: Float)]

  /// A candidate.
  public init(box: Box, classes: [(number: Int, probability: Float)]) {
    self.box = box
    self.classes = classes
  }

  /// The same with its box in parts of the picture.
  public func placed(by placement: Placement) -> Candidate {
    Candidate(box: box.inPicture(placement), classes: classes)
  }
}

/// Makes boxes of a head's output, as darknet does for the head's dialect.
public struct BoxDecoder: Sendable {
  /// What the numbers stand for.
  let head: HeadDescription
  /// Cells of the grid.
  let grid: (width: Int, height: Int)
  /// The network's input in pixels.
  let input: (width: Int, height: Int)
  let tree: ClassTree?

  /// A class of a tree counts if it is as likely as this (`hier_thresh`).
  static let treeThreshold: Float = 0.5

  /// A decoder.
  ///
  /// - Parameters:
  ///   - head: what the numbers stand for.
  ///   - grid: cells of the output; a `[detection]` has its own.
  ///   - input: the network's input, in pixels.
  ///   - tree: the classes of a head that names a tree.
  /// - Throws: `ModelFileError`: `unsupported` for boxes without four coordinates, `damaged` if an anchor or a class of the
  ///   tree is missing.
  public init(
    _ head: HeadDescription, grid: (width: Int, height: Int), input: (width: Int, height: Int),
    tree: ClassTree? = nil
  ) throws(ModelFileError) {
    self.head = head
    self.grid = grid
    self.input = input
    self.tree = tree
    let coordinates =
      switch head.form {
      case .yolo, .gaussian: 4
      case .region(let form): form.coordinates
      case .grid(let form): form.coordinates
      }
    let isExact = if case .grid = head.form { true } else { false }
    guard isExact ? coordinates == 4 : coordinates >= 4 else {
      throw ModelFileError(
        .unsupported, at: [.option("coords")], "boxes without four coordinates can't be placed",
        expected: "4", found: "\(coordinates)")
    }
    let missing = (head.mask ?? []).first { !head.anchors.indices.contains($0) }
    if let missing {
      throw ModelFileError(
        .damaged, at: [.option("mask")], "names an anchor that is not there",
        expected: "an anchor below \(head.anchors.count)", found: "\(missing)",
        remedy: "list the anchors in anchors=, and let num be their number")
    }
    guard let tree else { return }
    guard tree.parents.count == head.classes,
      tree.parents.allSatisfy({ $0 < head.classes })
    else {
      throw ModelFileError(
        .damaged, at: [.option("tree")], "the tree holds other classes than the head",
        expected: "\(head.classes)", found: "\(tree.parents.count)")
    }
  }

  /// The boxes whose objectness, and whose classes' probability, is above a threshold.
  ///
  /// - Parameters:
  ///   - values: the head's output of one sample, in darknet's order.
  ///   - threshold: above which they count.
  public func candidates(in values: [Float], threshold: Float) -> [Candidate] {
    switch head.form {
    case .yolo: planes(values, threshold, YoloEntries(head))
    case .gaussian(let point): planes(values, threshold, GaussianEntries(head, point))
    case .region(let form): region(values, threshold, form)
    case .grid(let form): grid(values, threshold, form)
    }
  }

  private func planes(
    _ values: [Float], _ threshold: Float, _ entries: some PlanarEntries
  ) -> [Candidate] {
    let area = grid.width * grid.height
    var candidates: [Candidate] = []
    for cell in 0..<area {
      for number in 0..<head.boxes {
        let first = number * entries.count * area + cell
        let entry = { (index: Int) in values[first + index * area] }
        let objectness = entry(entries.objectness)
        guard objectness > threshold else { continue }
        let certainty = entries.certainty(entry)
        let classes = (0..<head.classes).compactMap { index -> (number: Int, probability: Float)? in
          let chance = objectness * entry(entries.objectness + 1 + index)
          let probability = certainty.map { Float(Double(chance) * $0) } ?? chance
          return probability > threshold ? (index, probability) : nil
        }
        guard !classes.isEmpty else { continue }
        let box = entries.box(
          entry, column: cell % grid.width, row: cell / grid.width, grid: grid,
          anchor: anchor(number), input: input)
        candidates.append(Candidate(box: box, classes: classes))
      }
    }
    return candidates
  }

  /// Width and height of the anchor that a box has.
  func anchor(_ number: Int) -> (width: Float, height: Float) {
    let anchor = head.anchors[head.mask.map { $0[number] } ?? number]
    return (Float(anchor.width), Float(anchor.height))
  }
}

/// Where the numbers of a box stand among its planes, and how they are made into one.
protocol PlanarEntries {
  typealias Entry = (Int) -> Float
  /// Planes of a box.
  var count: Int { get }
  /// Which of them is the objectness; the classes stand behind it.
  var objectness: Int { get }
  /// What probabilities are multiplied with, where a head says how sure it is of the coordinates.
  func certainty(_ entry: Entry) -> Double?
  func box(
    _ entry: Entry, column: Int, row: Int, grid: (width: Int, height: Int),
    anchor: (width: Float, height: Float), input: (width: Int, height: Int)
  ) -> Box
}

/// `yolo_layer.c: get_yolo_box`.
private struct YoloEntries: PlanarEntries {
  let count: Int
  let objectness = 4
  private let squares: Bool

  init(_ head: HeadDescription) {
    count = head.classes + 5
    squares = head.usesNewCoordinates == true
  }

  func certainty(_ entry: Entry) -> Double? { nil }

  func box(
    _ entry: Entry, column: Int, row: Int, grid: (width: Int, height: Int),
    anchor: (width: Float, height: Float), input: (width: Int, height: Int)
  ) -> Box {
    func extent(_ value: Float, _ anchor: Float, _ whole: Int) -> Float {
      squares ? value * value * 4 * anchor / Float(whole) : scaled(value, anchor, whole)
    }
    return Box(
      x: (Float(column) + entry(0)) / Float(grid.width),
      y: (Float(row) + entry(1)) / Float(grid.height),
      width: extent(entry(2), anchor.width, input.width),
      height: extent(entry(3), anchor.height, input.height))
  }
}

/// `gaussian_yolo_layer.c: get_gaussian_yolo_box`.
private struct GaussianEntries: PlanarEntries {
  let count: Int
  let objectness = 8
  /// How many halves of a box its middle lies behind the point that `x` and `y` are.
  private let shift: Float

  init(_ head: HeadDescription, _ point: YoloLoss.Point) {
    count = head.classes + 9
    switch point {
    case .center: shift = 0
    case .leftTop: shift = 1
    case .rightBottom: shift = -1
    }
  }

  func certainty(_ entry: Entry) -> Double? {
    1 - Double(Float(Double(entry(1) + entry(3) + entry(5) + entry(7)) / 4))
  }

  func box(
    _ entry: Entry, column: Int, row: Int, grid: (width: Int, height: Int),
    anchor: (width: Float, height: Float), input: (width: Int, height: Int)
  ) -> Box {
    let width = scaled(entry(4), anchor.width, input.width)
    let height = scaled(entry(6), anchor.height, input.height)
    return Box(
      x: (Float(column) + entry(0)) / Float(grid.width) + shift * width / 2,
      y: (Float(row) + entry(2)) / Float(grid.height) + shift * height / 2,
      width: width, height: height)
  }
}

/// An anchor of so many pixels, stretched by an exponential, in parts of the whole.
func scaled(_ value: Float, _ anchor: Float, _ whole: Int) -> Float {
  Float(exp(Double(value)) * Double(anchor) / Double(whole))
}
