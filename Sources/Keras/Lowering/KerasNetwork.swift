import FileSupport
import HDF5
import ModelGraph

/// A Keras model and its numbers, ready to be lowered to the graph for inputs of given shapes.
///
/// The shapes have to be told because models leave extents open: the height and width of an image, the
/// length of a sequence.
public struct KerasNetwork: Sendable {
  /// An input of the model.
  public struct ModelInput: Sendable {
    /// The name of its layer.
    public let name: String
    /// Its shape without the batch axis, as far as it is told.
    public let shape: KerasShape?
    /// In what its array is given. Fractions may be given for any input that takes them.
    let type: ElementType
  }

  /// A layer of the lowered model.
  public struct Layer: Sendable {
    /// Its position among the model's layers.
    public let index: Int
    /// Its name.
    public let name: String
    /// The node of its (first) value.
    public let node: Int
    /// Whether it only stands for an input of the model.
    public let isInput: Bool
    /// Its variables in the order in which Keras makes them, whatever the order in the file.
    public let parameters: [Parameter]
    /// What the nodes of the graph that it became refer to.
    public let reference: LayerReference?
    /// Its class and configuration.
    public let layerClass: any KerasLayerClass
  }

  /// The inputs in the model's order.
  public let inputs: [ModelInput]
  /// The names of the layers that give the outputs, in the model's order.
  public var outputs: [String] { wiring.outputs.map(\.layer) }
  /// What is odd.
  public private(set) var warnings: [ModelWarning]
  /// Where the numbers are; `nil` for a description alone.
  private let checkpoint: KerasCheckpoint?
  private let wiring: ModelWiring
  private let generation: KerasGeneration
  private let backend: String?
  private let path: String

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - path: a checkpoint: `.h5`, `.keras`, `.weights.h5`, `.weights.json`.
  ///   - config: a file that carries the architecture.
  ///   - locked: whether HDF5 files are locked against writers.
  /// - Throws: as ``init(_:architecture:)``.
  public init(path: String, config: String? = nil, locked: Bool = true) throws(ModelFileError) {
    let checkpoint = try KerasCheckpoint(path: path, locked: locked)
    try self.init(
      checkpoint,
      architecture: try config.map { (path) throws(ModelFileError) in
        try KerasArchitecture(path: path, locked: locked)
      })
  }

  /// The model that a checkpoint holds.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint.
  ///   - given: an architecture that counts in place of the checkpoint's own; without one, weights alone
  ///     belong to the file beside them with the same stem.
  /// - Throws: `ModelFileError`: `usage` if nothing tells the architecture, `unsupported` for a model
  ///   that is not described by its layers, `damaged` if it is broken.
  public init(
    _ checkpoint: KerasCheckpoint, architecture given: KerasArchitecture? = nil
  ) throws(ModelFileError) {
    let path = checkpoint.path
    var architecture = given
    if architecture == nil, checkpoint.configuration == nil {
      if let defect = checkpoint.defect { throw defect.inFile(path) }
      architecture = KerasArchitecture.beside(path)
    }
    guard let configuration = architecture?.configuration ?? checkpoint.configuration else {
      throw ModelFileError(
        .usage, file: path, "the file holds weights, but not the model that they belong to",
        remedy: "name a file with its configuration with --cfg (.h5, .keras, .json)")
    }
    let version = architecture.map(\.kerasVersion) ?? checkpoint.kerasVersion
    let generation = KerasGeneration(version: version, configuration: configuration)
    let source = architecture?.path ?? path
    guard let className = configuration["class_name"]?.text, let content = configuration["config"]
    else {
      throw ModelFileError(
        .damaged, file: source, "the model's configuration lacks its class or its content",
        expected: "an object with 'class_name' and 'config'")
    }
    let wiring: ModelWiring
    do {
      wiring = try ModelWiring(content, className: className, depth: 0)
    } catch {
      throw error.inFile(source)
    }
    self.init(
      wiring, path: path, checkpoint: checkpoint, generation: generation,
      backend: checkpoint.backend)
  }

