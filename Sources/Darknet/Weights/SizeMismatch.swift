import FileSupport

/// Explains why a `.weights` file does not fit its cfg: the first layer that can't be filled, what was
/// expected and found, and the likely cause.
public struct SizeMismatch: Sendable {
  private let weights: WeightsFile

  /// Looks at a file whose status is not `complete`.
  public init(_ weights: WeightsFile) {
    self.weights = weights
  }

  /// The error to end with.
  ///
  /// - Throws: `ModelFileError` if the file can't be read on the way.
  public func error() throws(ModelFileError) -> ModelFileError {
    let file = weights.file
    if let foreign = try FileContent(of: file).foreignToWeights {
      return foreign.refusal(
        file, "is no darknet weights file",
        expected:
          "\(weights.layout.byteCount.counted("byte")) of weights for \(weights.network.config.path)"
      )
    }
    return try misfit().explained(by: file, expectedBytes: weights.layout.byteCount)
  }

  /// What does not fit, and the change of the cfg with which it would.
  private func misfit() throws(ModelFileError) -> ModelFileError {
    let file = weights.file
    let causes = SizeMismatchCauses(weights).all
    switch weights.status {
    case .complete:
      return ModelFileError(.internalFault, file: file.path, "fits its cfg")
    case .partial(let layers):
      return partial(layers, causes)
    case .truncated:
      return truncated(causes)
    case .trailing(let bytes):
      return ModelFileError(
        .damaged, file: file.path, at: [.byte(weights.layout.byteCount)],
        "the file goes on after the last array of the cfg",
        expected: "\(weights.layout.byteCount) bytes",
        found: "\(file.size) bytes: \(bytes.counted("byte")) \(bytes == 1 ? "follows" : "follow")",
        remedy: Self.remedy(causes, otherwise: "use the cfg that the weights were trained with"))
    }
  }

  private func partial(_ layers: Int, _ causes: [String]) -> ModelFileError {
    let missing = weights.plan.entries.first { $0.layer >= layers }
    return ModelFileError(
      .damaged, file: weights.file.path, at: missing.map { [place(of: $0)] } ?? [],
      "the file holds \(layers == 0 ? "no layer" : "the layers up to \(layers - 1)") and then ends",
      expected: weights.layout.byteCount.counted("byte"),
      found: weights.file.size.counted("byte"),
      remedy: Self.remedy(
        causes,
        otherwise: "a partial file (darknet partial, .conv.N) is a start for training; "
          + "--allow-partial goes on with what is there"))
  }

  private func truncated(_ causes: [String]) -> ModelFileError {
    let header = weights.header.byteCount
    guard weights.file.size >= UInt64(header) else {
      return ModelFileError(
        .damaged, file: weights.file.path, at: [.byte(weights.file.size)],
        "the file ends inside its header",
        expected: "a header of \(header) bytes, then \(weights.plan.floatCount.counted("float"))",
        found: weights.file.size.counted("byte"),
        remedy: "the download or copy was cut short; fetch it again")
    }
    let first = weights.plan.entry(holding: weights.floatsFound)
    let start = first.map(weights.layout.offset) ?? weights.layout.byteCount
    let places = first.map { [place(of: $0), .array($0.array.name), .byte(start)] }
    let remain = weights.file.size - start
    let isWithinFloat = (weights.file.size - UInt64(header)) % 4 != 0
    let cause =
      isWithinFloat
      ? "the file is cut short: it ends within a number"
      : "the file is cut short, or belongs to another network"
    return ModelFileError(
      .damaged, file: weights.file.path, at: places ?? [],
      "the file ends before this array is full",
      expected: "\((first.map { 4 * $0.array.count } ?? 0).counted("byte")) here, "
        + "\(weights.layout.byteCount) bytes in all",
      found: "\(remain.counted("byte")) here, \(weights.file.size) bytes in all",
      cause: causes.isEmpty ? cause : nil,
      remedy: Self.remedy(
        causes, otherwise: "fetch the file again, or use the cfg that it was trained with"))
  }

  private func place(of entry: WeightsPlan.Entry) -> ModelFileError.Place {
    weights.network.layers[entry.layer].reference.place
  }

  private static func remedy(_ causes: [String], otherwise: String) -> String {
    causes.isEmpty ? otherwise : causes.joined(separator: "; or ")
  }
}
