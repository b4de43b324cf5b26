import FileSupport
import ModelGraph

/// How much of a network a `.weights` file holds.
public enum WeightsStatus: Sendable, Equatable {
  /// Every array, and nothing more.
  case complete
  /// Whole layers, then the end; `layersLoaded` is the index of the last one, plus one.
  case partial(layersLoaded: Int)
  /// The file ends inside a layer, or inside its header.
  case truncated
  /// Bytes follow the last array.
  case trailing(bytes: UInt64)
}

/// Where the arrays of a network lie in a `.weights` file with a given header, whether the file is
/// there already or about to be written.
public struct WeightsLayout: Sendable {
  /// The floats by the cfg.
  public let plan: WeightsPlan
  /// The header.
  public let header: WeightsHeader

  /// A layout.
  public init(plan: WeightsPlan, header: WeightsHeader) {
    self.plan = plan
    self.header = header
  }

  /// The size of a file that fits, in bytes.
  public var byteCount: UInt64 { UInt64(header.byteCount) + UInt64(plan.floatCount) * 4 }

  /// Where an array begins, in bytes from the start of the file.
  public func offset(of entry: WeightsPlan.Entry) -> UInt64 {
    UInt64(header.byteCount) + UInt64(entry.start) * 4
  }

  /// The shape of an array as the file stores it.
  public func storedShape(of array: StoredArray) -> Shape {
    array.isMatrix && header.isTransposed
      ? Shape(array.shape.extents.reversed()) : array.shape
  }

  /// The order in which to walk an array of this file to write it into one of another layout.
  public func view(of array: StoredArray, writtenAs other: WeightsLayout) -> StridedView {
    let turns = array.isMatrix && header.isTransposed != other.header.isTransposed
    let stored = StridedView(contiguous: storedShape(of: array))
    return turns ? stored.permuted([1, 0]) : stored
  }

  /// How the elements of an array's shape lie in the file.
  func view(of array: StoredArray) -> StridedView {
    let stored = StridedView(contiguous: storedShape(of: array))
    return array.isMatrix && header.isTransposed ? stored.permuted([1, 0]) : stored
  }
}

/// A `.weights` file held against a network: its header, and where each array lies.
public struct WeightsFile: NetworkWeights {
  /// The file.
  public let file: InputFile
  /// The network that it is read for.
  public let network: Network
  /// Where its arrays lie. The header has the length with which the file fits the network exactly, if
  /// one does; else the length that the dialect's rule gives.
  public let layout: WeightsLayout
  /// How much of the network is there.
  public let status: WeightsStatus
  /// Whether its numbers can be those of the network.
  private let soundness: WeightsSoundness
  /// What is odd about its size, its header and its end.
  public let oddities: [ModelWarning]
  /// What is odd about its numbers, as far as a sample shows it.
  public var doubts: [ModelWarning] { soundness.doubts }
  /// What is odd about the file.
  public var warnings: [ModelWarning] { oddities + doubts }
  /// The header that stands for what precedes the numbers, where the reader was told how much that is.
  private let mended: WeightsHeader?
  /// What shows that a file of the right size does not hold the numbers of a network; `nil` if nothing does.
  public var damage: ModelFileError? { soundness.damage }

  /// Opens a file and works out how it fits. What does not fit is told by ``status``; of the numbers a sample
  /// is looked at.
  ///
  /// - Throws: `ModelFileError` of kind `unreadable`.
  public init(path: String, network: Network) throws(ModelFileError) {
    try self.init(of: try InputFile(path: path), network: network)
  }

  /// Works out how a file fits that is open already.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - network: the network that it is read for.
  ///   - headerLength: how many bytes stand before the first number, whatever the file says.
  /// - Throws: `ModelFileError` if it can't be read.
  public init(
    of file: InputFile, network: Network, headerLength: HeaderLength? = nil
  ) throws(ModelFileError) {
    if let headerLength {
      try self.init(of: file, network: network, behind: headerLength)
    } else {
      try self.init(judging: file, network: network)
    }
  }

