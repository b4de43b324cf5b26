import FileSupport
import ModelGraph

/// Where the numbers of a model's variables are.
enum KerasNumbers: Sendable {
  /// Nowhere: a description alone.
  case none
  /// In a file of Keras's, which has its own ways to say which are whose.
  case checkpoint(KerasCheckpoint)
  /// In named tensors, by the names of the graph's parameters.
  case tensors(TensorContainer)

  /// What is odd about the file.
  var warnings: [ModelWarning] {
    switch self {
    case .none: []
    case .checkpoint(let checkpoint): checkpoint.warnings
    case .tensors(let container): container.warnings
    }
  }

  /// The variables of all layers: with the file's numbers, or without any where there is no file.
  func bound(
    to model: KerasModel
  ) throws(ModelFileError) -> (parameters: [LayerParameters], warnings: [ModelWarning]) {
    switch self {
    case .none:
      return (
        try Self.parameters(of: model) { (form, layer) throws(ModelFileError) in
          Parameter(form.name, of: layer.name, role: form.role, shape: form.shape)
        }, []
      )
    case .checkpoint(let checkpoint):
      let assignment = try WeightAssignment(model, checkpoint)
      if let failure = assignment.failure { throw failure }
      var parameters: [LayerParameters] = []
      let refusal = assignment.entries.compactMap(\.layer.refusal).first
      for entry in assignment.entries { parameters.append(try Self.bound(entry, refusal)) }
      return (parameters, assignment.warnings)
    case .tensors(let container):
      let refusal = model.layers.compactMap(\.refusal).first
      for layer in model.layers where layer.forms == nil { throw Self.unknown(layer, refusal) }
      let parameters = try Self.parameters(of: model) { (form, layer) throws(ModelFileError) in
        try Self.parameter(form, layer, in: container)
      }
      try container.requireAll(in: Set(parameters.flatMap(\.rest.parameters).map(\.name)))
      return (parameters, [])
    }
  }

  private static func parameters(
    of model: KerasModel,
    _ parameter: (KerasVariableForm, KerasLayer) throws(ModelFileError) -> Parameter
  ) throws(ModelFileError) -> [LayerParameters] {
    var all: [LayerParameters] = []
    for layer in model.layers {
      let forms = (layer.forms ?? []).filter { $0.presence != .legacyLayout }
      var parameters: [Parameter] = []
      for form in forms { parameters.append(try parameter(form, layer)) }
      all.append(LayerParameters(forms: forms, parameters: parameters))
    }
    return all
  }

  private static func parameter(
    _ form: KerasVariableForm, _ layer: KerasLayer, in container: TensorContainer
  ) throws(ModelFileError) -> Parameter {
    let plain = Parameter(form.name, of: layer.name, role: form.role, shape: form.shape)
    guard let tensor = try container.tensor(for: plain.name, shape: form.shape) else {
      throw container.missing(plain.name, shape: form.shape)
    }
    return Parameter(
      form.name, of: layer.name, role: form.role, shape: form.shape,
      elementType: try tensor.numbers().elementType, source: tensor.source)
  }

  /// Why the variables of a layer are not known.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - refusal: what keeps shapes in the model from being known.
  private static func unknown(_ layer: KerasLayer, _ refusal: ModelFileError?) -> ModelFileError {
    let place = layer.source.map { [$0.place] } ?? []
    guard layer.inbound.isEmpty else {
      return refusal
        ?? ModelFileError(
          .unsupported, at: place, "what the layer takes has a shape that is not known")
    }
    return ModelFileError(.damaged, at: place, "the layer is called with nothing")
  }

  /// The numbers of a layer's variables.
  ///
  /// - Parameter refusal: what keeps shapes in the model from being known.
  private static func bound(
    _ entry: WeightAssignment.Entry, _ refusal: ModelFileError?
  ) throws(ModelFileError) -> LayerParameters {
    var left = entry.weights
    let place = entry.layer.source.map { [$0.place] } ?? []
    guard let all = entry.layer.forms else { throw unknown(entry.layer, refusal) }
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
