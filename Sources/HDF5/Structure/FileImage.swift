import FileSupport
import Synchronization

/// The bytes of an HDF5 file by the addresses that its structure uses.
///
/// Every access is checked against the end of what the file says it holds, which is itself checked
/// against the file's size when it is opened. Structures are read through a small cache of pages, and
/// all that is read of them is counted: a file whose parts lead to one another over and over ends at a
/// multiple of its size.
final class FileImage: Sendable {
  let file: InputFile
  let superblock: Superblock
  private let state: Mutex<State>
  /// The heaps of shared messages by their addresses, with the blocks that were read.
  private let heaps = Mutex<[UInt64: FractalHeap]>([:])

  fileprivate struct State {
    var pages: [UInt64: [UInt8]] = [:]
    var allowance: UInt64
    var isOpen = true
  }

  fileprivate static let pageSize: UInt64 = 16 << 10
  fileprivate static let maximumPages = 512

  init(file: InputFile, superblock: Superblock) {
    self.file = file
    self.superblock = superblock
    let (multiple, overflows) = superblock.end.multipliedReportingOverflow(by: 16)
    state = Mutex(State(allowance: overflows ? .max : multiple &+ (256 << 20)))
  }

  var widths: Widths { superblock.widths }

  /// The first address that is no longer in the file.
  var end: UInt64 { superblock.end }

  /// Where an address lies, in bytes from the start of the file.
  func place(_ address: UInt64) -> UInt64 { superblock.base &+ address }

  /// Whether all of a range lies in the file.
  func holds(_ address: UInt64, _ count: UInt64) -> Bool {
    count <= end && address <= end - count
  }

  /// Makes every later access fail.
  func close() {
    state.withLock {
      $0.isOpen = false
      $0.pages = [:]
    }
  }

  /// The bytes of a structure.
  func cursor(
    at address: UInt64, count: Int, of what: String
  ) throws(ModelFileError) -> ByteCursor {
    ByteCursor(
      try bytes(at: address, count: count, of: what), origin: place(address), widths: widths,
      what: what)
  }

  /// The bytes of a structure.
  func bytes(
    at address: UInt64, count: Int, of what: String
  ) throws(ModelFileError) -> [UInt8] {
    let size = try checked(address, UInt64(count), what)
    var bytes = try state.withLock { state throws(ModelFileError) -> [UInt8] in
      try state.requireOpen()
      guard state.allowance > size &+ 64 else {
        throw ModelFileError(
          .damaged, at: [.byte(place(address))],
          "\(what) is one of too many that lead to the same bytes over and over",
          remedy: "the file is damaged or made to waste time; don't use it")
      }
      state.allowance -= size &+ 64
      if size > Self.pageSize { return try file.bytes(at: place(address), count: count) }
      return try state.bytes(at: place(address), count: count, of: file)
    }
    superblock.cacheImage?.patch(&bytes, at: address)
    return bytes
  }

  /// Runs `body` with a heap that is kept for the next time.
  func withHeap<Result: Sendable>(
    at address: UInt64, _ body: (inout FractalHeap) throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    try heaps.withLock { heaps throws(ModelFileError) in
      var heap =
        if let known = heaps[address] { known } else { try FractalHeap(at: address, in: self) }
      defer { heaps[address] = heap }
      return try body(&heap)
    }
  }

  /// Fills a buffer with elements, past the cache and the count.
  func read(
    at address: UInt64, into buffer: UnsafeMutableRawBufferPointer, of what: String
  ) throws(ModelFileError) {
    _ = try checked(address, UInt64(buffer.count), what)
    try requireOpen()
    try file.read(into: buffer, at: place(address))
  }

  func requireOpen() throws(ModelFileError) {
    try state.withLock { state throws(ModelFileError) in try state.requireOpen() }
  }

  private func checked(
    _ address: UInt64, _ count: UInt64, _ what: String
  ) throws(ModelFileError) -> UInt64 {
    guard holds(address, count) else {
      throw ModelFileError(
        .damaged, at: [.byte(place(address))], "\(what) lies outside of the file",
        expected: "\(count) bytes from address \(address) on", found: "an end at \(end)",
        remedy: "check that the download or copy was complete")
    }
    return count
  }
}

extension FileImage.State {
  fileprivate func requireOpen() throws(ModelFileError) {
    guard isOpen else {
      throw ModelFileError(.internalFault, "the file was closed before this was read")
    }
  }

  /// Bytes through the pages that are kept.
  fileprivate mutating func bytes(
    at offset: UInt64, count: Int, of file: InputFile
  ) throws(ModelFileError) -> [UInt8] {
    let size = FileImage.pageSize
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      let place = offset + UInt64(result.count)
      let page = try page(place / size, of: file)
      let start = Int(place % size)
      guard start < page.count else {
        throw ModelFileError(.damaged, at: [.byte(place)], "the file ends here")
      }
      result += page[start..<min(page.count, start + count - result.count)]
    }
    return result
  }

  private mutating func page(
    _ number: UInt64, of file: InputFile
  ) throws(ModelFileError) -> [UInt8] {
    if let page = pages[number] { return page }
    if pages.count >= FileImage.maximumPages { pages = [:] }
    let start = number * FileImage.pageSize
    let page = try file.bytes(at: start, count: Int(min(FileImage.pageSize, file.size - start)))
    pages[number] = page
    return page
  }
}

/// How much the pieces of one structure may add up to: they never overlap, so together they are no larger
/// than the file. It ends cycles and pieces that lie across one another.
struct PieceBudget {
  private var left: UInt64
  private var visited: Set<UInt64> = []

  init(_ image: FileImage) {
    left = image.end
  }

  /// Takes in one piece.
  mutating func take(
    _ address: UInt64, _ bytes: Int, of what: String, in image: FileImage
  ) throws(ModelFileError) {
    guard visited.insert(address).inserted, UInt64(bytes) <= left else {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(address))],
        "\(what) leads back to itself, or to more bytes than the file has")
    }
    left -= UInt64(bytes)
  }
}
