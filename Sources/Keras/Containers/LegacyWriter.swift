import FileSupport
import HDF5
import ModelGraph

/// Writes the legacy layout (`.h5`): a group for each layer that has variables, with its datasets below it.
///
/// Keras pairs these with the layers of the rebuilt model by position, so they are listed in the order of
/// `model.layers`; inside a layer those that training changes come first.
struct LegacyWriter {
  private let group: Group

  /// - Parameter group: the group of the layers: `model_weights` of a full model, or the root.
  init(_ group: Group) { self.group = group }

  /// A layer's variables in the layout's order, each under the name that the layout has for it.
  private static func variables(
    of layer: RewrittenModel.Layer
  ) -> [(variable: KerasVariable, name: LinkName)] {
    var left = layer.variables
    let ordered = WeightAssignment.legacyOrder(left.map(\.form)).compactMap { form in
      left.firstIndex { $0.form == form }.map { left.remove(at: $0) }
    }
    var taken: Set<String> = []
    return ordered.map { form, variable in
      // Layers in one layer may have variables of one name, which stand in groups of their own then.
      let name =
        taken.contains(form.name) ? (form.owner + [form.name]).joined(separator: "/") : form.name
      taken.insert(name)
      return (variable, LinkName("\(name):0"))
    }
  }

  /// The variables of a model in the order in which they are written.
  static func order(of model: RewrittenModel) -> [KerasVariable] {
    model.layers.flatMap { variables(of: $0).map(\.variable) }
  }

  /// Writes the layers.
  func write(
    _ model: RewrittenModel, through writer: inout DatasetWriter,
    progress: DatasetWriter.Progress
  ) throws(ModelFileError) {
    let layers = model.layers.filter { !$0.variables.isEmpty }
    try LegacyNames.write(
      layers.map { LinkName($0.name) }, as: LegacyNames.layers, of: group)
    for layer in layers {
      let place = try group.creatingGroup(at: LegacyNames.path(of: LinkName(layer.name)))
      let variables = Self.variables(of: layer)
      try LegacyNames.write(variables.map(\.name), as: LegacyNames.weights, of: place)
      for (variable, name) in variables {
        let path = LegacyNames.path(of: name)
        guard let last = path.last else { continue }
        let inner = try place.creatingGroup(at: Array(path.dropLast()))
        try writer.write(
          variable, at: DatasetWriter.Place(layer: layer.name, group: inner, name: last),
          progress: progress)
      }
    }
  }
}

extension Group {
  /// The group at a path; what is missing of it is created.
  func creatingGroup(at path: [LinkName]) throws(ModelFileError) -> Group {
    var group = self
    for name in path {
      let isThere = try group.hasLink(named: name)
      group = isThere ? try group.group(named: name) : try group.createGroup(named: name)
    }
    return group
  }
}
