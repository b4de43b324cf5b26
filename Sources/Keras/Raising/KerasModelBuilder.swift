import FileSupport
import ModelGraph

/// The value of a Keras layer while a model is put together.
struct KerasTensor {
  /// The layer that makes it.
  let layer: String
  /// Its shape as Keras has it: `[H, W, C]` of an image.
  let shape: Shape
  /// If the value is an image laid out flat with its channels innermost, where the graph has them
  /// outermost: the image's `[C, H, W]`. Only fully connected layers take such a value; they permute
  /// their rows.
  var flattenedImage: Shape?
}

/// The numbers of a variable: whose they are and in which order.
struct VariableContent {
  let parameter: Parameter
  let view: StridedView
  var adjustment = ValueAdjustment.none

  /// A parameter as it is.
  init(_ parameter: Parameter) {
    self.parameter = parameter
    view = parameter.view
  }

  /// A parameter in another order, or with other numbers.
  init(_ parameter: Parameter, view: StridedView, adjustment: ValueAdjustment = .none) {
    self.parameter = parameter
    self.view = view
    self.adjustment = adjustment
  }
}

/// Puts a Keras model together, layer by layer, and works out every shape on the way.
final class KerasModelBuilder {
  private(set) var layers: [KerasLayer] = []
  private var usedNames: Set<String> = []

  /// A name for the main layer of a node, which no other layer will get.
  func reserveName(_ wanted: String) -> String {
    let name = KerasName.legal(from: wanted)
    if usedNames.insert(name).inserted { return name }
    return freeName(name)
  }

  /// A name for a further layer of a node.
  func freeName(_ wanted: String) -> String {
    var name = wanted
    var count = 1
    while !usedNames.insert(name).inserted {
      count += 1
      name = "\(wanted)_\(count)"
    }
    return name
  }

  /// Adds a layer.
  ///
  /// - Parameters:
  ///   - name: a name got from this builder.
  ///   - variables: what each variable of the layer holds, by its name.
  /// - Throws: `ModelFileError` if the layer can't take these inputs or variables.
  func add(
    _ layerClass: some KerasLayerClass, named name: String, on inputs: [KerasTensor],
    variables: [String: VariableContent] = [:], source: LayerReference?
  ) throws(ModelFileError) -> KerasTensor {
    let shapes = inputs.map { KerasShape($0.shape) }
    let outputShape = try layerClass.outputShape(of: shapes)
    guard let shape = outputShape.known else {
      throw ModelFileError(.internalFault, "the Keras layer '\(name)' has an open shape")
    }
    var bound: [KerasVariable] = []
    for form in try layerClass.variables(for: shapes) {
      guard let content = variables[form.name],
        content.view.elementCount == form.shape.elementCount
      else {
        throw ModelFileError(
          .internalFault, at: [.array(form.name)],
          "the Keras layer '\(name)' has nothing for a variable of shape \(form.shape)")
      }
      bound.append(
        KerasVariable(
          name: form.name, shape: form.shape, parameter: content.parameter, view: content.view,
          adjustment: content.adjustment))
    }
    let calls =
      inputs.isEmpty ? [] : [KerasCall(inputs.map { KerasTensorReference(layer: $0.layer) })]
    layers.append(
      KerasLayer(
        name: name, layerClass: layerClass, calls: calls, variables: bound,
        outputShape: outputShape,
        source: source))
    return KerasTensor(layer: name, shape: shape)
  }
}