  /// A file whose size and version tell where its numbers begin.
  private init(judging file: InputFile, network: Network) throws(ModelFileError) {
    let path = file.path
    let plan = WeightsPlan(network)
    let bytes = try file.prefix(20)
    let dialect = network.dialect
    let raw = WeightsHeader(bytes, byteCount: 16, dialect: dialect)
    let ruled = WeightsHeader.length(major: raw.major, minor: raw.minor, dialect: dialect)
    let expected = UInt64(plan.floatCount) * 4
    let fitting = WeightsHeader.lengths.first { UInt64($0) + expected == file.size }
    // A file that fits with both lengths does not exist: they differ by a float.
    let length = fitting ?? ruled
    var warnings: [ModelWarning] = []
    if let fitting, fitting != ruled {
      warnings.append(
        ModelWarning(
          file: path, at: [.byte(0)],
          "version \(raw.major).\(raw.minor) calls for a header of \(ruled) bytes, but the file fits "
            + "the cfg with \(fitting); taken as \(fitting); this one has a header as its version calls for: "
            + HeaderRemedy(file: file, network: network).command(fitting)))
    }
    let header = WeightsHeader(bytes, byteCount: length, dialect: dialect)
    let layout = WeightsLayout(plan: plan, header: header)
    status = Self.status(size: file.size, header: length, plan: plan)
    switch status {
    case .complete, .partial:
      soundness = try WeightsSoundness(file, layout, network, ruledHeader: ruled)
    case .truncated, .trailing: soundness = WeightsSoundness()
    }
    self.file = file
    self.network = network
    self.layout = layout
    mended = nil
    oddities = warnings + soundness.oddities
  }

  /// A file whose numbers begin where the reader was told.
  private init(
    of file: InputFile, network: Network, behind told: HeaderLength
  ) throws(ModelFileError) {
    let plan = WeightsPlan(network)
    let length = told.byteCount
    let mending = HeaderMending(
      Array(try file.prefix(length)), dialect: network.dialect)
    let layout = WeightsLayout(
      plan: plan, header: mending.header.taking(byteCount: length))
    status = Self.status(size: file.size, header: length, plan: plan)
    switch status {
    case .complete, .partial:
      soundness = try WeightsSoundness(file, layout, network, ruledHeader: length)
    case .truncated, .trailing: soundness = WeightsSoundness()
    }
    let header = mending.header
    let version = "\(header.major).\(header.minor).\(header.revision)"
    let warning = ModelWarning(
      file: file.path, at: [.byte(0)],
      "read with \(length.counted("byte")) before the first number, as told; the header is "
        + (mending.isWhole ? "" : "not all there: it is made ")
        + "version \(version), \(header.seen.counted("image")) seen")
    self.file = file
    self.network = network
    self.layout = layout
    mended = header
    oddities = [warning] + soundness.oddities
  }

  /// Checks that the file holds numbers to compute with: all of the network's, or those of its first layers.
  ///
  /// - Parameters:
  ///   - allowsPartial: whether the last layers may lack theirs.
  /// - Throws: `ModelFileError` of kind `damaged` that says why it does not.
  public func requireNumbers(allowsPartial: Bool = false) throws(ModelFileError) {
    switch status {
    case .complete: break
    case .partial where allowsPartial: break
    default: throw try SizeMismatch(self).error()
    }
    if let damage = soundness.damage ?? soundness.shift { throw damage }
  }

  private static func status(size: UInt64, header: Int, plan: WeightsPlan) -> WeightsStatus {
    guard size >= UInt64(header) else { return .truncated }
    let payload = size - UInt64(header)
    let expected = UInt64(plan.floatCount) * 4
    if payload == expected { return .complete }
    if payload > expected { return .trailing(bytes: payload - expected) }
    guard payload % 4 == 0, let layers = plan.layersEnding(at: Int(payload / 4)) else {
      return .truncated
    }
    return .partial(layersLoaded: layers)
  }

  /// Whole floats behind the header.
  var floatsFound: Int {
    file.size < UInt64(header.byteCount)
      ? 0 : Int(clamping: (file.size - UInt64(header.byteCount)) / 4)
  }

  /// The bytes of a planned array, `nil` if the file does not hold all of it.
  public func source(_ entry: WeightsPlan.Entry) -> (any TensorSource)? {
    guard entry.end <= floatsFound else { return nil }
    return FileRegion(
      file: file, offset: layout.offset(of: entry), byteCount: 4 * entry.array.count)
  }

  /// The file's own header bytes, or those that stand for them.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  public func headerBytes() throws(ModelFileError) -> [UInt8] {
    if let mended { return mended.bytes }
    return try file.prefix(header.byteCount)
  }
}
