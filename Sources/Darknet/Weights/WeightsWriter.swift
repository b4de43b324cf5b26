import FileSupport
import ModelGraph

/// Writes a `.weights` file: a header, and the arrays of a network in file order, each walked in the order of the file.
public struct WeightsWriter {
  /// Where the arrays lie.
  public let layout: WeightsLayout
  private let header: [UInt8]
  private let tensors: [OrderedTensor]

  /// Plans a file; nothing is written yet.
  ///
  /// - Parameters:
  ///   - layout: where the arrays lie.
  ///   - header: the bytes of the header, those of `layout` or the ones that a file had.
  ///   - tensors: the arrays of the layout's plan in its order.
  public init(layout: WeightsLayout, header: [UInt8], tensors: [OrderedTensor]) {
    precondition(tensors.count == layout.plan.entries.count, "a tensor for each array")
    self.layout = layout
    self.header = header
    self.tensors = tensors
  }

  /// The numbers that the file has of an array, in its order.
  public func tensor(_ entry: WeightsPlan.Entry) -> OrderedTensor? {
    zip(layout.plan.entries, tensors).first { $0.0.start == entry.start }?.1
  }

  /// Writes the file, array by array.
  ///
  /// - Parameters:
  ///   - output: the file, not yet committed.
  ///   - digest: takes in all that is written.
  ///   - progress: called while bytes pass, with how many are done and how many there are.
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to output: OutputFile, digest: SHA256? = nil,
    progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(ModelFileError) {
    header.withUnsafeBytes { digest?.update($0) }
    try output.append(header)
    let pipeline = TensorPipeline(tensors)
    for entry in layout.plan.entries {
      try pipeline.withNext { (bytes) throws(ModelFileError) in
        digest?.update(bytes)
        try output.append(bytes)
      }
      let byteCount = UInt64(entry.array.count) * 4
      if byteCount >= OutputFile.flushBytes { output.startFlushing() }
      progress(layout.offset(of: entry) + byteCount, layout.byteCount)
    }
  }
}
