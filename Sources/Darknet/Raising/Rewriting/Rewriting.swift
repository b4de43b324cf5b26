import FileSupport
import ModelGraph

/// The graph that rules write, node by node.
///
/// One thread uses it.
final class Rewriting {
  /// By whose darknet the cfg is read.
  let dialect: Dialect
  /// How often each rule was used.
  private(set) var uses: [String: Int] = [:]
  private var builder: GraphBuilder
  private var ranges: [Int: ValueRange] = [:]
  /// The numbers of the values that no input changes.
  private var constants: [Int: Constant] = [:]
  /// Values that several nodes need, by what they are.
  private var shared: [String: Int] = [:]
  private var name = ""

  /// An empty graph.
  init(layout: ImageLayout, dialect: Dialect) {
    self.dialect = dialect
    builder = GraphBuilder(layout: layout)
  }

  // MARK: Nodes of the first graph

  /// Everything that is added from now on belongs to this node.
  func begin(_ node: Node) {
    builder.layer = node.layer
    name = node.name
  }

  /// Where a node's value is, its inputs being in these places.
  func place(
    of node: Node, inputs: [Place], in graph: Graph
  ) throws(ModelFileError) -> Place {
    guard node.operation is Input else { return try apply(node.operation, to: inputs) }
    let type = graph.inputs.first { $0.node == node.id }?.elementType ?? .float32
    let input = try builder.input(name: node.name, shape: node.shape, elementType: type)
    ranges[input] = .any
    return Place(input)
  }

  /// Declares a value an output.
  func output(_ node: Int, _ port: Port) {
    builder.output(node, named: port.name, elementType: port.elementType)
  }

  /// The graph.
  func finish() -> Graph { builder.finish() }

  // MARK: What rules ask

  /// The shape of a value, as if its margins were there.
  func shape(of place: Place) -> Shape {
    var extents = builder.shape(of: place.node).extents
    guard extents.count == 3 else { return Shape(extents) }
    for axis in 0..<2 { extents[axis] = extents[axis].clampedSum(place.margins[axis].total) }
    return Shape(extents)
  }

  /// Whether a value is an image, or a vector.
  func hasChannels(_ place: Place) -> Bool { [1, 3].contains(shape(of: place).rank) }

  /// What is known of the numbers of a value.
  func range(of place: Place) -> ValueRange { ranges[place.node] ?? .any }

  /// Notes what a rule knows of the numbers of a value that it made.
  func narrow(_ place: Place, to range: ValueRange) { ranges[place.node] = range }

  /// The numbers of a value that no input changes; `nil` for others.
  func constant(_ place: Place) -> Constant? {
    place.hasNoMargins ? constants[place.node] : nil
  }

  /// The function that an operation applies, if it is one that darknet lacks.
  func missingFunction(_ operation: any Operation) -> ActivationFunction? {
    guard let function = (operation as? Activation)?.function,
      ActivationName(function, in: dialect) == nil
    else { return nil }
    return function
  }

  /// The operation of a node.
  func operation(of place: Place) -> any Operation { builder.operation(of: place.node) }

  // MARK: What rules add

  /// The value of an operation, put together by the rules where darknet lacks it.
  func apply(
    _ operation: any Operation, to inputs: [Place]
  ) throws(ModelFileError) -> Place {
    for rule in DarknetForm.rules {
      guard let place = try rule.rewrite(operation, of: inputs, self) else { continue }
      uses[rule.name, default: 0] += 1
      return place
    }
    return try add(operation, to: inputs)
  }

  /// The operation itself; margins of its inputs are put there.
  func add(_ operation: any Operation, to inputs: [Place]) throws(ModelFileError) -> Place {
    var nodes: [Int] = []
    for input in inputs { nodes.append(try value(of: input)) }
    let node = try builder.add(operation, name: builder.unusedName(name), inputs: nodes)
    ranges[node] = ValueRange(of: operation, inputs: nodes.map { ranges[$0] ?? .any })
    if let constant = try Constant(of: operation, inputs: nodes.map { constants[$0] }) {
      constants[node] = constant
    }
    return Place(node)
  }

