import FileSupport
import HDF5
import ModelGraph

/// A Keras model in the form in which it is written: its configuration for one or both generations, and its layers with
/// their variables in the order that those who read it go by.
///
/// What is written has been read again as each of those generations reads it, and lowered: it loads there, and computes
/// what the model computes.
public struct RewrittenModel: Sendable {
  /// A layer with its variables.
  struct Layer: Sendable {
    let name: String
    /// The name of its class in Keras's source, after which Keras 3's layout calls its group.
    let sourceName: String
    /// In the order in which Keras makes them.
    let variables: [(form: KerasVariableForm, variable: KerasVariable)]
  }

  /// How the file is laid out that it is for.
  public let container: KerasContainer
  /// For whom it is.
  public let form: KerasForm
  /// The configuration with its class.
  public let configuration: JSONValue
  /// The layers in the order of `model.layers`.
  let layers: [Layer]
  /// Whether variables whose parameters have one name hold one array, as in a model that was raised.
  let sharesArrays: Bool
  /// The names of its outputs in order.
  let outputs: [String]
  /// The shapes of the variables that are trained, in the order in which an optimizer goes through them.
  let trained: [Shape]
  /// Whether that is their order in the model that it was rewritten from.
  let trainsInOrder: Bool
  /// Whether one of them is trained row by row, as those of an Embedding are.
  let trainsRows: Bool
  /// What the user should know.
  public private(set) var warnings: [ModelWarning]

  /// How many layers it has, those of models inside not counted.
  public var layerCount: Int { layers.count }
  /// How many numbers its variables have.
  public var parameterCount: Int {
    layers.flatMap(\.variables).reduce(0) { $0.clampedSum($1.form.shape.elementCount) }
  }

  /// How many bytes they take.
  public var byteCount: UInt64 {
    layers.flatMap(\.variables).reduce(0) {
      $0
        + UInt64(
          $1.variable.parameter.shape.elementCount * $1.variable.parameter.elementType.byteCount)
    }
  }

  /// Rewrites a model that was read.
  ///
  /// - Parameters:
  ///   - network: the model with its numbers.
  ///   - container: how the file is laid out that it is for.
  ///   - form: for which Keras.
  /// - Throws: `ModelFileError`: `unsupported` naming a layer that one of them does not have or computes otherwise, `damaged`
  ///   if the file contradicts itself.
  public init(
    _ network: KerasNetwork, as container: KerasContainer, form: KerasForm
  ) throws(ModelFileError) {
    do throws(ModelFileError) {
      if let turned = KerasCheckpoint.turnedKernels(by: network.backend) { throw turned }
      for entry in network.wiring.entries { try network.refuseUnknown(entry) }
      let model = try KerasModel(network.wiring)
      let (parameters, warnings) = try network.numbers.bound(to: model)
      let (renamed, source) = try Self.renamed(model, network, form)
      var variables: [String: [KerasVariable]] = [:]
      for (layer, bound) in zip(renamed.layers, parameters) {
        variables[layer.name] = try bound.modern().map {
          KerasVariable(name: $0.array, shape: $0.shape, parameter: $0, view: $0.view)
        }
      }
      try self.init(
        renamed, source, variables, as: container, form: form, madeBy: network.generation,
        warnings: network.warnings + warnings
          + (renamed.name == model.name && renamed.layers.map(\.name) == model.layers.map(\.name)
            ? []
            : [
              ModelWarning(
                "layers are renamed: \(form.readers) \(form == .both ? "take" : "takes") no such names"
              )
            ]))
    } catch {
      throw error.inFile(network.path)
    }
  }

  /// The model with names that all take who are to load the file.
  private static func renamed(
    _ model: KerasModel, _ network: KerasNetwork, _ form: KerasForm
  ) throws(ModelFileError) -> (KerasModel, KerasNetwork) {
    let isMasked =
      network.generation < .third
      && model.layers.contains { layer in
        layer.layerClass is KerasLayers.Masking
          || layer.layerClass.configuration["mask_zero"]?.truth == true
      }
    let renaming = ModelRenaming(form, isMasked: isMasked)
    guard let configuration = renaming.renamed(network.configuration) else {
      return (model, network)
    }
    let renamed = try KerasNetwork(
      describing: configuration, by: network.generation, path: network.path,
      backend: network.backend)
    return (try KerasModel(renamed.wiring), renamed)
  }

  /// Rewrites a model that was raised from a graph.
  ///
  /// - Throws: as ``init(_:as:form:)-(KerasNetwork,_,_)``.
  public init(
    _ raised: KerasModel, as container: KerasContainer = .fullModel, form: KerasForm = .both
  ) throws(ModelFileError) {
    let network = try KerasNetwork(
      describing: raised.configuration, by: .second, path: raised.name)
    try self.init(
      try KerasModel(network.wiring), network,
      Dictionary(
        raised.layers.map { ($0.name, $0.variables) }, uniquingKeysWith: { first, _ in first }),
      as: container, form: form, madeBy: nil, warnings: [])
  }

