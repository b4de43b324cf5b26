import Conversion
import Darknet
import FileSupport
import Inspection
import Keras
import ModelGraph
import Validation

/// By whose layers a model is described: what `nnfmt layers --format` names.
package enum ModelVocabulary: String, CaseIterable {
  case darknet
  case keras
}

/// What `inspect` is to tell.
package struct InspectionWishes {
  /// The architectures that are named.
  let configs: [String]
  let digests: Bool
  let statistics: Bool
  let locksFile: Bool
  /// The sizes of the model's inputs, where it leaves extents open.
  let inputSizes: [Shape]
  /// Whether attributes are listed.
  let attributes: Bool
  /// Whether the layers of models among the layers are told.
  let submodels: Bool

  /// Wishes.
  package init(
    configs: [String], digests: Bool, statistics: Bool, locksFile: Bool, inputSizes: [Shape] = [],
    attributes: Bool = false, submodels: Bool = false
  ) {
    self.submodels = submodels
    self.attributes = attributes
    self.inputSizes = inputSizes
    self.configs = configs
    self.digests = digests
    self.statistics = statistics
    self.locksFile = locksFile
  }
}

/// What `convert` is told.
package struct ConversionOptions {
  let output: String
  let header: HeaderGeneration?
  /// Only layers in front of this one are written.
  let limit: Int?
  let compression: Int?
  /// For which Keras a file of its is written.
  let form: KerasForm
  let allowsPartial: Bool
  /// The file with the names of the classes.
  let names: String?

  /// Options.
  package init(
    output: String, header: HeaderGeneration?, limit: Int?, compression: Int?, form: KerasForm,
    allowsPartial: Bool, names: String? = nil
  ) {
    self.names = names
    self.output = output
    self.header = header
    self.limit = limit
    self.compression = compression
    self.form = form
    self.allowsPartial = allowsPartial
  }

  /// How a Keras model is written in a container.
  func kerasTarget(_ container: KerasContainer) -> KerasTarget {
    KerasTarget(container: container, form: form, compression: compression)
  }

  /// The names of the classes, held against the heads of a network.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if there are more or fewer.
  func nameLines(for network: Network?) throws(ModelFileError) -> [UInt8]? {
    guard let names else { return nil }
    var list = try ClassNames(path: names)
    let classes = network?.layers.compactMap { ($0.layer as? any HeadLayer)?.description.classes }
    if let count = classes?.max() { list = try list.names(ofClasses: count, path: names) }
    return list.text
  }

  /// - Throws: `ModelFileError` of kind `usage` if a network has fewer layers than are to be written.
  func checkLimit(in network: Network) throws(ModelFileError) {
    guard let limit, limit > network.layers.count else { return }
    throw ModelFileError(
      .usage, file: network.config.path, "the network has fewer layers than --upto asks for",
      expected: "0 to \(network.layers.count)", found: "\(limit)", remedy: "give a smaller number")
  }
}

/// A model to compute with.
package enum ComputableModel {
  /// One that takes inputs of one shape.
  case graph(RunnableModel)
  /// A Keras model, whose graph depends on the shapes of its inputs.
  case keras(KerasNetwork)

  /// The graph for the inputs whose shapes are told.
  ///
  /// - Throws: as ``RunnableModel``'s initializers, or what `inputs` throws.
  package func runnable(inputs: InputShapes) throws(ModelFileError) -> RunnableModel {
    switch self {
    case .graph(let model): model
    case .keras(let network): try RunnableModel(network, inputs: try inputs(network.inputs))
    }
  }
}

/// Gives the shapes of the arrays for a Keras model's inputs, which it needs where it leaves extents open.
package typealias InputShapes = ([KerasNetwork.ModelInput]) throws(ModelFileError) -> [Shape]

/// A format that nnfmt reads: how a file of it is told, and what can be made of one. ``ModelFormats`` lists them.
package protocol ModelFormat: Sendable {
  /// By whose layers every file of it is described; `nil` where that is told elsewhere.
  var vocabulary: ModelVocabulary? { get }
  /// Whether its files hold numbers.
  var hasNumbers: Bool { get }
  /// Whether its files have a header whose length can be told.
  var hasDarknetHeader: Bool { get }
  /// What it is called in a list of formats.
  var title: String { get }
  /// What a name with one of ``endings`` speaks of.
  var nameInWarnings: String { get }
  /// What a file of it holds, where its name says something else.
  var content: String { get }
  /// The endings of names that speak of it, in lower case.
  var endings: [String] { get }
  /// Those that help texts name.
  var shownEndings: [String] { get }

  /// Whether a file is of this format, sound or damaged.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for a file that can only be one of this format, and is none.
  func recognizes(_ file: InputFile, _ content: FileContent) throws(ModelFileError) -> Bool

  /// What a file holds.
  ///
  /// - Returns: the summary and, if the file is not sound, why.
  func summary(
    of source: ModelSource, _ wishes: InspectionWishes
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?)

  /// What a file holds, beside the one that it is held against; that one may tell the architecture.
  func contents(
    of source: ModelSource, beside other: ModelFile?
  ) throws(ModelFileError) -> ModelContents

  /// The model to compute with.
  func computable(
    of source: ModelSource, allowsPartial: Bool
  ) throws(ModelFileError) -> ComputableModel

  /// The model on its way to another format.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a way that there is not.
  func conversion(
    of source: ModelSource, to target: OutputFormat, _ options: ConversionOptions
  ) throws(ModelFileError) -> any ModelConversion

  /// The model as one of two of darknet's vocabulary, which are compared.
  ///
  /// - Throws: `ModelFileError` if it is none, or has no numbers where the other one has some.
  func darknetModel(of side: ComparisonSide) throws(ModelFileError) -> ComparedModel
}

extension ModelFormat {
  var hasNumbers: Bool { true }
  var hasDarknetHeader: Bool { false }
  var nameInWarnings: String { title }
  var content: String { title }
  var shownEndings: [String] { endings }

  func isNamed(_ path: String) -> Bool {
    let name = path.lowercased()
    return endings.contains(where: name.hasSuffix)
  }

  /// The error about a way from a model to a mere description.
  func notAConfig(_ source: ModelSource) -> ModelFileError {
    ModelFileError(
      .unsupported, file: source.model.path, "only a cfg can be rewritten as a cfg",
      expected: "a darknet cfg",
      remedy:
        "an .h5 that carries a cfg gives it back beside its .weights: name the output .weights")
  }
}
