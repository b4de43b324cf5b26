import FileSupport
import HDF5
import ModelGraph

/// Writes the layout of Keras 3's weights: `layers/<class>[_<number>]`, in it the objects that a layer is made of, and the
/// variables of each by their numbers in `vars`.
///
/// tf_keras reads the same layout, but for the objects inside of some layers, which it has as private attributes
/// (`_query_dense`). No model with such a layer can be had for both.
struct Version3Writer {
  private let root: Group
  private let form: KerasForm

  private static let variables: LinkName = "vars"

  /// - Parameter root: the file's root.
  init(_ root: Group, for form: KerasForm) {
    self.root = root
    self.form = form
  }

  /// The variables of a model in the order in which they are written.
  static func order(of model: RewrittenModel) -> [KerasVariable] {
    model.layers.flatMap { $0.variables.map(\.variable) }
  }

  /// Writes the layers.
  func write(
    _ model: RewrittenModel, through writer: inout DatasetWriter,
    progress: DatasetWriter.Progress
  ) throws(ModelFileError) {
    let layers = try root.createGroup(named: Version3Layout.containers[0])
    // Keras 3 looks for the model's own variables, too.
    try root.createGroup(named: Self.variables)
    var numbers: [String: Int] = [:]
    for layer in model.layers {
      let stem = KerasPath.snakeCase(layer.sourceName)
      let number = numbers[stem, default: 0]
      numbers[stem] = number + 1
      guard !layer.variables.isEmpty else { continue }
      let group = try layers.createGroup(
        named: LinkName(number == 0 ? stem : "\(stem)_\(number)"))
      try write(layer, in: group, through: &writer, progress)
    }
  }

  private func write(
    _ layer: RewrittenModel.Layer, in group: Group, through writer: inout DatasetWriter,
    _ progress: DatasetWriter.Progress
  ) throws(ModelFileError) {
    var used: [[String]: Int] = [:]
    for (form, variable) in layer.variables {
      let number = used[form.owner, default: 0]
      used[form.owner] = number + 1
      guard form.copiesBefore == 0 else {
        throw ModelFileError(
          .unsupported, at: [.array(variable.parameter.name)],
          "the layout of Keras 3's weights has this layer's variables twice, which can't be written",
          remedy: "write an .h5")
      }
      let holder = try group.creatingGroup(
        at: path(of: form.owner).map { LinkName($0) } + [Self.variables])
      try writer.write(
        variable,
        at: DatasetWriter.Place(layer: layer.name, group: holder, name: LinkName("\(number)")),
        progress: progress)
    }
  }

  /// The objects that lead to a variable, by the names of those who are to read it.
  private func path(of owner: [String]) -> [String] {
    form == .second && Self.isPrivate(owner) ? VariablePath.private(owner) : owner
  }

  /// Whether tf_keras has an object as a private attribute: those of `MultiHeadAttention`.
  ///
  /// Source: `tf_keras/src/layers/attention/multi_head_attention.py`.
  private static func isPrivate(_ owner: [String]) -> Bool {
    ["query_dense", "key_dense", "value_dense", "output_dense"].contains(owner.last)
  }
}