  /// - Parameter generation: by whose rules the model computes; `nil` for one that was raised, whose layers give the same by
  ///   any, though some of them differ elsewhere.
  private init(
    _ model: KerasModel, _ network: KerasNetwork, _ variables: [String: [KerasVariable]],
    as container: KerasContainer, form: KerasForm, madeBy generation: KerasGeneration?,
    warnings: [ModelWarning]
  ) throws(ModelFileError) {
    self.container = container
    self.form = form
    self.warnings = warnings
    sharesArrays = generation == nil
    var rewriter = ConfigurationRewriter(form)
    configuration = try rewriter.rewritten(
      network.configuration, of: model, isArchive: container == .archive)
    self.warnings += Self.warnings(of: rewriter.leftOut, form)
    let target = try KerasNetwork(
      describing: configuration, by: network.generation, path: network.path)
    var layers: [Layer] = []
    let written = try KerasModel(target.wiring)
    outputs = target.outputs
    let trained = TrainedVariable.all(of: written)
    self.trained = trained.map(\.shape)
    trainsRows = trained.contains { $0.name.split(separator: "/").last == "embeddings" }
    trainsInOrder = trained == TrainedVariable.all(of: model)
    for layer in written.layers {
      guard let forms = layer.forms else {
        throw layer.refusal
          ?? ModelFileError(
            .internalFault, "the layer '\(layer.name)' was rewritten without its variables")
      }
      layers.append(
        Layer(
          name: layer.name, sourceName: layer.layerClass.sourceName,
          variables: try Self.paired(forms, with: variables[layer.name] ?? [], layer, for: form)))
    }
    self.layers = layers
    try requireReadableTypes()
    for reader in form.generations {
      try RewritingProof(reader, of: form, isArchive: container == .archive).prove(
        target, computes: network, by: generation, &self.warnings)
    }
  }

  /// The numbers of a layer's variables.
  private static func paired(
    _ forms: [KerasVariableForm], with variables: [KerasVariable], _ layer: KerasLayer,
    for form: KerasForm
  ) throws(ModelFileError) -> [(form: KerasVariableForm, variable: KerasVariable)] {
    let forms = forms.filter { $0.presence != .legacyLayout }
    let place = layer.source.map { [$0.place] } ?? []
    guard forms.map(\.shape) == variables.map(\.shape) else {
      throw ModelFileError(
        .unsupported, at: place, "the layer keeps its weights in another way there",
        expected: forms.map { "\($0.name) \($0.shape)" }.joined(separator: ", "),
        found: variables.map { "\($0.name) \($0.shape)" }.joined(separator: ", "))
    }
    if let built = forms.first(where: { $0.presence == .onceBuilt }), form != .second {
      throw ModelFileError(
        .unsupported, at: place + [.option(built.owner.first ?? "activation")],
        "Keras 3 makes the variables of a layer in the place of a function only when it has numbers to work on, and "
          + "would not load them",
        remedy: "write the file for tf_keras alone: --keras 2")
    }
    return Array(zip(forms, variables))
  }

  /// bfloat16 is bytes without meaning in HDF5, which only one Keras looks up.
  private func requireReadableTypes() throws(ModelFileError) {
    if form == .third, container == .archive || container == .version3Weights { return }
    for layer in layers {
      guard layer.variables.contains(where: { $0.variable.parameter.elementType == .bfloat16 })
      else { continue }
      throw ModelFileError(
        .unsupported, at: [.path(layer.name), .option("dtype")],
        "only Keras 3 reads weights in bfloat16, and in its own layout alone",
        remedy: "write a .keras with --keras 3")
    }
  }

  private static func warnings(of leftOut: [LeftOut], _ form: KerasForm) -> [ModelWarning] {
    guard let first = leftOut.first else { return [] }
    let others = Set(leftOut.map(\.layer)).count - 1
    let keys = Set(leftOut.map(\.key)).sorted().prefix(6).map { "'\($0.escapedForTerminal)'" }
    return [
      ModelWarning(
        "\(form.readers) \(form == .both ? "have" : "has") no place for \(keys.joined(separator: ", ")) of "
          + "'\(first.layer.escapedForTerminal)'\(others > 0 ? " and \(others) more" : ""), which "
          + "changes nothing but how the model is trained")
    ]
  }
}

/// A variable that training changes.
private struct TrainedVariable: Equatable {
  let layer: String
  let name: String
  let owner: [String]
  let shape: Shape

  /// Those of a model in the order of `trainable_variables`: layer by layer, in a layer as the legacy layout has them.
  static func all(of model: KerasModel) -> [TrainedVariable] {
    model.layers.flatMap { layer in
      WeightAssignment.legacyOrder(layer.forms ?? []).filter(\.isTrainable).map {
        TrainedVariable(layer: layer.name, name: $0.name, owner: $0.owner, shape: $0.shape)
      }
    }
  }
}
