import FileSupport
import Inference
import ModelGraph

/// What lies between a value of a graph and the values before it that are known: a small graph of its own, which takes
/// those values instead of computing them.
struct Segment {
  /// The node whose value it ends in.
  let target: Int
  /// The nodes whose values it takes, in graph order: known ones, and inputs of the model.
  let sources: [Int]
  /// The nodes that it computes, in graph order.
  let nodes: [Node]
  private let layout: ImageLayout
  private let taken: [Node]
  /// The types of the model's inputs among the sources.
  private let types: [Int: ElementType]

  /// The segment that leads to a node.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - target: the node; that its own value is known does not count.
  ///   - known: the nodes whose values are there.
  init(of graph: Graph, to target: Int, from known: Set<Int>) {
    var computed: Set<Int> = []
    var taken: Set<Int> = []
    var waiting = [target]
    while let id = waiting.popLast() {
      guard !computed.contains(id) else { continue }
      let node = graph.nodes[id]
      if node.operation is Input {
        taken.insert(id)
        continue
      }
      computed.insert(id)
      for input in node.inputs {
        // A further value comes out of the operation, not out of its first value.
        if known.contains(input), !(node.operation is FurtherValue) {
          taken.insert(input)
        } else {
          waiting.append(input)
        }
      }
    }
    self.target = target
    sources = taken.subtracting(computed).sorted()
    nodes = computed.sorted().map { graph.nodes[$0] }
    layout = graph.layout
    self.taken = sources.map { graph.nodes[$0] }
    types = Dictionary(
      graph.inputs.map { ($0.node, $0.elementType) }, uniquingKeysWith: { first, _ in first })
  }

  /// The segment as a graph whose inputs are its sources, in their order.
  ///
  /// - Returns: the graph, and the node in it that is the target.
  /// - Throws: `ModelFileError` of kind `internalFault`: the nodes have been in a graph already.
  func graph() throws(ModelFileError) -> (graph: Graph, target: Int) {
    var builder = GraphBuilder(layout: layout)
    var places: [Int: Int] = [:]
    for node in taken {
      places[node.id] = try builder.input(
        name: node.name, shape: node.shape,
        elementType: types[node.id] ?? .float32)
    }
    for node in nodes {
      builder.layer = node.layer
      places[node.id] = try builder.add(
        node.operation, name: node.name, inputs: node.inputs.compactMap { places[$0] })
    }
    guard let last = places[target] else {
      throw ModelFileError(.internalFault, "a segment does not lead to its end")
    }
    return (builder.finish(), last)
  }
}

/// A segment that an engine has prepared, with the weights that it takes: freed with it.
struct SegmentRun {
  /// The segment as a graph.
  let graph: Graph
  private let target: Int
  private let session: any EngineSession
  private let path: String

  /// Prepares a segment of a model.
  ///
  /// - Parameter path: the model's file, for errors.
  /// - Throws: `ModelFileError` as ``Segment/graph()`` and the engine.
  init(
    _ segment: Segment, engine: any Engine, path: String
  ) throws(ModelFileError) {
    do {
      (graph, target) = try segment.graph()
      session = try engine.prepare(graph, wanting: [target])
    } catch {
      throw error.inFile(path)
    }
    self.path = path
  }

  /// The value that it ends in.
  ///
  /// - Parameter taken: the values of the segment's sources, in order.
  /// - Throws: `ModelFileError` as the engine.
  func value(of taken: [Tensor]) throws(ModelFileError) -> Tensor {
    var found: Tensor?
    do {
      try session.run(taken, onStep: { _, _ in }, onValue: { found = $1 })
    } catch {
      throw error.inFile(path)
    }
    guard let found else { throw ModelFileError(.internalFault, "a segment has no value") }
    return found
  }
}
