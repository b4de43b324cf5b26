import FileSupport
import Keras
import ModelGraph

/// The layers of models that are layers themselves, with the arrays that the file holds for them.
struct Submodels {
  /// An array of the layer outside, and the variable that it is, where that is known.
  typealias Held = (parameter: Summary.StoredParameter, form: KerasVariableForm?)

  let generation: KerasGeneration
  /// Whether arrays go by the names of their variables, because the file has numbers in their place.
  let namesByForm: Bool

  /// The rows of the layers inside.
  ///
  /// - Parameters:
  ///   - position: which layer of `model` they are inside of.
  ///   - arrays: what the file holds for that layer.
  /// - Returns: `nil` for a layer that is no model, or where not all is known of it.
  /// - Throws: `ModelFileError` of kind `damaged` if the model inside contradicts itself.
  func rows(
    at position: Int, of model: KerasModel, holding arrays: [Held]
  ) throws(ModelFileError) -> [Summary.Layer]? {
    guard let submodel = try model.submodel(at: position) else { return nil }
    let inner = submodel.model
    let work = try inner.work(by: generation)
    let shares = share(arrays, of: model.layers[position], in: submodel)
    var inside: [Summary.Layer] = []
    for (index, layer) in inner.layers.enumerated() {
      var row = Summary.Layer(index, layer, work)
      for (parameter, form) in shares[index] {
        var named = parameter
        if namesByForm, let form { named.name = form.name }
        row.take(named)
      }
      row.children = try rows(at: index, of: inner, holding: shares[index])
      inside.append(row)
    }
    return inside
  }

  /// What each layer inside has of the arrays.
  private func share(
    _ arrays: [Held], of layer: KerasLayer, in submodel: KerasSubmodel
  ) -> [[Held]] {
    var shares = [[Held]](repeating: [], count: submodel.model.layers.count)
    let outer = layer.forms ?? []
    // Names are looked up from behind, so that of equal ones the first is taken first.
    var places = Dictionary(grouping: outer.indices.reversed()) { outer[$0].name }
    for (parameter, form) in arrays {
      guard let form, let place = places[form.name]?.popLast(),
        submodel.variables.indices.contains(place)
      else { continue }
      let (owner, inside) = submodel.variables[place]
      shares[owner].append((parameter, inside))
    }
    return shares
  }
}
