import CHDF5

/// Undoes the filters of chunks: deflate, shuffle and Fletcher-32.
///
/// libhdf5 inflates without limit, and takes a chunk that comes out too short for a whole one, with
/// whatever was in memory after it. Here every step has the size that it must come to.
struct ChunkPipeline: Sendable {
  /// What is wrong with a chunk, as the end of a sentence that starts with it.
  struct Flaw: Error {
    let problem: String
  }

  private enum Step: Sendable {
    case deflate
    case shuffle
    case checksum
    case unknown(Filter)
  }

  private let steps: [Step]
  private let elementSize: Int
  private let chunkBytes: Int

  /// The pipeline for these filters, `nil` if there are none.
  init?(filters: [Filter], elementSize: Int, chunkBytes: Int) {
    guard !filters.isEmpty else { return nil }
    var steps: [Step] = []
    for filter in filters {
      switch filter.number {
      case 1: steps.append(.deflate)
      case 2: steps.append(.shuffle)
      case 3: steps.append(.checksum)
      default: steps.append(.unknown(filter))
      }
    }
    self.steps = steps
    self.elementSize = elementSize
    self.chunkBytes = chunkBytes
  }

  /// The chunk's elements from what the file holds of it.
  ///
  /// - Parameter mask: bit i is set where step i was skipped for this chunk.
  func decode(_ stored: [UInt8], mask: UInt32) throws(Flaw) -> [UInt8] {
    let taken = steps.indices.filter { $0 >= 32 || mask & (1 << UInt32($0)) == 0 }.map { steps[$0] }
    let limits = sizes(before: taken)
    var bytes = stored
    for (step, limit) in zip(taken, limits).reversed() {
      switch step {
      case .deflate: bytes = try inflate(bytes, atMost: limit)
      case .shuffle: bytes = unshuffle(bytes)
      case .checksum: bytes = try withoutChecksum(bytes)
      case .unknown(let filter): throw Flaw(problem: "is compressed with \(filter.name)")
      }
    }
    guard bytes.count == chunkBytes else {
      throw Flaw(problem: "comes to \(bytes.count) bytes instead of \(chunkBytes)")
    }
    return bytes
  }

  /// The most bytes that enter each step when a chunk is written.
  private func sizes(before steps: [Step]) -> [Int] {
    var sizes: [Int] = []
    var size = chunkBytes
    for step in steps {
      sizes.append(size)
      switch step {
      case .deflate: size += size / 1_000 + 64
      case .shuffle, .unknown: break
      case .checksum: size += 4
      }
    }
    return sizes
  }

  private func inflate(_ input: [UInt8], atMost limit: Int) throws(Flaw) -> [UInt8] {
    guard let inputSize = UInt32(exactly: input.count), let limit = UInt32(exactly: limit) else {
      throw Flaw(problem: "is too large")
    }
    var status: Int32 = 0
    let output = [UInt8](unsafeUninitializedCapacity: Int(limit)) { buffer, count in
      status = nn_inflate(input, inputSize, buffer.baseAddress, limit, &count)
    }
    switch Int(status) {
    case NN_INFLATED: return output
    case NN_INFLATE_TOO_LONG: throw Flaw(problem: "inflates to more than \(limit) bytes")
    default: throw Flaw(problem: "can't be inflated")
    }
  }

  /// Shuffle puts the first bytes of all elements together, then the second ones, and so on; bytes that
  /// make no whole element stay at the end.
  private func unshuffle(_ input: [UInt8]) -> [UInt8] {
    let count = elementSize > 1 ? input.count / elementSize : 0
    guard count > 1 else { return input }
    return [UInt8](unsafeUninitializedCapacity: input.count) { output, initialized in
      input.withUnsafeBufferPointer { input in
        for byte in 0..<elementSize {
          var place = byte
          for index in byte * count..<(byte + 1) * count {
            output[place] = input[index]
            place += elementSize
          }
        }
        for index in count * elementSize..<input.count { output[index] = input[index] }
      }
      initialized = input.count
    }
  }

  private func withoutChecksum(_ input: [UInt8]) throws(Flaw) -> [UInt8] {
    guard input.count >= 4 else { throw Flaw(problem: "is too short for its checksum") }
    let content = input.dropLast(4)
    let stored = input.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let computed = Self.fletcher32(content)
    // Writers before HDF5 1.6.3 on little-endian machines swapped the bytes of both halves.
    let swapped = (computed & 0x00FF_00FF) << 8 | (computed >> 8) & 0x00FF_00FF
    guard stored == computed || stored == swapped else {
      throw Flaw(problem: "does not match its Fletcher-32 checksum")
    }
    return Array(content)
  }

  /// Fletcher's checksum over 16-bit words, most significant byte first, an odd last byte counting as
  /// the upper half of one.
  static func fletcher32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { bytes in
      var low: UInt32 = 0
      var high: UInt32 = 0
      var index = 0
      while index < bytes.count {
        // 360 words are the most before a sum could leave 32 bits.
        let end = min(index + 720, bytes.count)
        while index < end {
          let second = index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0
          low &+= UInt32(bytes[index]) << 8 | second
          high &+= low
          index += 2
        }
        low = low & 0xFFFF &+ low >> 16
        high = high & 0xFFFF &+ high >> 16
      }
      low = low & 0xFFFF &+ low >> 16
      high = high & 0xFFFF &+ high >> 16
      return high << 16 | low
    }
  }
}
