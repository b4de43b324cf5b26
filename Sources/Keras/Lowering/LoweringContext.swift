import FileSupport
import ModelGraph

/// The graph that a Keras model is lowered to, with the layer that is being lowered.
///
/// Values in the graph lie as Keras has them by default, channels last.
public struct LoweringContext {
  /// The graph so far.
  private(set) var graph = GraphBuilder(layout: .channelsLast)
  /// The variables of the layer.
  var parameters = LayerParameters.none
  /// Which Keras the model was made by.
  let generation: KerasGeneration
  /// The backend of Keras that it was made with, if the file says so.
  let backend: String?
  /// How many samples are computed at once, by which Keras 3 goes in places.
  var samples = 1
  /// Whether values have other shapes than Keras's classes say: they leave out that `glu` halves the last extent.
  var hasShapesOfItsOwn = false
  /// The type of numbers that the layer computes in.
  var elementType = ElementType.float32
  /// Whether the layer computes as in training. A call may ask for it, and all layers inside then do so too.
  private(set) var isTraining = false

  /// The nodes of values whose masks a layer has taken off: Keras 3's `MultiHeadAttention` does it with what it is called
  /// with (`multi_head_attention.py: call`), so that a layer that is run after it sees none.
  var unmasked: Set<Int> = []

  /// The names of the layers that it lies in, and its own.
  private var path = ""
  private var isRounded: Set<Int> = []
  private var callCount = 0
  private var constantCount = 0

  /// More operations than any model has; only hostile files nest models so that there are more.
  private static let maximumNodeCount = 1_000_000
  private static let maximumCallCount = 100_000

  private static let tooManyCalls = ModelFileError(
    .damaged, "the model's layers are called too often")

  /// The most numbers that the constants of a model may have together: 256 MB.
  private static let maximumConstantCount = 1 << 26

  /// An empty graph.
  init(generation: KerasGeneration, backend: String?) {
    self.generation = generation
    self.backend = backend
  }

  // MARK: Layers

  /// Lowers one call of a layer.
  ///
  /// - Parameters:
  ///   - name: the name of the layer in what it lies in.
  ///   - policy: its type of numbers, or `nil` for that of the layer around it.
  ///   - reference: the layer of the model that it is; `nil` for one that lies in the layer at work.
  mutating func lower(
    _ layerClass: any KerasLayerClass, named name: String, call: LayerCall,
    parameters: LayerParameters, policy: KerasPolicy? = nil, reference: LayerReference? = nil
  ) throws(ModelFileError) -> [KerasValue] {
    callCount += 1
    guard callCount < Self.maximumCallCount else { throw Self.tooManyCalls }
    let outer = (
      path: path, layer: graph.layer, parameters: self.parameters, type: elementType,
      training: isTraining
    )
    path = path.isEmpty ? name : "\(path)/\(name)"
    self.parameters = parameters
    if let reference { graph.layer = reference }
    graph.layer?.path = path
    defer {
      path = outer.path
      graph.layer = outer.layer
      self.parameters = outer.parameters
      elementType = outer.type
      isTraining = outer.training
    }
    do {
      if let function = layerClass as? TensorFunction {
        // It computes in what it is given, whatever the model around it does.
        elementType = function.elementType(in: call)
      } else if let policy {
        elementType = try policy.elementType(of: layerClass)
      }
      var inputs = call.inputs
      // Whole numbers are no numbers to round.
      if (layerClass as? any UnroundedInputLayer)?.takesWholeNumbers != true {
        for (index, input) in inputs.enumerated()
        where input.type.isFloating || !layerClass.keepsWholeNumbers {
          inputs[index] = KerasValue(try rounding(input.node), mask: input.mask, type: input.type)
        }
      }
      // A model of Keras 3 tells its layers that it predicts, whatever their calls say (`functional.py:
      // operation_fn`); one of Keras 2 lets them have their way.
      if !(layerClass is TensorFunction), let training = try call.training(), generation < .third {
        isTraining = training
      }
      let results = try layerClass.lower(call.with(inputs), at: &self)
      try call.refuseRest()
      return layerClass.typed(results, of: call.inputs, computedIn: elementType)
    } catch {
      let isPlaced = error.places.contains {
        if case .layer = $0 { true } else { false }
      }
      guard let layer = graph.layer, !isPlaced else { throw error }
      throw error.at(layer.place)
    }
  }

