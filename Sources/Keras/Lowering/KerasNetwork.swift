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
    public let type: ElementType
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
  /// How a picture is fed, as far as the configuration says; `nil` for a model whose first input is none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the model contradicts itself.
  public func picture() throws(ModelFileError) -> PictureInput? {
    try KerasModel(configuration: configuration).picture
  }

  /// How many layers the model has, those of nested models not counted.
  public var layerCount: Int { wiring.entries.count }
  /// What is odd.
  public private(set) var warnings: [ModelWarning]
  let numbers: KerasNumbers
  let wiring: ModelWiring
  let generation: KerasGeneration
  let backend: String?
  let path: String
  /// The file that has the configuration: another one for weights alone.
  public private(set) var describedBy: String
  /// The configuration as the file has it: an object with `class_name` and `config`.
  let configuration: JSONValue

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - path: a checkpoint: `.h5`, `.keras`, `.weights.h5`, `.weights.json`.
  ///   - config: a file that carries the architecture.
  ///   - locked: whether HDF5 files are locked against writers.
  /// - Throws: as ``init(_:architecture:)-(KerasCheckpoint,_)``.
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
    if given == nil, checkpoint.configuration == nil, let defect = checkpoint.defect {
      throw defect.inFile(path)
    }
    let architecture = given ?? KerasArchitecture.beside(checkpoint)
    guard let configuration = architecture?.configuration ?? checkpoint.configuration else {
      throw ModelFileError(
        .usage, file: path, "the file holds weights, but not the model that they belong to",
        remedy: "name a file with its configuration with --cfg (.h5, .keras, .json)")
    }
    try self.init(
      configuration, version: architecture.map(\.kerasVersion) ?? checkpoint.kerasVersion,
      from: architecture?.path ?? path, path: path, .checkpoint(checkpoint),
      backend: checkpoint.backend)
  }

  /// A model whose numbers are named tensors: `dense.kernel`.
  ///
  /// - Throws: as ``init(_:architecture:)-(KerasCheckpoint,_)``.
  public init(
    _ tensors: TensorContainer, architecture: KerasArchitecture
  ) throws(ModelFileError) {
    try self.init(
      architecture.configuration, version: architecture.kerasVersion, from: architecture.path,
      path: tensors.file.path, .tensors(tensors), backend: nil)
  }

  private init(
    _ configuration: JSONValue, version: String?, from source: String, path: String,
    _ numbers: KerasNumbers, backend: String?
  ) throws(ModelFileError) {
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
      wiring, configuration, path: path, numbers,
      generation: KerasGeneration(version: version, configuration: configuration),
      backend: backend)
    describedBy = source
  }

  /// The mere description of a model that was raised, without numbers, by the rules of the Keras that made
  /// another model.
  ///
  /// - Throws: `ModelFileError` if its configuration can't be read again.
  public init(describing model: KerasModel, like other: KerasNetwork) throws(ModelFileError) {
    try self.init(
      describing: model.configuration, by: other.generation, path: other.path,
      backend: other.backend)
  }

  /// The mere description of a model, without numbers, by the rules of a generation.
  ///
  /// - Throws: `ModelFileError` if the configuration can't be read.
  init(
    describing configuration: JSONValue, by generation: KerasGeneration, path: String,
    backend: String? = nil
  ) throws(ModelFileError) {
    let wiring = try ModelWiring(
      configuration["config"] ?? .null,
      className: configuration["class_name"]?.text ?? "", depth: 0)
    self.init(
      wiring, configuration, path: path, .none, generation: generation, backend: backend)
  }

  /// The mere description of the same model, by the rules of a generation.
  func described(by generation: KerasGeneration) -> KerasNetwork {
    KerasNetwork(
      wiring, configuration, path: path, .none, generation: generation, backend: backend)
  }

  private init(
    _ wiring: ModelWiring, _ configuration: JSONValue, path: String, _ numbers: KerasNumbers,
    generation: KerasGeneration, backend: String?
  ) {
    self.configuration = configuration
    self.wiring = wiring
    self.path = path
    describedBy = path
    self.numbers = numbers
    self.generation = generation
    self.backend = backend
    warnings = numbers.warnings
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
    let model = try KerasModel(wiring, inputs: samples.map { KerasShape($0) })
    let (parameters, bindingWarnings) = try numbers.bound(to: model)

    var context = LoweringContext(generation: generation, backend: backend)
    if let array = arrays.first, let sample = samples.first, array.rank > sample.rank {
      context.samples = array.extents[0]
    }
    var values: [KerasValue] = []
    for (input, sample) in zip(inputs, samples) {
      values.append(try context.input(named: input.name, shape: sample, type: input.type))
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
  func refuseUnknown(_ entry: ModelWiring.Entry) throws(ModelFileError) {
    guard let unknown = entry.layerClass as? UnknownLayer else { return }
    throw unknown.refusal.at(entry.place)
  }

  /// The variables of all layers in the order of the model, with the names of the graph's parameters: as every container
  /// but Keras's own has them.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for a class whose variables are not known, `damaged` if model and numbers
  ///   contradict each other.
  public func namedTensors() throws(ModelFileError) -> [NamedTensor] {
    do throws(ModelFileError) {
      if let turned = KerasCheckpoint.turnedKernels(by: backend) { throw turned }
      for entry in wiring.entries { try refuseUnknown(entry) }
      let model = try KerasModel(wiring)
      var tensors: [NamedTensor] = []
      for parameter in try numbers.bound(to: model).parameters.flatMap(\.rest.parameters) {
        guard let source = parameter.source else { continue }
        tensors.append(
          NamedTensor(
            name: parameter.name, shape: parameter.shape,
            tensor: OrderedTensor(
              source: source, elementType: parameter.elementType, view: parameter.view)))
      }
      return tensors
    } catch {
      throw error.inFile(path)
    }
  }

  /// Where the numbers of each parameter lie in a file of Keras's, by the parameter's name in the graph.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if model and numbers contradict each other.
  public func paths() throws(ModelFileError) -> [String: String] {
    guard case .checkpoint(let checkpoint) = numbers else { return [:] }
    let model = try KerasModel(wiring)
    var paths: [String: String] = [:]
    for entry in try WeightAssignment(model, checkpoint).entries {
      for (weight, form) in entry.weights {
        guard let form else { continue }
        let parameter = Parameter(
          form.name, of: entry.layer.name, role: form.role, shape: form.shape)
        paths[parameter.name] = weight.path
      }
    }
    return paths
  }
}
