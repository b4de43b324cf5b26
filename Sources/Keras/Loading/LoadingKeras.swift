import FileSupport

/// Which generations of Keras load a full model with `load_model(path, compile=False)`, without any objects of
/// the author's: `tf_keras` 2.21 and Keras 3.15, as spec/keras-hdf5.md says.
public struct LoadingKeras: Sendable {
  /// What is known of one generation.
  public enum Answer: Sendable, Equatable {
    /// It loads the model.
    case loads
    /// It does not, and why.
    case refuses(String)
    /// The rules don't tell, and why.
    case unknown(String)
  }

  /// What is known, by generation.
  public private(set) var answers: [(generation: LoadingGeneration, answer: Answer)] = []

  /// The generations that load the model; `nil` if that is not known of one of them.
  public var generations: [LoadingGeneration]? {
    var loading: [LoadingGeneration] = []
    for (generation, answer) in answers {
      switch answer {
      case .loads: loading.append(generation)
      case .refuses: continue
      case .unknown: return nil
      }
    }
    return loading
  }

  /// Goes through a file as each generation does.
  ///
  /// - Parameters:
  ///   - checkpoint: a file that carries its configuration.
  ///   - configuration: that configuration.
  ///   - model: the model, if its configuration can be read to the end.
  ///   - path: the file's path, by whose ending Keras tells what it is.
  public init(
    _ checkpoint: KerasCheckpoint, configuration: JSONValue, model: KerasModel?, path: String
  ) {
    for generation in LoadingGeneration.allCases {
      answers.append(
        (generation, Self.answer(generation, checkpoint, configuration, model, path: path)))
    }
  }

  private static func answer(
    _ generation: LoadingGeneration, _ checkpoint: KerasCheckpoint, _ configuration: JSONValue,
    _ model: KerasModel?, path: String
  ) -> Answer {
    let isArchive = checkpoint.container == .archive
    let major = checkpoint.kerasVersion?.split(separator: ".").first.flatMap { Int($0) }
    let isOwn = major == generation.rawValue
    var loader = ConfigurationLoader(generation, isArchive: isArchive, isOwn: isOwn)
    do throws(LoadingRefusal) {
      try container(generation, checkpoint, path: path)
      try loader.load(configuration)
      var weights = LoadedWeights(generation, checkpoint, isOwn: isOwn)
      try weights.hold(against: configuration, model)
      if let doubt = (loader.doubts + weights.doubts).first { return .unknown(doubt) }
    } catch {
      return .refuses(error.reason)
    }
    return model == nil ? .unknown("the model can't be read to its end") : .loads
  }

  /// How the file is told from others.
  private static func container(
    _ generation: LoadingGeneration, _ checkpoint: KerasCheckpoint, path: String
  ) throws(LoadingRefusal) {
    let isArchive = checkpoint.container == .archive
    if isArchive {
      guard path.hasSuffix(".keras") else {
        throw LoadingRefusal("\(generation.name) takes an archive only by a name in '.keras'")
      }
    } else if generation == .third {
      guard path.hasSuffix(".h5") || path.hasSuffix(".hdf5") else {
        throw LoadingRefusal("Keras 3 takes an HDF5 file only by a name in '.h5' or '.hdf5'")
      }
    }
    // Python tells the encoding of an archive's bytes, but takes a text as it is.
    if checkpoint.configurationHasByteOrderMark, !isArchive {
      throw LoadingRefusal("the configuration begins with a byte order mark, which is no JSON")
    }
  }
}
