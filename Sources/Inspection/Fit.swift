import Darknet
import FileSupport

/// How a `.weights` file fits one of several cfgs.
public struct Fit: Sendable {
  /// The cfg.
  public let config: String
  /// How much of the network the file holds; `nil` if the cfg can't be read.
  public let status: Summary.Status?
  /// The size that the cfg calls for, in bytes.
  public let expectedBytes: UInt64?
  /// Layers that have their numbers, of a partial file.
  public let layersLoaded: Int?
  /// Bytes that the file has more than the cfg calls for.
  public let difference: Int64?
  /// Why the file does not fit, or the cfg can't be read.
  public let error: ModelFileError?

  /// Holds a file against a cfg.
  ///
  /// - Throws: `ModelFileError` if the weights can't be read; what is wrong with the cfg is kept in
  ///   ``error``.
  init(of file: InputFile, config: String, dialect: Dialect?) throws(ModelFileError) {
    self.config = config
    let network: Network
    do {
      network = try Network(contentsOf: config, dialect: dialect)
    } catch {
      self.error = error
      (status, expectedBytes, layersLoaded, difference) = (nil, nil, nil, nil)
      return
    }
    let weights = try WeightsFile(of: file, network: network)
    let status = Summary.Status(weights.status)
    self.status = status
    expectedBytes = weights.layout.byteCount
    if case .partial(let layers) = weights.status {
      layersLoaded = layers
    } else {
      layersLoaded = nil
    }
    difference = Int64(clamping: weights.file.size)
      .clampedDifference(Int64(clamping: weights.layout.byteCount))
    error = status.isSound ? nil : try SizeMismatch(weights).error()
  }

  /// Where it stands among others: complete, then partial by the layers that are there, then by how many
  /// bytes are missing or too many, then what can't be read.
  private var rank: (group: Int, distance: UInt64) {
    switch status {
    case .complete: (0, 0)
    case .partial where (layersLoaded ?? 0) > 0: (1, UInt64.max - UInt64(layersLoaded ?? 0))
    case nil: (3, 0)
    default: (2, difference?.magnitude ?? .max)
    }
  }

  /// The better ones first; equal ones stay in order.
  static func ranked(_ fits: [Fit]) -> [Fit] {
    fits.enumerated()
      .sorted { a, b in
        (a.element.rank.group, a.element.rank.distance, a.offset)
          < (b.element.rank.group, b.element.rank.distance, b.offset)
      }
      .map(\.element)
  }
}

extension Int64 {
  fileprivate func clampedDifference(_ other: Int64) -> Int64 {
    let (result, overflow) = subtractingReportingOverflow(other)
    return overflow ? (self < other ? .min : .max) : result
  }
}

extension DarknetInspector {
  /// A weights file held against several cfgs, the one that fits best first.
  ///
  /// - Returns: the summary and, if none fits, why.
  /// - Throws: `ModelFileError` if the weights can't be read at all.
  public func summary(
    weights file: InputFile, configs: [String]
  ) throws(ModelFileError) -> (summary: Summary, failure: ModelFileError?) {
    var (summary, damage) = try summary(weightsAlone: file)
    var fits: [Fit] = []
    for config in configs { fits.append(try Fit(of: file, config: config, dialect: dialect)) }
    fits = Fit.ranked(fits)
    summary.fits = fits
    summary.status = fits.first?.status
    summary.layersLoaded = fits.first?.layersLoaded
    guard let best = fits.first, best.status?.isSound != true else { return (summary, nil) }
    if let damage { return (summary, damage) }
    let failure = ModelFileError(
      .damaged, file: file.path, "fits none of the cfgs",
      expected: fits.compactMap(\.expectedBytes).map { "\($0)" }.joined(separator: " or ")
        + " bytes",
      found: "\(summary.bytes)",
      remedy: best.error?.remedy.map { "\(best.config.escapedForTerminal) is the nearest: \($0)" })
    return (summary, failure)
  }
}
