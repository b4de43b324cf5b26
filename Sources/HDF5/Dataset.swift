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
  let object: OpenObject
  private let isChecked = Mutex(false)

  /// The links from the root group down to it, as it was opened.
  public var path: [LinkName] { object.location.path }

  /// Its attributes.
  public var attributes: AttributeTable { AttributeTable(object: object) }

  /// The bytes of all elements together, `nil` if the number does not fit 64 bits.
  public var declaredBytes: UInt64? { shape.byteCount(elementSize: datatype.size) }

  /// The bytes that the elements take in the file, after filters; 0 if none was ever written.
  ///
  /// Time grows with the number of chunks.
  public var storedBytes: UInt64 {
    get throws(ModelFileError) {
      try object.read { dataset, file throws(ModelFileError) in
        try dataset.dataset(in: file).storedBytes(in: file)
      }
    }
  }

  /// Opens a dataset that is in the file.
  init(_ object: OpenObject) throws(ModelFileError) {
    let description = try object.read { dataset, file throws(ModelFileError) in
      let stored = try dataset.dataset(in: file)
      return (stored: stored, offset: stored.contiguousOffset(in: file.image))
    }
    let stored = description.stored
    self.object = object
    shape = stored.shape
    datatype = stored.datatype
    layout = Layout(of: stored)
    filters = stored.filters
    if case .chunked(let chunks) = stored.layout {
      chunkShape = chunks.shape
    } else {
      chunkShape = nil
    }
    contiguousOffset = description.offset
  }

  /// A dataset that was just created.
  init(
    _ handle: ObjectHandle, shape: Dataspace, datatype: Datatype, storage: DatasetStorage
  ) throws(ModelFileError) {
    object = OpenObject(handle)
    self.shape = shape
    self.datatype = datatype
    switch storage {
    case .contiguous:
      layout = .contiguous
      filters = []
      chunkShape = nil
      let offset = try handle.perform { dataset in nn_h5d_offset(dataset) }
      contiguousOffset = offset == .max ? nil : offset
    case .chunked(let chunk, let level, let checksum):
      layout = .chunked
      filters =
        (level == nil ? [] : [Filter(number: 2), Filter(number: 1)])
        + (checksum ? [Filter(number: 3)] : [])
      chunkShape = chunk
      contiguousOffset = nil
    }
  }

  /// Runs `body` unless it has come to its end before.
  func checkOnce(_ body: () throws(ModelFileError) -> Void) throws(ModelFileError) {
    guard !isChecked.withLock({ $0 }) else { return }
    try body()
    // What is being written changes.
    isChecked.withLock { $0 = object.handle == nil }
  }
}

extension Dataset.Layout {
  fileprivate init(of dataset: StoredDataset) {
    if dataset.isExternal {
      self = .external
      return
    }
    self =
      switch dataset.layout {
      case .compact: .compact
      case .contiguous: .contiguous
      case .chunked: .chunked
      case .virtual: .virtual
      }
  }
}

extension StoredDataset {
  /// Where the elements start in the file, if they lie there in one piece, whole and unchanged.
  fileprivate func contiguousOffset(in image: FileImage) -> UInt64? {
    guard case .contiguous(let address?, let size) = layout, !isExternal, filters.isEmpty,
      datatype.isSelfContained, datatype.hasNoPadding,
      let declared = shape.byteCount(elementSize: datatype.size), declared <= size ?? .max,
      image.holds(address, declared)
    else { return nil }
    return image.place(address)
  }
}
