import Darknet
import FileSupport

/// Which layers of two models are held against each other.
struct ModelPairing {
  /// A layer of the reference with that of the candidate.
  let layers: [(ComparedModel.Layer, ComparedModel.Layer)]
  /// What the user should know.
  private(set) var warnings: [ModelWarning] = []

  /// - Throws: `ModelFileError` of kind `damaged` if the two are not of the same architecture.
  init(_ reference: ComparedModel, _ candidate: ComparedModel) throws(ModelFileError) {
    switch (reference.architecture, candidate.architecture) {
    case (.darknet(let a), .darknet(let b)):
      let parting = zip(a.layers, b.layers).first { $0.type != $1.type || $0.output != $1.output }
      guard parting == nil, a.layers.count == b.layers.count else {
        let (expected, found) =
          parting.map {
            (
              "layer \($0.index) [\($0.type)] \($0.output.shape)",
              "[\($1.type)] \($1.output.shape)"
            )
          } ?? ("\(a.layers.count) layers", "\(b.layers.count)")
        throw Self.otherArchitecture(reference, candidate, expected: expected, found: found)
      }
      layers = Array(zip(reference.layers, candidate.layers))
    case (.keras, .keras):
      layers = try Self.byNameOrOrder(reference, candidate, &warnings)
      for (a, b) in layers { try Self.check(a, b, reference, candidate) }
    default:
      throw Self.otherArchitecture(
        reference, candidate, expected: "two darknet networks, or two Keras models",
        found: "one of each")
    }
  }

  /// Keras's layers: by name; by the models' own order if names differ, as Keras itself loads weights.
  private static func byNameOrOrder(
    _ reference: ComparedModel, _ candidate: ComparedModel, _ warnings: inout [ModelWarning]
  ) throws(ModelFileError) -> [(ComparedModel.Layer, ComparedModel.Layer)] {
    let (a, b) = (reference.layers, candidate.layers)
    // Compared as bytes: names that look alike may be two.
    let byName = Dictionary(b.map { (Array($0.name.utf8), $0) }, uniquingKeysWith: { x, _ in x })
    let named = a.compactMap { layer in byName[Array(layer.name.utf8)].map { (layer, $0) } }
    guard a.count == b.count else {
      let stranger = a.first { byName[Array($0.name.utf8)] == nil }?.name
      throw otherArchitecture(
        reference, candidate,
        expected: "\(a.count) layers"
          + (stranger.map { ", one of them '\($0.escapedForTerminal)'" } ?? ""),
        found: "\(b.count)")
    }
    if named.count == a.count, byName.count == b.count { return named }
    if let (x, y) = zip(a, b).first(where: { !$0.name.utf8.elementsEqual($1.name.utf8) }) {
      warnings.append(
        ModelWarning(
          file: candidate.path,
          "layers are paired by order, because the models name them otherwise "
            + "('\(y.name.escapedForTerminal)' for '\(x.name.escapedForTerminal)')"))
    }
    return Array(zip(a, b))
  }

  private static func check(
    _ a: ComparedModel.Layer, _ b: ComparedModel.Layer, _ reference: ComparedModel,
    _ candidate: ComparedModel
  ) throws(ModelFileError) {
    guard a.parameters.map(\.shape) == b.parameters.map(\.shape) else {
      var error = otherArchitecture(
        reference, candidate, expected: list(a.parameters), found: list(b.parameters))
      error.places = [.path(b.name)]
      throw error
    }
  }

  private static func list(_ parameters: [ComparedParameter]) -> String {
    parameters.isEmpty
      ? "no variables"
      : parameters.map { "\($0.name.escapedForTerminal) \($0.shape)" }.joined(separator: ", ")
  }

  private static func otherArchitecture(
    _ reference: ComparedModel, _ candidate: ComparedModel, expected: String, found: String
  ) -> ModelFileError {
    ModelFileError(
      .damaged, file: candidate.path, "is of another network than \(reference.path)",
      expected: expected, found: found, remedy: "compare models of the same architecture")
  }
}