  /// Adds an input of the model.
  mutating func input(
    named name: String, shape: Shape, type: ElementType = .float32
  ) throws(ModelFileError) -> KerasValue {
    graph.layer = nil
    let node = try graph.input(name: graph.unusedName(name), shape: shape, elementType: type)
    return KerasValue(node, type: type)
  }

  /// Declares a value an output of the model.
  mutating func output(_ value: KerasValue, named name: String) {
    graph.output(value.node, named: name, elementType: value.type)
  }

  /// The graph.
  func finish() -> Graph { graph.finish() }

  /// Refuses what a layer draws by chance in training, if it computes so.
  func refuseChance(_ key: String, _ rate: Double) throws(ModelFileError) {
    guard isTraining, rate != 0 else { return }
    throw ModelFileError(
      .unsupported, at: [.option(key)],
      "the layer is called with training=True, and then draws numbers by chance",
      expected: "a rate of 0", found: "\(rate)")
  }

  // MARK: Operations

  /// The shape of a value.
  func shape(_ value: KerasValue) -> Shape { graph.shape(of: value.node) }

  /// Adds an operation on the values of nodes.
  mutating func add(_ operation: some Operation, on nodes: [Int]) throws(ModelFileError) -> Int {
    try checked(try addWhole(operation, on: nodes))
  }

  /// Adds an operation that gives several values.
  mutating func addAll(
    _ operation: some Operation, on nodes: [Int]
  ) throws(ModelFileError) -> [Int] {
    let node = try addWhole(operation, on: nodes)
    let further = try graph.furtherValues(of: node)
    return try ([node] + further).map { (value) throws(ModelFileError) in try checked(value) }
  }

  private mutating func addWhole(
    _ operation: some Operation, on nodes: [Int]
  ) throws(ModelFileError) -> Int {
    let name = graph.unusedName("\(path)/\(type(of: operation))")
    return try graph.add(operation, name: name, inputs: nodes)
  }

  /// A value in the type that is computed in. Whatever a layer makes, the shape rules of those behind it rely on some
  /// bounds.
  private mutating func checked(_ node: Int) throws(ModelFileError) -> Int {
    guard node < Self.maximumNodeCount else { throw Self.tooManyCalls }
    try ShapeInference.check(KerasShape(graph.shape(of: node)))
    return try rounding(node)
  }

  /// Refuses a mask of anything but steps.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported`.
  func requireSteps(of mask: Int) throws(ModelFileError) {
    let shape = graph.shape(of: mask)
    guard shape.rank != 1 else { return }
    throw ModelFileError(
      .unsupported, at: [.option("mask")], "a mask of more than steps is not supported",
      expected: "an axis of steps", found: "\(shape)")
  }

  /// Adds an operation on one value, whose mask goes with it.
  mutating func apply(
    _ operation: some Operation, to value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    KerasValue(try add(operation, on: [value.node]), mask: value.mask)
  }

  /// Adds an operation on one value, of whose mask nothing is left.
  mutating func applyWithoutMask(
    _ operation: some Operation, to value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    KerasValue(try add(operation, on: [value.node]))
  }

  /// The value under another shape, without its mask.
  mutating func reshaped(
    _ value: KerasValue, to shape: Shape
  ) throws(ModelFileError) -> KerasValue {
    guard self.shape(value) != shape else { return KerasValue(value.node) }
    return try applyWithoutMask(Reshaping(to: shape), to: value)
  }

