import CHDF5
import FileSupport
import Synchronization

/// An open dataset: an array of elements of one type, with attributes.
///
/// What describes it is read when it is opened; elements are read and written in bands of rows, a row
/// being everything under one index of the first axis.
public final class Dataset: AttributeHolder {
  /// How the elements lie in the file.
  public enum Layout: String, Hashable, Sendable {
    /// In one piece.
    case contiguous
    /// In pieces of equal shape, each of which may be filtered.
    case chunked
    /// Inside the object's header.
    case compact
    /// In other datasets, often in other files. It is never read.
    case virtual
    /// In other files, as raw bytes. It is never read.
    case external
    /// In a way that this software does not know.
    case unknown
  }

  /// The extent.
  public let shape: Dataspace
  /// The type of an element, as stored.
  public let datatype: Datatype
  /// How the elements lie in the file.
  public let layout: Layout
  /// What chunks pass through on their way into the file, in that order.
  public let filters: [Filter]
  /// The extent of a chunk, `nil` where there are none.
  public let chunkShape: [UInt64]?
  /// Where the elements start, in bytes from the start of the file (a user block included), if they lie
  /// there in one piece and unchanged: what is there are ``declaredBytes`` bytes in the byte order of
  /// ``datatype``. `nil` otherwise.
  public let contiguousOffset: UInt64?
  let handle: ObjectHandle
  /// Whether ``checkReadable()`` has passed; it need not be repeated for each band.
  let isChecked = Mutex(false)

  /// The links from the root group down to it, as it was opened.
  public var path: [LinkName] { handle.site.path }

  /// Its attributes.
  public var attributes: AttributeTable { AttributeTable(handle: handle) }

  /// The bytes of all elements together, `nil` if the number does not fit 64 bits.
  public var declaredBytes: UInt64? { shape.byteCount(elementSize: datatype.size) }

  /// The bytes that the elements take in the file, after filters; 0 if none was ever written.
  ///
  /// Time grows with the number of chunks.
  public var storedBytes: UInt64 {
    get throws(ModelFileError) {
      try handle.perform { dataset throws(ModelFileError) in
        let bytes = nn_h5d_stored_bytes(dataset)
        // Zero stands for failure too.
        guard bytes > 0 || nn_h5e_count() <= 0 else {
          throw handle.site.failure("its storage can't be read")
        }
        return bytes
      }
    }
  }

  init(_ handle: ObjectHandle) throws(ModelFileError) {
    let site = handle.site
    let description = try handle.perform { dataset throws(ModelFileError) in
      try Description(of: dataset, at: site)
    }
    self.handle = handle
    shape = description.shape
    datatype = description.datatype
    layout = description.layout
    filters = description.filters
    chunkShape = description.chunkShape
    contiguousOffset = description.offset
  }
}

/// What a dataset says of itself.
private struct Description: Sendable {
  let shape: Dataspace
  let datatype: Datatype
  let layout: Dataset.Layout
  let filters: [Filter]
  let chunkShape: [UInt64]?
  let offset: UInt64?

  init(of dataset: hid_t, at site: Site) throws(ModelFileError) {
    let space = try site.owned(nn_h5d_space(dataset), or: "its shape can't be read")
    let type = try site.owned(nn_h5d_type(dataset), or: "its type can't be read")
    let creation = try site.owned(nn_h5d_creation(dataset), or: "its layout can't be read")
    shape = try Dataspace(describing: space.raw, at: site)
    datatype = try Datatype(describing: type.raw, at: site)
    layout = try Self.layout(creation.raw, at: site)
    filters = try Self.filters(creation.raw, at: site)
    chunkShape =
      layout == .chunked ? try Self.chunkShape(creation.raw, at: site) : nil
    // libhdf5 answers for other layouts too, and with the undefined address before allocation.
    let offset = layout == .contiguous ? nn_h5d_offset(dataset) : .max
    let isWhole = datatype.isSelfContained && datatype.hasNoPadding
    self.offset = offset == .max || !filters.isEmpty || !isWhole ? nil : offset
  }

  private static func layout(
    _ creation: hid_t, at site: Site
  ) throws(ModelFileError) -> Dataset.Layout {
    let external = nn_h5p_external_count(creation)
    try site.check(external, or: "its layout can't be read")
    if external > 0 { return .external }
    return switch nn_h5p_layout(creation) {
    case H5D_CONTIGUOUS: .contiguous
    case H5D_CHUNKED: .chunked
    case H5D_COMPACT: .compact
    case H5D_VIRTUAL: .virtual
    default: .unknown
    }
  }

  private static func filters(
    _ creation: hid_t, at site: Site
  ) throws(ModelFileError) -> [Filter] {
    let count = nn_h5p_filter_count(creation)
    try site.check(count, or: "its filters can't be read")
    var filters: [Filter] = []
    for index in 0..<UInt32(clamping: count) {
      let number = nn_h5p_filter(creation, index)
      try site.check(number, or: "its filters can't be read")
      filters.append(Filter(number: Int(number)))
    }
    return filters
  }

  private static func chunkShape(
    _ creation: hid_t, at site: Site
  ) throws(ModelFileError) -> [UInt64] {
    var extents = [UInt64](repeating: 0, count: Dataspace.maximumRank)
    let rank = nn_h5p_chunk_shape(creation, Int32(extents.count), &extents)
    try site.check(rank, or: "the shape of its chunks can't be read")
    return Array(extents.prefix(Int(rank)))
  }
}
