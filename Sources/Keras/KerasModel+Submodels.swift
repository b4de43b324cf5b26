import FileSupport
import HDF5
import ModelGraph

/// A model among the layers of another one, as it is computed there.
public struct KerasSubmodel: Sendable {
  /// Its layers, with the shapes that they have there.
  public let model: KerasModel
  /// The variables of the layer that it is, in the order of ``KerasLayer/forms``: the position of the layer inside that
  /// each belongs to, and what it is there.
  public let variables: [(layer: Int, form: KerasVariableForm)]
}

extension KerasModel {
  /// The model that a layer is.
  ///
  /// - Returns: `nil` for any other layer, and where it is not known what the layer is called with or consists of.
  /// - Throws: `ModelFileError` of kind `damaged` if the model inside contradicts itself.
  public func submodel(at position: Int) throws(ModelFileError) -> KerasSubmodel? {
    let layer = layers[position]
    guard let nested = layer.layerClass as? NestedModel else { return nil }
    do {
      let outcome = try nested.outcome(for: try inputShapes(of: layer))
      let positions = Dictionary(
        outcome.model.layers.enumerated().map { (LinkName($1.name), $0) },
        uniquingKeysWith: { first, _ in first })
      var variables: [(Int, KerasVariableForm)] = []
      for (name, count) in try outcome.variableCounts() where count > 0 {
        guard let position = positions[LinkName(name)],
          let forms = outcome.model.layers[position].forms, forms.count == count
        else { return nil }
        variables += forms.map { (position, $0) }
      }
      return KerasSubmodel(model: outcome.model, variables: variables)
    } catch {
      guard error.kind == .unsupported else { throw error }
      return nil
    }
  }

  /// The shapes of what a layer is called with, the first time.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if one is not known.
  func inputShapes(of layer: KerasLayer) throws(ModelFileError) -> [KerasShape] {
    var shapes: [KerasShape] = []
    for reference in layer.calls.first?.inputs(of: layer.layerClass) ?? [] {
      guard let shape = shape(of: reference) else {
        throw layer.refusal
          ?? ModelFileError(
            .unsupported, "what the model is called with has a shape that is not known")
      }
      shapes.append(shape)
    }
    return shapes
  }
}