  /// A value with its margins: a convolution of each channel that copies; a `[crop]` where as much is cut off on both
  /// sides.
  func value(of place: Place) throws(ModelFileError) -> Int {
    guard !place.hasNoMargins else { return place.node }
    let key = "margins of \(place.node) \(place.margins)"
    if let known = shared[key] { return known }
    let shape = builder.shape(of: place.node)
    let isCentered = place.margins.allSatisfy {
      $0.before <= 0 && $0.before - $0.after <= 1 && $0.before >= $0.after
    }
    if isCentered, CropLayer.dialects.contains(dialect) {
      let cut = place.margins.map { Padding(before: -$0.before, after: -$0.after) }
      let made = try add(Slice(cutting: cut, of: shape), to: [Place(place.node)])
      shared[key] = made.node
      return made.node
    }
    let made = try apply(
      perChannel([[1]], channels: shape.extents[2], size: [1, 1]), to: [place])
    ranges[made.node] = (ranges[place.node] ?? .any).including(0)
    shared[key] = made.node
    return made.node
  }

  /// A value that is made once and used wherever it is needed again.
  func shared(
    _ key: String, _ make: () throws(ModelFileError) -> Place
  ) throws(ModelFileError) -> Place {
    if let known = shared[key] { return Place(known) }
    let made = try make()
    let node = try value(of: made)
    shared[key] = node
    return Place(node)
  }

  /// What `make` adds to an image that a vector was made of goes in front of the flattening, where the elements still
  /// have their channels; else `make` is given the value itself.
  func beforeFlattening(
    _ place: Place, _ make: (Place) throws(ModelFileError) -> Place
  ) throws(ModelFileError) -> Place {
    guard place.hasNoMargins, let flattening = operation(of: place) as? Reshaping,
      let image = builder.inputs(of: place.node).first, builder.shape(of: image).rank == 3,
      flattening.shape.rank == 1
    else { return try make(place) }
    return try apply(flattening, to: [try make(Place(image))])
  }

  // MARK: Convolutions of each channel

  /// A convolution that takes each channel for itself.
  ///
  /// - Parameters:
  ///   - kernels: the kernels of a channel, one for each channel that becomes of it; the same for all channels.
  ///   - channels: how many channels there are.
  ///   - size: the extents of a kernel; none for a vector.
  ///   - strides: the steps; 1 if missing.
  ///   - padding: the cells around the image; none if missing.
  ///   - biases: what is added to each of the channels that become of one.
  func perChannel(
    _ kernels: [[Float]], channels: Int, size: [Int], strides: [Int]? = nil,
    padding: [Padding]? = nil, biases: [Float]? = nil
  ) -> Convolution {
    let filters = channels.clampedProduct(kernels.count)
    let cells = Shape(size).elementCount
    let isOne = kernels.count == 1 && Set(kernels[0]).count == 1
    let source: any TensorSource =
      isOne
      ? RepeatedSource(kernels[0][0], count: filters.clampedProduct(cells))
      : RepeatedBlock(kernels.flatMap(\.self), times: channels)
    return Convolution(
      window: Window(
        size: size, strides: strides ?? size.map { _ in 1 },
        padding: padding ?? size.map { _ in .none }),
      groups: channels,
      weights: parameter("weights", .weights, Shape([filters, 1] + size), source),
      biases: biases.map {
        parameter("biases", .biases, [filters], RepeatedBlock($0, times: channels))
      })
  }

  /// `Σ w[c, k] · x[c · n + k]` for each channel *c* of the result: *n* neighbouring channels become one.
  ///
  /// - Parameters:
  ///   - factors: the *n* factors, the same for all channels, or *n* for each of them.
  ///   - count: *n*.
  ///   - channels: how many channels become of it.
  ///   - axes: the number of axes that the image has beside its channels.
  func joining(_ factors: [Float], count: Int, channels: Int, axes: Int) -> Convolution {
    let source = RepeatedBlock(
      factors, times: count.clampedProduct(channels) / max(factors.count, 1))
    let size = [Int](repeating: 1, count: axes)
    return Convolution(
      window: Window(size: size, strides: size, padding: size.map { _ in .none }), groups: channels,
      weights: parameter("weights", .weights, Shape([channels, count] + size), source), biases: nil)
  }

  /// Numbers of a layer that the rules make.
  func parameter(
    _ array: String, _ role: ParameterRole, _ shape: Shape, _ source: any TensorSource
  ) -> Parameter {
    Parameter(array, of: name, role: role, shape: shape, source: source)
  }
}
