import ModelGraph

/// How far the passes of a run are.
final class RunProgress {
  private let bar = ProgressBar("running", unit: .counted("operation"))
  private let total: Int
  private var done = 0

  /// Nothing is done yet of so many passes through so many nodes.
  init(nodes: Int, passes: Int) { total = nodes.clampedProduct(passes) }

  /// Some nodes have been computed.
  func took(_ nodes: [Node]) {
    done += nodes.count
    bar.show(UInt64(done), of: UInt64(total))
  }
}
