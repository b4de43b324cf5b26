import Darknet
import FileSupport
import Inference
import Validation

/// Tells whether two model files of any formats hold the same model, whether one computes what was recorded, and whether
/// it is healthy, as `nnfmt validate` does.
///
/// A validator keeps nothing of what it has read. Several threads may use it at the same time.
public struct Validator: Sendable {
  /// What the files don't say themselves, and what the models are run on.
  public struct Options: Sendable, Equatable {
    /// The cfg, or the file with the Keras model, of files that hold numbers only; by default the one beside them with the
    /// same stem.
    public var architecture: String?
    /// Which darknet the models are read as; by default what the files say.
    public var dialect: Dialect?
    /// Whether files may lack their last layers.
    public var allowsPartial = false
    /// The inputs in the reference's layout: `X.npy` or a picture, or `NAME=X.npy`, in any order then. If there are none, they are made
    /// from the seed; a recording has its own.
    public var inputs: [String] = []
    /// What is said of inputs that are pictures.
    public var pictures = PictureOptions()
    /// What made-up inputs depend on; 1 if there is none.
    public var seed: UInt64?

    /// Nothing beyond what the files say.
    public init() {}
  }

  let engine: any Engine
  let locksFiles: Bool

  /// A validator.
  ///
  /// - Parameters:
  ///   - engine: what computes; by default that of `StandardEngine`, which sums directly: faster algorithms round more.
  ///   - locksFiles: whether HDF5 files are locked against writers.
  public init(
    engine: any Engine = StandardEngine.make(algorithms: .direct), locksFiles: Bool = true
  ) {
    self.engine = engine
    self.locksFiles = locksFiles
  }

  /// Compares two model files.
  ///
  /// - Parameters:
  ///   - reference: the file of the model that is right.
  ///   - candidate: the file to check.
  ///   - options: what the files don't say themselves.
  ///   - onProgress: is told on the caller's thread how many of how many values of the layers have been compared.
  /// - Returns: whether they match, and what departs.
  /// - Throws: `ModelFileError` if the two can't be compared: `unreadable`, `damaged`, `unsupported`, or `usage` if the
  ///   options don't fit the files.
  public func compare(
    _ reference: String, with candidate: String, options: Options = Options(),
    onProgress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(ModelFileError) -> ComparisonReport {
    let arrays = try arrays(of: reference, options)
    let models = try models(reference, candidate, options, arrays?.shapes)
    let comparison = try Comparison(models.reference, models.candidate, engine: engine)
    guard comparison.computes else {
      guard arrays == nil, options.seed == nil else {
        throw ModelFileError(
          .usage, file: reference, "cfgs have no numbers to compute with, and tensors no model",
          remedy: "leave out \(arrays == nil ? "--seed" : "--input")")
      }
      return try comparison.report(inputs: [])
    }
    let inputs = try arrays?.tensors(for: comparison.inputs.map { ($0.name, $0.shape) })
    let seed = options.madeUpSeed
    return try comparison.report(
      inputs: inputs ?? comparison.inputs(seed: seed), seed: seed, onProgress: onProgress)
  }

  /// Two models as comparisons see them; a file that is both is opened once.
  ///
  /// - Parameter shapes: gives the shapes of the inputs, if there are any.
  func models(
    _ reference: String, _ candidate: String, _ options: Options, _ shapes: InputShapes?
  ) throws(ModelFileError) -> ComparisonSource.Models {
    let first = try ModelFile(reference, locksFile: locksFiles)
    return try ComparisonSource(
      reference: first,
      candidate: candidate == reference ? first : try ModelFile(candidate, locksFile: locksFiles),
      config: options.architecture.map(ArchitectureFile.init), dialect: options.dialect,
      allowsPartial: options.allowsPartial
    ).models(shapes)
  }
}

extension Validator {
  /// The arrays and pictures that are named for a model, if any are.
  func arrays(of path: String, _ options: Options) throws(ModelFileError) -> InputArrays? {
    guard !options.inputs.isEmpty else { return nil }
    let source = try source(path, options)
    return InputArrays(
      options.inputs, pictures: PictureFeeding(for: source, options.pictures))
  }
}

extension Validator.Options {
  /// The seed of made-up inputs.
  var madeUpSeed: UInt64 { seed ?? 1 }
}
