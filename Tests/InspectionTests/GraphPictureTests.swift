import FileSupport
import Testing

@testable import Inspection

struct GraphPictureTests {
  private func summary(_ layers: [(name: String, sources: [String])]) -> Summary {
    var summary = Summary(file: "m", format: "keras-h5", bytes: 0)
    summary.layers = layers.enumerated().map { index, entry in
      var layer = Summary.Layer(index: index, name: entry.name)
      layer.className = "Dense"
      layer.sources = entry.sources
      layer.outputShape = [nil, index]
      return layer
    }
    return summary
  }

  /// Each layer takes from up to three of those before it, near ones more often.
  private func random(_ count: Int, _ generator: inout SystemRandomNumberGenerator) -> Summary {
    summary(
      (0..<count).map { index in
        let sources = (0..<min(index, Int.random(in: 1...3, using: &generator))).map { _ in
          let reach = Bool.random(using: &generator) ? min(index, 3) : index
          return "l\(index - Int.random(in: 1...reach, using: &generator))"
        }
        return ("l\(index)", sources)
      })
  }

  @Test func nothingOverlapsAndNoArrowRunsThroughABox() throws {
    var generator = SystemRandomNumberGenerator()
    for count in [1, 2, 7, 40, 120] {
      let picture = try GraphPicture(random(count, &generator))
      let layout = GraphLayout(picture)
      for (index, frame) in layout.frames.enumerated() {
        #expect(frame.x >= 0 && frame.x + frame.width <= layout.width)
        #expect(frame.y >= 0 && frame.y + frame.height <= layout.height)
        for other in layout.frames[(index + 1)...] {
          #expect(
            frame.x + frame.width < other.x || other.x + other.width < frame.x
              || frame.y + frame.height < other.y || other.y + other.height < frame.y)
        }
      }
      for (arrow, way) in zip(picture.arrows, layout.ways) {
        for (start, end) in zip(way, way.dropFirst()) {
          for step in 1..<20 {
            let share = Double(step) / 20
            let place = (
              x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share
            )
            let crossed = layout.frames.indices.filter { index in
              let frame = layout.frames[index]
              return frame.x < place.x && place.x < frame.x + frame.width && frame.y < place.y
                && place.y < frame.y + frame.height
            }
            #expect(crossed.isEmpty, "\(arrow) runs through \(crossed)")
          }
        }
      }
    }
  }

  @Test func layersStandBelowWhatTheyTake() throws {
    let picture = try GraphPicture(
      summary([("a", []), ("b", ["a"]), ("c", ["a", "b"]), ("d", ["c", "a"])]))
    let layout = GraphLayout(picture)
    for arrow in picture.arrows {
      #expect(layout.frames[arrow.from].y < layout.frames[arrow.to].y)
    }
    #expect(picture.boxes.map(\.role) == [.layer, .layer, .layer, .output])
    #expect(picture.arrows.count == 5)
  }

  /// A shared layer that is called with what a later one makes of its value.
  @Test func arrowsMayLeadBack() throws {
    let picture = try GraphPicture(summary([("a", []), ("b", ["a", "c"]), ("c", ["b"])]))
    let layout = GraphLayout(picture)
    #expect(layout.ways.count == 3)
    #expect(layout.frames[1].y < layout.frames[2].y)
  }

  @Test func modelsAreDrawnFromInside() throws {
    var outer = summary([("in", []), ("model", ["in"]), ("out", ["model"])])
    outer.layers[1].children = summary([("x", []), ("y", ["x"]), ("z", ["x"])]).layers
    let picture = try GraphPicture(outer)
    #expect(picture.groups.count == 1 && picture.groups[0].boxes == 1..<4)
    let arrows = Set(picture.arrows)
    #expect(arrows.contains(.init(from: 0, to: 1)))
    #expect(arrows.contains(.init(from: 2, to: 4)) && arrows.contains(.init(from: 3, to: 4)))
    #expect(!arrows.contains(.init(from: 1, to: 4)))
  }

  @Test func namesAreText() throws {
    let names = [
      "<script>alert(1)</script>", "a\"b\\", "\u{202E}gnol", "\u{0}\u{7}",
      String(repeating: "long", count: 2500),
    ]
    let picture = try GraphPicture(summary(names.map { ($0, []) }))
    let svg = picture.svg(title: names[0])
    #expect(!svg.contains("<script") && svg.contains("&lt;script&gt;"))
    #expect(!svg.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    #expect(svg.utf8.count < 10_000)
    let dot = picture.dot(title: names[1])
    #expect(dot.contains("a\\\"b\\\\") && dot.utf8.count < 2_000)
  }

  @Test func withoutConnectionsThereIsNoGraph() {
    var unknown = summary([("a", [])])
    unknown.layers[0].sources = nil
    #expect(throws: ModelFileError.self) { try GraphPicture(unknown) }
    #expect(throws: ModelFileError.self) { try GraphPicture(summary([])) }
  }
}
