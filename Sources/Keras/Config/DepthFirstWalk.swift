/// A depth-first walk back from the outputs of a model through its calls, on a stack of our own, since models can be
/// thousands of layers deep.
struct DepthFirstWalk {
  /// The calls in the order in which they are met.
  private(set) var entered: [Int] = []
  /// The calls in the order in which they are left: each behind those whose values it takes.
  private(set) var left: [Int] = []

  /// - Parameters:
  ///   - roots: where it begins, one after the other.
  ///   - sources: the calls whose values each call takes, in order.
  init(from roots: [Int], _ sources: [[Int]]) {
    var isMet = [Bool](repeating: false, count: sources.count)
    for root in roots where !isMet[root] {
      isMet[root] = true
      entered.append(root)
      var stack = [(call: root, next: 0)]
      while let (call, next) = stack.last {
        guard next < sources[call].count else {
          left.append(call)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let source = sources[call][next]
        guard !isMet[source] else { continue }
        isMet[source] = true
        entered.append(source)
        stack.append((source, 0))
      }
    }
  }
}
