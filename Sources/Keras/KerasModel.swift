import FileSupport
import ModelGraph

/// A tensor of a Keras model: which output of which call of which layer.
public struct KerasTensorReference: Sendable, Hashable {
  /// The name of the layer.
  public let layer: String
  /// Which call of the layer, counted from 0; only shared layers have more than one.
  public let node: Int
  /// Which of the call's outputs.
  public let tensor: Int

  /// Refers to a tensor, by default the only one of the layer.
  public init(layer: String, node: Int = 0, tensor: Int = 0) {
    self.layer = layer
    self.node = node
    self.tensor = tensor
  }
}

/// One variable of a layer and the numbers that it holds.
public struct KerasVariable: Sendable {
  /// The name within the layer: `kernel`, `moving_mean`.
  public let name: String
  /// The shape that Keras gives it.
  public let shape: Shape
  /// The parameter whose numbers it holds. Variables of two layers with the same parameter name hold
  /// the same array, which containers store once.
  public let parameter: Parameter
  /// The order in which the parameter's *stored* elements are walked to give the variable's C order.
  public let view: StridedView
  /// What is done to each number on the way.
  public let adjustment: ValueAdjustment

  /// A variable.
  public init(
    name: String, shape: Shape, parameter: Parameter, view: StridedView,
    adjustment: ValueAdjustment = .none
  ) {
    self.name = name
    self.shape = shape
    self.parameter = parameter
    self.view = view
    self.adjustment = adjustment
  }
}

/// One layer of a Keras model.
public struct KerasLayer: Sendable {
  /// The name, unique in its model.
  public let name: String
  /// What it is, with its configuration.
  public let layerClass: any KerasLayerClass
  /// How it is called; an input is not.
  public let calls: [KerasCall]
  /// The variables in Keras's order.
  public let variables: [KerasVariable]
  /// The shape of the value without the batch axis (of the first call); `nil` where it is not known.
  public let outputShape: KerasShape?
  /// The layer of the other format that it was raised from, or its place in the configuration.
  public let source: LayerReference?
  /// The variables that its configuration calls for, in the order in which Keras makes them; `nil` if
  /// they are not known, for a class without a room here, or behind one.
  public let forms: [KerasVariableForm]?
  /// In which types of numbers it keeps its variables and computes.
  public let policy: KerasPolicy
  /// Why its shapes or variables are not known, if it is the layer that says so.
  let refusal: ModelFileError?
  /// The shapes of the values of each call, `nil` where they are not known.
  let callShapes: [[KerasShape]?]

  /// The name of its class, without the package of a custom one.
  public var className: String { KerasPath.plainClass(layerClass.className) }

  /// A layer.
  public init(
    name: String, layerClass: any KerasLayerClass, calls: [KerasCall],
    variables: [KerasVariable] = [], outputShape: KerasShape?, source: LayerReference? = nil,
    forms: [KerasVariableForm]? = nil, policy: KerasPolicy = .standard
  ) {
    self.init(
      name: name, layerClass: layerClass, calls: calls, variables: variables,
      outputShape: outputShape, source: source, forms: forms, policy: policy, refusal: nil,
      callShapes: [])
  }

  init(
    name: String, layerClass: any KerasLayerClass, calls: [KerasCall], variables: [KerasVariable],
    outputShape: KerasShape?, source: LayerReference?, forms: [KerasVariableForm]?,
    policy: KerasPolicy, refusal: ModelFileError?, callShapes: [[KerasShape]?]
  ) {
    self.callShapes = callShapes
    self.refusal = refusal
    self.name = name
    self.forms = forms
    self.policy = policy
    self.layerClass = layerClass
    self.calls = calls
    self.variables = variables
    self.outputShape = outputShape
    self.source = source
  }

  /// The same layer, called once more.
  func called(again call: KerasCall) -> KerasLayer { called(calls + [call]) }

  /// The same layer, called otherwise.
  func called(_ calls: [KerasCall]) -> KerasLayer { with(layerClass, calls: calls) }

  /// The same layer with another configuration.
  func with(_ layerClass: any KerasLayerClass) -> KerasLayer { with(layerClass, calls: calls) }

  private func with(_ layerClass: any KerasLayerClass, calls: [KerasCall]) -> KerasLayer {
    KerasLayer(
      name: name, layerClass: layerClass, calls: calls, variables: variables,
      outputShape: outputShape, source: source, forms: forms, policy: policy, refusal: refusal,
      callShapes: callShapes)
  }

  /// The names of the layers whose values it takes, call after call.
  public var inbound: [String] { calls.flatMap(\.references).map(\.layer) }
}

/// A Keras model: layers, how they are wired, and where their numbers lie.
public struct KerasModel: Sendable {
  /// The name.
  public let name: String
  /// The layers, each after those that it takes values from, if each is called once. In a model that was raised this is
  /// the order of Keras's own `model.layers`, by which weights in a legacy `.h5` are paired with layers.
  public let layers: [KerasLayer]
  /// The inputs in order.
  public let inputs: [KerasTensorReference]
  /// The outputs in order.
  public let outputs: [KerasTensorReference]
  /// Whether the configuration is a mere list of layers, each fed by the one before.
  public let isSequential: Bool
  /// The positions of the layers in the order in which Keras goes through them to save their weights: that of its
  /// configuration.
  let savingOrder: [Int]

  /// The shape of a sample of its first input, if that is known.
  public var inputShape: Shape? {
    inputs.first.flatMap { input in layers.first { $0.name == input.layer } }?.outputShape?.known
  }

  /// A model.
  public init(
    name: String, layers: [KerasLayer], inputs: [KerasTensorReference],
    outputs: [KerasTensorReference], isSequential: Bool = false
  ) {
    self.init(
      name: name, layers: layers, inputs: inputs, outputs: outputs, isSequential: isSequential,
      savingOrder: Array(layers.indices))
  }

  init(
    name: String, layers: [KerasLayer], inputs: [KerasTensorReference],
    outputs: [KerasTensorReference], isSequential: Bool, savingOrder: [Int]
  ) {
    self.savingOrder = savingOrder
    self.name = name
    self.isSequential = isSequential
    self.layers = layers
    self.inputs = inputs
    self.outputs = outputs
  }
}