  /// The mere description of a model that was raised, without numbers, by the rules of the Keras that made
  /// another model.
  ///
  /// - Throws: `ModelFileError` if its configuration can't be read again.
  public init(describing model: KerasModel, like other: KerasNetwork) throws(ModelFileError) {
    let wiring = try ModelWiring(
      model.configuration["config"] ?? .null, className: "Functional", depth: 0)
    self.init(
      wiring, path: other.path, checkpoint: nil, generation: other.generation,
      backend: other.backend)
  }

  private init(
    _ wiring: ModelWiring, path: String, checkpoint: KerasCheckpoint?,
    generation: KerasGeneration, backend: String?
  ) {
    self.wiring = wiring
    self.path = path
    self.checkpoint = checkpoint
    self.generation = generation
    self.backend = backend
    warnings = checkpoint?.warnings ?? []
    inputs = wiring.inputs.map { reference in
      let position = wiring.positions[LinkName(reference.layer)]
      let entry = position.map { wiring.entries[$0] }
      let layer = entry?.layerClass as? KerasLayers.InputLayer
      let type = layer.flatMap { try? entry?.policy.elementType(of: $0) } ?? .float32
      return ModelInput(
        name: reference.layer, shape: layer?.extents.map { KerasShape($0) },
        type: type.isFloating ? .float32 : type)
    }
  }

  /// The shape of a sample of an array that is given for an input, which may have a batch axis or not.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the array does not fit.
  static func sample(of array: Shape, for input: KerasShape?) throws(ModelFileError) -> Shape {
    guard let input else {
      guard array.rank > 0 else {
        throw ModelFileError(
          .damaged, "the input has another shape than the model takes",
          expected: "a batch of samples", found: "\(array)")
      }
      return Shape(Array(array.extents.dropFirst()))
    }
    return Shape(Array(try array.input(forExtents: input.extents).extents.dropFirst()))
  }

  /// Lowers the model.
  ///
  /// - Parameter arrays: the shapes of the arrays that the inputs will be, with the batch axis or
  ///   without it.
  /// - Returns: the graph, and the values of the layers in the model's order.
  /// - Throws: `ModelFileError`: `damaged` if configuration, weights and inputs contradict each other,
  ///   `unsupported` naming a layer that can't be computed.
  public func lowered(
    for arrays: [Shape]
  ) throws(ModelFileError) -> (graph: Graph, layers: [Layer], warnings: [ModelWarning]) {
    do {
      return try unnamed(arrays)
    } catch {
      throw error.inFile(path)
    }
  }

  private func unnamed(
    _ arrays: [Shape]
  ) throws(ModelFileError) -> (graph: Graph, layers: [Layer], warnings: [ModelWarning]) {
    guard arrays.count == inputs.count else {
      throw ModelFileError(
        .usage, "the model takes another number of inputs", expected: "\(inputs.count)",
        found: "\(arrays.count)")
    }
    var samples: [Shape] = []
    for (array, input) in zip(arrays, inputs) {
      samples.append(try Self.sample(of: array, for: input.shape))
    }
    for entry in wiring.entries { try refuseUnknown(entry) }
    var budget = ShapeInference.largestBudget
    var inference = ShapeInference(wiring, inputs: samples.map { KerasShape($0) })
    let model = try inference.run(&budget).model
    let (parameters, bindingWarnings) = try bound(model)

    var context = LoweringContext(generation: generation, backend: backend)
    if let array = arrays.first, let sample = samples.first, array.rank > sample.rank {
      context.samples = array.extents[0]
    }
    var values: [KerasValue] = []
    for (input, sample) in zip(inputs, samples) {
      let node = try context.input(named: input.name, shape: sample)
      values.append(KerasValue(node, type: input.type))
    }
    var layers: [Layer] = []
    let positions = Dictionary(
      model.layers.enumerated().map { (LinkName($1.name), $0) }, uniquingKeysWith: { a, _ in a })
    let outputs = try context.lower(
      BoundModel(model: model, parameters: parameters), on: values, isOutermost: true
    ) { layer, values in
      guard let first = values.first else { return }
      let index = positions[LinkName(layer.name)] ?? layers.count
      layers.append(
        Layer(
          index: index, name: layer.name, node: first.node,
          isInput: layer.layerClass is KerasLayers.InputLayer,
          parameters: parameters.indices.contains(index) ? parameters[index].rest.parameters : [],
          reference: layer.source, layerClass: layer.layerClass))
    }
    for (output, name) in zip(outputs, self.outputs) { context.output(output, named: name) }
    return (context.finish(), layers.sorted { $0.index < $1.index }, warnings + bindingWarnings)
  }

