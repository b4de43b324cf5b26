import FileSupport
import Synchronization

/// What a dataset says of itself, and where its elements lie.
final class StoredDataset: Sendable {
  let shape: Dataspace
  let datatype: Datatype
  let layout: StoredLayout
  let filters: [Filter]
  let isExternal: Bool
  /// The element, as stored, that stands for those never written; `nil` for zeros.
  let fill: [UInt8]?
  /// The address of its header, which tells it from others.
  let address: UInt64
  private let table = Mutex<ChunkTable?>(nil)

  init(_ object: StoredObject, in file: StoredFile) throws(ModelFileError) {
    let image = file.image
    address = object.address
    let header = object.header
    func body(_ kind: HeaderMessage.Kind) throws(ModelFileError) -> ByteCursor? {
      try header.message(kind)?.resolved(in: image)
    }
    guard var space = try body(.dataspace), var type = try body(.datatype),
      var layout = try body(.layout)
    else {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(object.address))],
        "is a dataset without a shape, a type or a layout")
    }
    shape = try Dataspace(&space)
    datatype = try Datatype(&type)
    self.layout = try StoredLayout(&layout)
    if var filters = try body(.filters) {
      self.filters = try Filter.list(&filters)
    } else {
      filters = []
    }
    isExternal = try body(.externalFiles) != nil
    var fill: [UInt8]?
    if var message = try body(.fillValue) {
      fill = try FillValue.new(&message)
    } else if var message = try body(.oldFillValue) {
      fill = try FillValue.old(&message)
    }
    self.fill = fill?.count == datatype.size ? fill : nil
  }

  /// The bytes of a chunk without filters, `nil` if they do not fit 64 bits.
  func chunkBytes(_ chunks: ChunkLayout) -> UInt64? {
    Dataspace.simple(chunks.shape).byteCount(elementSize: datatype.size)
  }

  /// The numbers of its chunks.
  func numbering(
    _ chunks: ChunkLayout, in file: StoredFile
  ) throws(ModelFileError) -> ChunkNumbering {
    let place = ByteCursor(
      [], origin: file.image.place(address), widths: file.image.widths, what: "the dataset")
    return try ChunkNumbering(shape, chunk: chunks.shape, place: place)
  }

  /// All chunks that were written.
  func chunkTable(
    _ chunks: ChunkLayout, in file: StoredFile
  ) throws(ModelFileError) -> ChunkTable {
    try table.withLock { table throws(ModelFileError) in
      if let table { return table }
      guard let index = chunks.index, shape.extents?.isEmpty == false else { return ChunkTable() }
      guard let bytes = chunkBytes(chunks) else {
        throw ModelFileError(.damaged, "has chunks larger than 64 bits can count")
      }
      var reader = ChunkIndex(
        image: file.image, numbering: try numbering(chunks, in: file), chunkBytes: bytes,
        isFiltered: !filters.isEmpty)
      let found = try reader.read(index)
      table = found
      file.pay(found.chunks.count * 40)
      return found
    }
  }

  /// The bytes that the elements take in the file, after filters.
  func storedBytes(in file: StoredFile) throws(ModelFileError) -> UInt64 {
    switch layout {
    case .compact(let elements): UInt64(elements.left)
    case .contiguous(let address, let size):
      if isExternal || address != nil {
        size ?? shape.byteCount(elementSize: datatype.size) ?? .max
      } else {
        0
      }
    case .chunked(let chunks): try chunkTable(chunks, in: file).storedBytes
    case .virtual: 0
    }
  }
}
