import FileSupport
import HDF5

/// Writes the optimizer's state beside the weights.
struct TrainingWriter {
  private let root: Group

  /// - Parameter root: the file's root.
  init(_ root: Group) { self.root = root }

  /// Writes the variables, which each Keras reads in their order: in the legacy layout that of the list of their names,
  /// in Keras 3's that of their numbers.
  func write(
    _ variables: [KerasVariable], inLegacyLayout isLegacy: Bool,
    through writer: inout DatasetWriter, progress: DatasetWriter.Progress
  ) throws(ModelFileError) {
    guard isLegacy else {
      let group = try root.creatingGroup(at: [KerasCheckpoint.optimizer, "vars"])
      for (number, variable) in variables.enumerated() {
        try writer.write(
          variable,
          at: DatasetWriter.Place(layer: "optimizer", group: group, name: LinkName("\(number)")),
          progress: progress)
      }
      return
    }
    let group = try root.createGroup(named: KerasCheckpoint.optimizerWeights)
    let names = variables.map { LinkName("\($0.name):0") }
    try LegacyNames.write(names, as: LegacyNames.weights, of: group)
    for (variable, name) in zip(variables, names) {
      let path = LegacyNames.path(of: name)
      guard let last = path.last else { continue }
      try writer.write(
        variable,
        at: DatasetWriter.Place(
          layer: "optimizer", group: try group.creatingGroup(at: Array(path.dropLast())), name: last
        ),
        progress: progress)
    }
  }
}
