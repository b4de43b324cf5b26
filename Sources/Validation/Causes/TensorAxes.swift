import ModelGraph

/// What the axes of an array of so many are, as its format orders them.
enum TensorAxes {
  private static let spatial = [
    1: ["steps"], 2: ["height", "width"], 3: ["depth", "height", "width"],
  ]

  /// `[out, in, height, width]`
  static func darknet(_ shape: Shape) -> [String] {
    named(shape.rank, front: ["out", "in"], back: [])
  }

  /// `[height, width, in, out]`
  static func keras(_ shape: Shape) -> [String] {
    named(shape.rank, front: [], back: ["in", "out"])
  }

  private static func named(_ rank: Int, front: [String], back: [String]) -> [String] {
    switch rank {
    case 0: []
    case 1: ["channel"]
    case 2: front + back
    default:
      front + (spatial[rank - 2] ?? (0..<rank - 2).map { "axis \($0 + front.count)" }) + back
    }
  }
}
