import Darknet
import FileSupport
import Inspection
import Keras
import ModelGraph
import Validation

/// The two files that `diff` names. Either may be missing: there is nothing to compare the other with then.
package struct DifferenceSource {
  private let first: ModelFile?
  private let second: ModelFile?
  private let config: ArchitectureFile?
  private let dialect: Dialect?
  /// Whether a cfg that was not named may turn out to be another network's.
  private let toleratesMisfit: Bool
  /// What the files are called in the report, where not by their paths.
  package var names: (first: String, second: String)?

  /// Two files.
  ///
  /// - Parameters:
  ///   - first: the one, `nil` for none.
  ///   - second: the other, `nil` for none.
  ///   - config: the architecture that is named.
  ///   - place: a path beside which an architecture is looked for, where none is named and none stands beside the files.
  ///   - dialect: by which darknet's files are read.
  package init(
    _ first: ModelFile?, _ second: ModelFile?, config: ArchitectureFile?, place: String? = nil,
    dialect: Dialect?
  ) {
    self.first = first
    self.second = second
    self.dialect = dialect
    let own = [first, second].compactMap(\.self)
    let isAlone = own.allSatisfy { $0.configBeside == nil && $0.kerasBeside == nil }
    self.config = config ?? (isAlone ? place.flatMap(Self.architecture) : nil)
    toleratesMisfit = config == nil && place != nil
  }

  private static func architecture(beside path: String) -> ArchitectureFile? {
    DarknetConfigFormat.beside(path)
      ?? KerasArchitecture.beside(path).map { ArchitectureFile($0.path) }
  }

  /// Compares.
  ///
  /// - Parameter examples: how many numbers that differ are told of each tensor.
  /// - Throws: `ModelFileError` of either file.
  package func report(examples: Int) throws(ModelFileError) -> DifferenceReport {
    var a = try contents(of: first, beside: second, named: names?.first)
    var b = try contents(of: second, beside: first, named: names?.second)
    var notes: [String] = []
    if a.isThere, b.isThere, (a.vocabulary == nil) != (b.vocabulary == nil) {
      notes.append("options: \((a.vocabulary == nil ? a : b).path) has none")
    }
    var options: Options?
    let needsModels = try isOfTwoKinds()
    let hasOptions = a.vocabulary != nil && b.vocabulary != nil && a.vocabulary != b.vocabulary
    if let first, let second, needsModels || hasOptions {
      do throws(ModelFileError) {
        let models = try ComparisonSource(
          reference: first, candidate: second, config: config, dialect: dialect,
          allowsPartial: true
        ).models(nil)
        options = try ComparedModel.options(models.reference, models.candidate)
        if needsModels {
          // Both sides are in the order of the network's arrays; its file has their shapes.
          let shapes = (a.namesArePlaces ? a : b).shapes
          a.replaceParameters(by: models.reference, shapes: shapes)
          b.replaceParameters(by: models.candidate, shapes: shapes)
        }
      } catch {
        guard [.unsupported, .damaged, .usage].contains(error.kind) else { throw error }
        notes.append("options: \(error.problem)")
      }
    }
    var report = try DifferenceFinder(a, b, examples: examples).report()
    report.notCompared = notes + report.notCompared
    if let options {
      report.options = options.differences.map(\.entry)
      report.equivalent = options.equivalent.map(\.entry)
      report.notCompared += options.unknown.map { "options: \($0)" }
    }
    return report
  }

  private typealias Options = (
    differences: [ModelDifference], equivalent: [ModelDifference], unknown: [String]
  )

  /// The content of a file as text.
  ///
  /// - Throws: `ModelFileError` of the file.
  package func listing() throws(ModelFileError) -> [String] {
    try ContentsListing(try contents(of: first, beside: nil, named: nil)).lines()
  }

  /// Whether one is a darknet network and the other a Keras model.
  private func isOfTwoKinds() throws(ModelFileError) -> Bool {
    guard let first, let second else { return false }
    let (one, other) = (try kind(of: first), try kind(of: second))
    return one != nil && other != nil && one != other
  }

  /// Whose layers the numbers of a file are of, if anything tells.
  private func kind(of file: ModelFile) throws(ModelFileError) -> ModelVocabulary? {
    if let tensors = try file.tensors(), TensorWeights.dialect(of: tensors) != nil {
      return .darknet
    }
    return try ModelSource(model: file, config: config, dialect: dialect).vocabulary()
  }

  private func contents(
    of file: ModelFile?, beside other: ModelFile?, named name: String?
  ) throws(ModelFileError) -> ModelContents {
    guard let file else { return ModelContents.none(name ?? other?.path ?? "") }
    var contents: ModelContents
    do throws(ModelFileError) {
      contents = try file.format.contents(
        of: ModelSource(model: file, config: config, dialect: dialect), beside: other)
    } catch {
      guard toleratesMisfit, let loose = try? looseContents(of: file) else { throw error }
      contents = loose
      contents.warnings.append(
        ModelWarning(file: name ?? file.path, "is compared without a cfg: \(error.problem)"))
    }
    contents.path = name ?? contents.path
    return contents
  }

  /// The numbers of a `.weights` file that the cfg which stands there today is not for.
  private func looseContents(of file: ModelFile) throws(ModelFileError) -> ModelContents? {
    guard file.format is DarknetWeightsFormat else { return nil }
    return ModelContents(try LooseWeights(of: file.file, dialect: dialect ?? .standard))
  }
}

extension ModelContents {
  /// The shapes of tensors by their names.
  fileprivate var shapes: [String: Shape] {
    Dictionary(tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
  }

  /// The same file with its parameters as both sides of a comparison have them.
  fileprivate mutating func replaceParameters(by model: ComparedModel, shapes: [String: Shape]) {
    let parameters = model.tensors.map { tensor in
      var tensor = tensor
      let shape = shapes[tensor.name]
      if let shape, shape.elementCount == tensor.shape.elementCount { tensor.shape = shape }
      return tensor
    }
    tensors = parameters + tensors.filter { $0.role != .parameter }
    // Both are in the order of one network.
    layers = []
  }
}

extension ModelDifference {
  fileprivate var entry: DifferenceReport.Entry {
    .init(layer: layer, key: option, first: reference, second: candidate)
  }
}
