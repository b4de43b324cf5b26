import FileSupport
import ModelGraph

/// Reads the numbers of arrays once, for a digest, for statistics, or for both.
struct ValueScan {
  /// What is asked for.
  struct Wishes: Sendable {
    /// SHA-256 of the bytes.
    var digest: Bool
    /// ``Statistics``.
    var statistics: Bool

    var isEmpty: Bool { !digest && !statistics }
  }

  let wishes: Wishes
  private let stream = TensorStream()

  init(_ wishes: Wishes) {
    self.wishes = wishes
  }

  /// Reads an array.
  ///
  /// - Parameter elementType: how a number is stored; without one the bytes have a digest, but no
  ///   statistics.
  /// - Throws: `ModelFileError` of the file.
  func scan(
    _ source: any TensorSource, elementType: ElementType?
  ) throws(ModelFileError) -> (sha256: String?, statistics: Statistics?) {
    let digest = wishes.digest ? try SHA256() : nil
    var statistics = wishes.statistics && elementType != nil ? Statistics() : nil
    let bytes = StridedView(contiguous: [source.byteCount])
    try stream.forEachBand(of: source, elementType: .uint8, view: bytes) { band in
      digest?.update(band)
      if let elementType { statistics?.add(band, of: elementType) }
    }
    return (digest?.finish(), statistics)
  }
}

extension Statistics {
  /// Takes in the numbers of a band, which holds whole elements.
  fileprivate mutating func add(_ band: UnsafeRawBufferPointer, of type: ElementType) {
    switch type {
    case .float32: add(band.bindMemory(to: Float.self).lazy.map(Double.init))
    case .float64: add(band.bindMemory(to: Double.self))
    case .float16: add(band.bindMemory(to: UInt16.self).lazy.map { Double(Float(halfBits: $0)) })
    case .bfloat16:
      add(
        band.bindMemory(to: UInt16.self).lazy.map { Double(Float(bitPattern: UInt32($0) << 16)) })
    case .int8: add(band.bindMemory(to: Int8.self).lazy.map(Double.init))
    case .int16: add(band.bindMemory(to: Int16.self).lazy.map(Double.init))
    case .int32: add(band.bindMemory(to: Int32.self).lazy.map(Double.init))
    case .int64: add(band.bindMemory(to: Int64.self).lazy.map(Double.init))
    case .uint8, .bool: add(band.lazy.map(Double.init))
    case .uint16: add(band.bindMemory(to: UInt16.self).lazy.map(Double.init))
    case .uint32: add(band.bindMemory(to: UInt32.self).lazy.map(Double.init))
    case .uint64: add(band.bindMemory(to: UInt64.self).lazy.map(Double.init))
    }
  }
}