  /// Learned numbers as a value, for each sample of `value` the same.
  mutating func learned(
    _ parameter: Parameter, for value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    KerasValue(try add(LearnedConstant(values: parameter), on: [value.node]))
  }

  /// Numbers that the configuration gives as a value, for each sample of `value` the same.
  mutating func constant(
    _ numbers: [Float], shape: Shape, for value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    guard numbers.count == shape.elementCount else {
      throw ModelFileError(
        .damaged, "has another number of numbers than it needs",
        expected: "\(shape.elementCount)", found: "\(numbers.count)")
    }
    try requireRoom(forConstant: numbers.count)
    constantCount += numbers.count
    return try learned(
      Parameter(
        ParameterRole.constant.rawValue, of: path, role: .constant, shape: shape,
        source: MemorySource(numbers)),
      for: value)
  }

  /// Refuses a constant of so many numbers, before it is made, if it takes too much memory beside the others.
  func requireRoom(forConstant count: Int) throws(ModelFileError) {
    let all = constantCount.clampedSum(count)
    guard all <= Self.maximumConstantCount else {
      throw ModelFileError(
        .damaged, "masks and other constants of the model take too much memory",
        expected: "at most \(Self.maximumConstantCount) numbers", found: "\(all)")
    }
  }

  /// Numbers that the configuration gives: one for all, or one for each element of `shape`.
  mutating func constant(
    _ numbers: [Float], broadcastTo shape: Shape, for value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    try constant(numbers, shape: numbers.count == 1 ? [] : shape, for: value)
  }

  /// Values combined element by element; extents of 1 are repeated.
  mutating func combine(
    _ rule: Elementwise.Rule, _ values: [KerasValue]
  ) throws(ModelFileError) -> KerasValue {
    KerasValue(try add(Elementwise(rule), on: values.map(\.node)))
  }

  /// Ones in the shape of a value, whose numbers don't matter and are not held in memory before.
  mutating func ones(like value: KerasValue) throws(ModelFileError) -> KerasValue {
    let zeros = try applyWithoutMask(Zeros(), to: value)
    return try apply(Affine(scale: 1, offset: 1), to: zeros)
  }

  /// One of two values, element by element: the first where the mask is not 0.
  mutating func select(
    _ value: KerasValue, where mask: KerasValue, otherwise other: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    KerasValue(try add(Selection(), on: [mask.node, value.node, other.node]))
  }

  /// An image whose channels are last, wherever the layer has them.
  mutating func channelsLast(
    _ value: KerasValue, from layout: ImageLayout
  ) throws(ModelFileError) -> KerasValue {
    let rank = shape(value).rank
    guard layout == .channelsFirst, rank > 1 else { return value }
    return try applyWithoutMask(Transposition(order: Array(1..<rank) + [0]), to: value)
  }

  /// An image with its channels where the layer has them.
  mutating func fromChannelsLast(
    _ value: KerasValue, to layout: ImageLayout
  ) throws(ModelFileError) -> KerasValue {
    let rank = shape(value).rank
    guard layout == .channelsFirst, rank > 1 else { return value }
    return try applyWithoutMask(Transposition(order: [rank - 1] + Array(0..<(rank - 1))), to: value)
  }

  /// Takes the layer's next variable, as it computes with it.
  mutating func parameter(_ name: String) throws(ModelFileError) -> Parameter {
    let parameter = try parameters.take(name)
    return elementType.isHalf ? parameter.rounded(to: elementType) : parameter
  }

  // MARK: Helpers

  /// The value of a node, rounded to the layer's type if that has 16 bits.
  mutating func rounding(_ node: Int) throws(ModelFileError) -> Int {
    guard elementType.isHalf, !isRounded.contains(node) else { return node }
    let rounded = try graph.add(
      Cast(to: elementType), name: graph.unusedName("\(path)/Cast"), inputs: [node])
    isRounded.insert(rounded)
    return rounded
  }
}