  /// Says at once which layer can't be computed, before anything is said of its weights.
  private func refuseUnknown(_ entry: ModelWiring.Entry) throws(ModelFileError) {
    guard let unknown = entry.layerClass as? UnknownLayer else { return }
    throw unknown.refusal.at(entry.place)
  }

  /// The variables of all layers: with the file's numbers, or without any where there is no file.
  private func bound(
    _ model: KerasModel
  ) throws(ModelFileError) -> (parameters: [LayerParameters], warnings: [ModelWarning]) {
    guard let checkpoint else {
      return (
        model.layers.map { layer in
          let forms = (layer.forms ?? []).filter { $0.presence != .legacyLayout }
          return LayerParameters(
            forms: forms,
            parameters: forms.map {
              Parameter($0.name, of: layer.name, role: $0.role, shape: $0.shape)
            })
        }, []
      )
    }
    let assignment = try WeightAssignment(model, checkpoint)
    if let failure = assignment.failure { throw failure }
    var parameters: [LayerParameters] = []
    let refusal = assignment.entries.compactMap(\.layer.refusal).first
    for entry in assignment.entries { parameters.append(try Self.bound(entry, refusal)) }
    return (parameters, assignment.warnings)
  }

  /// The numbers of a layer's variables.
  ///
  /// - Parameter refusal: what keeps shapes in the model from being known.
  private static func bound(
    _ entry: WeightAssignment.Entry, _ refusal: ModelFileError?
  ) throws(ModelFileError) -> LayerParameters {
    var left = entry.weights
    let place = entry.layer.source.map { [$0.place] } ?? []
    guard let all = entry.layer.forms else {
      guard entry.layer.inbound.isEmpty else {
        throw refusal
          ?? ModelFileError(
            .unsupported, at: place, "what the layer takes has a shape that is not known")
      }
      throw ModelFileError(.damaged, at: place, "the layer is called with nothing")
    }
    guard !left.contains(where: { $0.form?.presence == .legacyLayout }) else {
      throw ModelFileError(
        .unsupported, at: place + [.option("lora_rank")],
        "a kernel with a low rank beside it (LoRA) is not supported",
        remedy: "save the model as .keras, which folds it into the kernel")
    }
    let forms = all.filter { $0.presence != .legacyLayout }
    var parameters: [Parameter] = []
    for form in forms {
      guard let position = left.firstIndex(where: { $0.form == form }) else {
        guard form.presence != .onceBuilt else { throw Self.unbuilt(form).at(place) }
        throw ModelFileError(
          .damaged, at: [.path(entry.stored?.name.description ?? entry.layer.name)],
          "a variable of the layer has no numbers in the file",
          expected: "\(form.name) \(form.shape)", found: "none")
      }
      let weight = left.remove(at: position).weight
      let type = try weight.elementType()
      parameters.append(
        Parameter(
          form.name, of: entry.layer.name, role: form.role, shape: form.shape, elementType: type,
          source: try weight.source()))
    }
    return LayerParameters(forms: forms, parameters: parameters)
  }

  /// A variable that Keras had not made yet when it saved the model.
  private static func unbuilt(_ form: KerasVariableForm) -> ModelFileError {
    ModelFileError(
      .unsupported, at: [.option("activation")],
      "the layer in the place of the function had no variables yet when the model was saved, and "
        + "would start with new ones",
      expected: "\(form.name) \(form.shape)", found: "none",
      remedy: "call the model once, and save it again")
  }
}
