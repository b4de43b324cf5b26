import Conversion
import Darknet
import Detection
import FileSupport
import Images
import Inference
import ModelGraph

/// A darknet detector, or the Keras model that it became, ready to find things in pictures.
///
/// The computation is planned once and can be run any number of times, by several threads at the same time. Numbers may be
/// read from the file at any time, so it has to stay as it is.
public final class Detector: Sendable {
  /// How pictures are looked at.
  public struct Settings: Sendable {
    /// How a picture is fitted; by default as darknet's own command does it for the model's dialect.
    public var fitting: PictureInput.Fitting?
    /// The least probability.
    public var threshold: Float = 0.25
    /// How much boxes of one class may overlap; 0 leaves all.
    public var overlap: Float = 0.45

    /// As darknet's command has them.
    public init() {}
  }

  /// The columns, rows and channels of the network's input.
  public let input: (width: Int, height: Int, channels: Int)
  /// How many classes it tells apart.
  public let classes: Int
  /// What they are called, if that is known.
  public let names: ClassNames?
  /// What is odd about the files.
  public let warnings: [ModelWarning]

  private let path: String
  private let fitting: PictureInput.Fitting?
  private let session: any EngineSession
  private let heads: [(node: Int, decoder: BoxDecoder)]
  private let suppression: HeadDescription.Suppression

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - path: the file: darknet `.weights`, or an `.h5` that nnfmt made of one.
  ///   - architecture: the cfg; by default the one beside the file with the same stem, or the one that it carries.
  ///   - names: the names of the classes; by default those that the file carries, or the file beside it with the same stem
  ///     and the ending `.names`.
  ///   - dialect: which darknet the model is read as; by default what the files say.
  ///   - engine: what computes; by default that of `StandardEngine`.
  /// - Throws: `ModelFileError`: `unreadable`, `damaged` or `usage` if the files hold no whole detector, `unsupported` if it
  ///   can't be computed.
  public init(
    path: String, architecture: String? = nil, names: String? = nil, dialect: Dialect? = nil,
    engine: any Engine = StandardEngine.make()
  ) throws(ModelFileError) {
    self.path = path
    let source = ModelSource(
      model: try ModelFile(path), config: architecture.map { ArchitectureFile($0) },
      dialect: dialect)
    let (network, model) = try Self.network(of: source)
    let placed = network.layers.compactMap { layer in
      (layer.layer as? any HeadLayer).map { (layer: layer, head: $0.description) }
    }
    let size = network.options.input
    guard let last = placed.last, size.isImage else {
      throw ModelFileError(
        .unsupported, file: network.config.path, "the network has no detection head",
        expected: "a [yolo], [Gaussian_yolo], [region] or [detection] section",
        remedy: "`nnfmt run` computes the outputs of other networks")
    }
    var heads: [(Int, BoxDecoder)] = []
    for (layer, head) in placed {
      do {
        let tree = try network.classTree(of: head)
        let decoder = try BoxDecoder(
          head, grid: (layer.output.width, layer.output.height), input: (size.width, size.height),
          tree: tree)
        heads.append((model.layers[layer.index].node, decoder))
      } catch {
        throw error.at(layer.reference.places).inFile(network.config.path)
      }
    }
    self.heads = heads
    suppression = last.head.suppression
    input = (size.width, size.height, size.channels)
    let classes = placed.map(\.head.classes).max() ?? 0
    self.classes = classes
    fitting = network.picture?.fitting
    self.names = try source.classNames(names, count: classes)
    warnings = model.warnings
    do {
      session = try engine.prepare(model.graph, wanting: Set(heads.map(\.0)))
    } catch {
      throw error.inFile(path)
    }
  }

  private static func network(
    of source: ModelSource
  ) throws(ModelFileError) -> (Network, RunnableModel) {
    if source.model.format.vocabulary == .keras {
      let checkpoint = try source.checkpoint()
      return (checkpoint.network, try RunnableModel(checkpoint))
    }
    let weights = try source.weights()
    return (weights.network, try RunnableModel(weights))
  }

  /// The name of a class; `nil` if it has none.
  public func name(ofClass number: Int) -> String? {
    names?.name(of: number)
  }

  /// Looks for things in a picture.
  ///
  /// - Returns: what was found, the likeliest first, with boxes in parts of the picture.
  /// - Throws: `ModelFileError`: `unsupported` for a network that takes no pictures, `damaged` if memory is too short.
  public func detect(
    in picture: Picture, _ settings: Settings = Settings()
  ) throws(ModelFileError) -> [DetectedObject] {
    guard [1, 3].contains(input.channels) else {
      throw ModelFileError(
        .unsupported, file: path, "the network takes no pictures",
        expected: "an input of 1 or 3 channels", found: "\(input.channels)",
        remedy: "give it an array: --input X.npy")
    }
    let resizing =
      switch settings.fitting ?? fitting ?? .stretch {
      case .letterbox: PictureResizing.letterbox(of: picture, to: input.width, input.height)
      case .stretch: PictureResizing.stretch(to: input.width, input.height)
      }
    let tensor = Tensor(
      shape: Shape([1, input.channels, input.height, input.width]),
      values: resizing.planes(of: picture, channels: input.channels))
    let placement = Placement(
      input: (input.width, input.height),
      picture: (resizing.target.width, resizing.target.height))
    return try detect(in: tensor, placement, settings)[0]
  }

  /// Looks for things in arrays that are the network's inputs already.
  ///
  /// - Parameters:
  ///   - array: `[N, C, H, W]`, or one sample without its batch axis.
  ///   - settings: how likely what is found must be, and how much boxes may overlap.
  /// - Returns: what was found in each sample, the likeliest first, with boxes in parts of the input.
  /// - Throws: `ModelFileError` of kind `damaged` if the array does not fit, or memory is too short.
  public func detect(
    in array: Tensor, _ settings: Settings = Settings()
  ) throws(ModelFileError) -> [[DetectedObject]] {
    let whole = (width: input.width, height: input.height)
    return try detect(in: array, Placement(input: whole, picture: whole), settings)
  }

  private func detect(
    in array: Tensor, _ placement: Placement, _ settings: Settings
  ) throws(ModelFileError) -> [[DetectedObject]] {
    var values: [Int: Tensor] = [:]
    do {
      try session.run([array], onStep: { _, _ in }, onValue: { values[$0.id] = $1 })
    } catch {
      throw error.inFile(path)
    }
    let batch = values.values.first?.batch ?? 1
    return (0..<batch).map { sample in
      var candidates: [Candidate] = []
      for (node, decoder) in heads {
        guard let output = values[node] else { continue }
        let count = output.sampleCount
        let numbers = Array(output.values[(sample * count)..<((sample + 1) * count)])
        candidates += decoder.candidates(in: numbers, threshold: settings.threshold)
      }
      return suppression.objects(
        among: candidates.map { $0.placed(by: placement) }.filter(\.box.isFinite),
        threshold: settings.overlap)
    }
  }
}
