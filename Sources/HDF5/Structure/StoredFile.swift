import FileSupport
import Synchronization

/// An HDF5 file as our own code reads it, with what was read of it and may be asked for again.
///
/// What is kept is bounded; what is dropped is read again. Datasets are charged for the elements that
/// are read of them, so that many of them can't stand for the same bytes, or for bytes that nobody wrote.
final class StoredFile: Sendable {
  let image: FileImage
  let limits: HDF5Limits
  private let state = Mutex(State())

  private struct State {
    var objects: [UInt64: StoredObject] = [:]
    var collections: [UInt64: HeapCollection] = [:]
    /// The bytes that these take in memory, roughly.
    var cost = 0
    var charged: Set<UInt64> = []
    var storedBytes: UInt64 = 0
    var unwrittenBytes: UInt64 = 0
    var slab: (dataset: UInt64, number: Int, bytes: Slab)?

    mutating func pay(_ bytes: Int) {
      cost += bytes
      guard cost > StoredFile.maximumCost else { return }
      objects = [:]
      collections = [:]
      cost = bytes
    }
  }

  private static let maximumCost = 64 << 20
  /// No program that means what it writes makes a dataset of more bytes and leaves them unwritten.
  private static let implausibleBytes: UInt64 = 1 << 40

  init(
    file: InputFile, superblock: Superblock, limits: HDF5Limits
  ) throws(ModelFileError) {
    var superblock = superblock
    if let address = superblock.extensionAddress {
      let image = FileImage(file: file, superblock: superblock)
      try superblock.take(ObjectHeader(at: address, in: image), in: image)
    }
    image = FileImage(file: file, superblock: superblock)
    self.limits = limits
  }

  /// The object whose header is at an address.
  func object(at address: UInt64) throws(ModelFileError) -> StoredObject {
    if let known = state.withLock({ $0.objects[address] }) { return known }
    let object = try StoredObject(at: address, in: image)
    state.withLock {
      $0.pay(object.header.byteCount + 512)
      $0.objects[address] = object
    }
    return object
  }

  /// Makes room for something that is kept with an object.
  func pay(_ bytes: Int) {
    state.withLock { $0.pay(bytes) }
  }

  /// The bytes of a text in the heap.
  func heapText(
    at address: UInt64, index: Int, count: Int
  ) throws(ModelFileError) -> [UInt8] {
    if let known = state.withLock({ $0.collections[address] }) {
      return try known.object(index, atLeast: count)
    }
    let collection = try HeapCollection(at: address, in: image)
    state.withLock {
      $0.pay(collection.cost)
      $0.collections[address] = collection
    }
    return try collection.object(index, atLeast: count)
  }

  /// Counts the elements of a dataset that are to be read, once for each dataset.
  ///
  /// - Throws: `ModelFileError` if all of them together are stored in more bytes than the file has, or
  ///   have more unwritten bytes than the limits allow.
  func charge(
    _ object: UInt64, stored: UInt64, unwritten: UInt64
  ) throws(ModelFileError) {
    let (storedTotal, unwrittenTotal) = state.withLock { state in
      guard !state.charged.contains(object) else { return (UInt64(0), UInt64(0)) }
      let totals = (
        state.storedBytes.saturatingSum(stored), state.unwrittenBytes.saturatingSum(unwritten)
      )
      if totals.0 <= image.end, totals.1 <= limits.unwrittenBytes {
        state.charged.insert(object)
        (state.storedBytes, state.unwrittenBytes) = totals
      }
      return totals
    }
    guard storedTotal <= image.end else {
      throw ModelFileError(
        .damaged, "is one of several datasets that share their storage",
        expected: "at most \(image.end) bytes in all", found: "\(storedTotal)")
    }
    guard unwrittenTotal <= limits.unwrittenBytes else {
      throw ModelFileError(
        unwritten > Self.implausibleBytes ? .damaged : .unsupported,
        "declares far more than the file stores of it",
        expected: "at most \(limits.unwrittenBytes) bytes that were never written, in all",
        found: "\(unwrittenTotal)", remedy: "write the dataset's elements, or make it smaller")
    }
  }

  /// The slab of a dataset that was kept last, if it is this one.
  func keptSlab(_ number: Int, of dataset: UInt64) -> Slab? {
    state.withLock { state in
      guard let slab = state.slab, slab.dataset == dataset, slab.number == number else {
        return nil
      }
      return slab.bytes
    }
  }

  /// Keeps a slab in place of the one before.
  func keep(_ slab: Slab?, number: Int, of dataset: UInt64) {
    state.withLock { state in
      state.slab = slab.map { (dataset, number, $0) }
    }
  }
}

extension UInt64 {
  fileprivate func saturatingSum(_ other: UInt64) -> UInt64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}

extension Superblock {
  /// Takes in the properties of a file that stand in a header of their own.
  fileprivate mutating func take(
    _ header: ObjectHeader, in image: FileImage
  ) throws(ModelFileError) {
    if var ranks = header.message(.treeRanks)?.body {
      try ranks.expect(version: 0)
      chunkNodeRank = try ranks.count(2)
      groupNodeRank = try ranks.count(2)
      groupLeafRank = try ranks.count(2)
    }
    if let message = header.message(.cacheImage) {
      cacheImage = try CacheImage(message.body, in: image)
    }
    if let message = header.message(.sharedMessageTable) {
      let patched = FileImage(file: image.file, superblock: self)
      sharedMessages = try SharedMessageTable(message.body, in: patched)
    }
  }
}
