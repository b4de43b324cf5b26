import FileSupport
import ModelGraph

/// Holds a configuration that was rewritten against the model that it came from, as a generation of Keras reads it: it
/// must load, and compute the same.
struct RewritingProof {
  private let generation: LoadingGeneration
  private let form: KerasForm
  private let isArchive: Bool

  /// - Parameters:
  ///   - generation: the reader.
  ///   - form: for whom the file is.
  ///   - isArchive: whether it is a `.keras` archive.
  init(_ generation: LoadingGeneration, of form: KerasForm, isArchive: Bool) {
    self.generation = generation
    self.form = form
    self.isArchive = isArchive
  }

  /// - Parameters:
  ///   - rewritten: what is to be written.
  ///   - network: the model that it came from.
  ///   - maker: by whose rules that computes; `nil` for the reader's.
  ///   - warnings: gets what is not known.
  /// - Throws: `ModelFileError` of kind `unsupported` naming the layer that is not loaded, or computed otherwise.
  func prove(
    _ rewritten: KerasNetwork, computes network: KerasNetwork, by maker: KerasGeneration?,
    _ warnings: inout [ModelWarning]
  ) throws(ModelFileError) {
    try load(rewritten.configuration, &warnings)
    let reader: KerasGeneration = generation == .second ? .second : .third
    let (shapes, graph, layers) = try network.described(by: maker ?? reader).loweredAnyhow()
    let other = try lowered(rewritten.described(by: reader), for: shapes)
    guard let difference = graph.difference(from: other) else { return }
    let layer = difference.node.layer ?? layers.first { $0.node >= difference.node.id }?.reference
    throw ModelFileError(
      .unsupported, at: layer.map { [$0.place] } ?? [],
      "\(generation.name) computes '\((layer?.name ?? difference.node.name).escapedForTerminal)' otherwise",
      found: difference.what,
      remedy: "write the file for the Keras that made it, with --keras")
  }

  /// What the reader computes.
  private func lowered(
    _ rewritten: KerasNetwork, for shapes: [Shape]
  ) throws(ModelFileError) -> Graph {
    do {
      return try rewritten.lowered(for: shapes).graph
    } catch {
      throw ModelFileError(
        .unsupported, file: error.file, at: error.places,
        "what \(generation.name) would compute is not known: \(error.problem)",
        expected: error.expected, found: error.found,
        remedy: "write the file for the Keras that made it, with --keras")
    }
  }

  /// Goes through the configuration as the generation does.
  private func load(
    _ configuration: JSONValue, _ warnings: inout [ModelWarning]
  ) throws(ModelFileError) {
    // As `inspect` will take it to be, by the version that the file names.
    let isOwn = form.isThird == (generation == .third)
    var loader = ConfigurationLoader(generation, isArchive: isArchive, isOwn: isOwn)
    do throws(LoadingRefusal) {
      try loader.load(configuration)
    } catch {
      throw ModelFileError(
        .unsupported, "\(generation.name) would not load what can be written: \(error.reason)",
        remedy: "--keras names the Keras that the file is for, and --to the container")
    }
    for doubt in loader.doubts {
      warnings.append(
        ModelWarning("whether \(generation.name) loads the file is not known: \(doubt)"))
    }
  }
}

extension KerasNetwork {
  /// The graph with those extents of the inputs filled in that are left open.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if the model can't be lowered with any that were tried.
  fileprivate func loweredAnyhow() throws(ModelFileError) -> (
    shapes: [Shape], graph: Graph, layers: [Layer]
  ) {
    var failure: ModelFileError?
    for extent in Self.openExtents {
      let shapes = inputs.map { input in
        Shape((input.shape?.extents ?? []).map { $0 ?? extent })
      }
      do throws(ModelFileError) {
        let (graph, layers, _) = try lowered(for: shapes)
        return (shapes, graph, layers)
      } catch {
        failure = failure ?? error
      }
      guard inputs.contains(where: { $0.shape?.known == nil }) else { break }
    }
    throw failure ?? ModelFileError(.unsupported, "the model has no inputs")
  }

  /// Extents with which networks can be computed that leave theirs open: steps, and sizes of pictures, large enough for
  /// what halves them several times, some of which others can't be divided by.
  private static let openExtents = [32, 8, 64, 224, 416, 5, 299, 1]
}
