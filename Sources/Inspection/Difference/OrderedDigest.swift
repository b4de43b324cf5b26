import FileSupport
import ModelGraph

/// The SHA-256 of a tensor's numbers in its order, little endian.
struct OrderedDigest {
  /// The digest.
  let digest: String
  /// Whether all numbers have the same bits.
  let isConstant: Bool

  /// - Throws: `ModelFileError` of the file.
  init(_ tensor: OrderedTensor) throws(ModelFileError) {
    let hash = try SHA256()
    var first: [UInt8]?
    var isConstant = true
    let size = tensor.elementType.byteCount
    try TensorStream().forEachBand(
      of: tensor.source, elementType: tensor.elementType, view: tensor.view
    ) { band in
      hash.update(band)
      let start = first ?? Array(band.prefix(size))
      first = start
      var offset = 0
      while isConstant, offset < band.count {
        isConstant = band[offset..<offset + size].elementsEqual(start)
        offset += size
      }
    }
    digest = hash.finish()
    self.isConstant = isConstant
  }
}
