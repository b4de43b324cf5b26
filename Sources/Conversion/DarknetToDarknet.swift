import Darknet
import FileSupport
import ModelGraph

/// A darknet model written as a `.weights` file: of named tensors, with the header of another generation, or only its
/// first layers.
public struct DarknetToDarknet: ModelConversion {
  private let weights: any NetworkWeights
  private let layout: WeightsLayout
  private let header: [UInt8]

  /// Works out the new file; nothing is written yet.
  ///
  /// - Parameters:
  ///   - weights: the numbers of a network.
  ///   - header: the generation to write; without one the header stays as it is.
  ///   - limit: only layers in front of this one are written.
  ///   - allowsPartial: whether a file that lacks its last layers may be read.
  /// - Throws: `ModelFileError` of kind `damaged` if the file does not hold the layers.
  public init(
    _ weights: any NetworkWeights, header: HeaderGeneration? = nil, limit: Int? = nil,
    allowsPartial: Bool = false
  ) throws(ModelFileError) {
    let limit = limit ?? weights.network.layers.count
    var available = weights.network.layers.count
    var suffices = allowsPartial
    if case .partial(let layers) = weights.status {
      available = layers
      suffices = allowsPartial || limit <= layers
    }
    try weights.requireNumbers(allowsPartial: suffices)
    self.weights = weights
    // Not the bytes of the number that was read of them: pjreddie reads a short count as a signed one.
    self.header =
      if let header { WeightsHeader(header, seen: weights.header.seen).bytes } else {
        try weights.headerBytes()
      }
    layout = WeightsLayout(
      plan: WeightsPlan(weights.network, upTo: min(limit, available)),
      header: try WeightsHeader(exactly: self.header, dialect: weights.network.dialect))
  }

  /// Writes the file.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to output: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    var tensors: [OrderedTensor] = []
    for entry in layout.plan.entries {
      guard let source = weights.source(entry) else {
        throw ModelFileError(
          .internalFault, file: weights.file.path,
          at: [.array(weights.network.name(of: entry))], "was planned, but is not there")
      }
      let view = weights.layout.view(of: entry.array, writtenAs: layout)
      tensors.append(OrderedTensor(source: source, elementType: .float32, view: view))
    }
    return try WeightsWriter(layout: layout, header: header, tensors: tensors)
      .write(
        to: output, warnings: weights.network.warnings + weights.warnings,
        progress: progress)
  }
}
