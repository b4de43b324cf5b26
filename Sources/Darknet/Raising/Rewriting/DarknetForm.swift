import FileSupport
import ModelGraph

/// A graph in operations that darknet has sections for: those that it lacks are put together of others that give the
/// same numbers, by a few rules (`spec/keras-to-darknet.md`).
struct DarknetForm {
  /// The rules, in the order in which they are tried. What one of them makes is subject to all of them.
  static let rules: [any RewritingRule.Type] = [
    ConstantOperands.self, Margins.self, TransposedKernels.self, PlacedKernels.self,
    PlacedMaxima.self,
    MeansAsConvolutions.self,
    ClippedReLU.self, PiecewiseLinear.self, HardFunctions.self, ScaledELU.self,
    SumsWithFactors.self, Products.self,
  ]

  /// The graph; its channels are last, as in the one that it was made of.
  let graph: Graph
  /// The node of the first graph whose value each node has; `nil` for those in between.
  let origins: [Int?]
  /// How often each rule was used, by its name, in the order of the rules.
  let uses: [(rule: String, count: Int)]

  /// Brings a graph into this form.
  ///
  /// - Throws: `ModelFileError`: `unsupported`, with the layer, for kernels that no window of darknet's holds; of the
  ///   files, if constants can't be read.
  init(_ graph: Graph, dialect: Dialect) throws(ModelFileError) {
    let rewriting = Rewriting(layout: graph.layout, dialect: dialect)
    var places: [Int: Place] = [:]
    var owners: [Int: Int] = [:]
    for node in graph.reachable {
      rewriting.begin(node)
      let place: Place
      do throws(ModelFileError) {
        place = try rewriting.place(
          of: node, inputs: node.inputs.compactMap { places[$0] }, in: graph)
      } catch {
        throw error.at(node.places)
      }
      places[node.id] = place
      if place.hasNoMargins { owners[place.node] = node.id }
    }
    for port in graph.outputs {
      rewriting.begin(graph.nodes[port.node])
      guard let place = places[port.node] else { continue }
      let value = try rewriting.value(of: place)
      owners[value] = port.node
      rewriting.output(value, port)
    }
    self.graph = rewriting.finish()
    origins = self.graph.nodes.map { owners[$0.id] }
    uses = Self.rules.compactMap { rule in rewriting.uses[rule.name].map { (rule.name, $0) } }
  }
}

/// One way to put an operation together of others.
protocol RewritingRule: Sendable {
  /// What it makes, for messages: `kernels with zeros around them`.
  static var name: String { get }

  /// Puts the operation together of others.
  ///
  /// - Returns: `nil` if the operation is none of the rule's, or darknet has it as it is.
  /// - Throws: `ModelFileError` without a place.
  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place?
}

/// Where a value of the first graph is found: a node, around whose image zeros are to be put or cells to be cut off.
struct Place: Equatable {
  /// The node of the graph that is made.
  let node: Int
  /// Zeros to be put around the image, above and below, left and right; fewer than 0 are cells to be cut off.
  var margins = [Padding.none, .none]

  /// A node as it is.
  init(_ node: Int) { self.node = node }

  /// Whether it is the node's own value.
  var hasNoMargins: Bool { margins.allSatisfy { $0 == .none } }
}
