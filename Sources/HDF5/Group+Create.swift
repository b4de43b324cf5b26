import CHDF5
import FileSupport

/// How a new dataset lies in the file.
public enum DatasetStorage: Hashable, Sendable {
  /// In one piece, allocated at once; every element must be written.
  case contiguous
  /// In chunks of the given extents, one for each axis, each compressed on its own: shuffled and
  /// deflated at a level of 1 to 9 (`nil` for not), with a Fletcher-32 checksum if asked for.
  case chunked([UInt64], deflateLevel: Int?, checksum: Bool = false)
}

extension Group {
  /// Creates a group.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if libhdf5 refuses (the name is taken, …).
  @discardableResult
  public func createGroup(named name: LinkName) throws(ModelFileError) -> Group {
    let handle = try object.requireHandle()
    let location = handle.location.child(name)
    let identifier = try handle.perform { parent throws(ModelFileError) -> hid_t in
      try location.requireCreatable(name)
      let creation = try location.owned(nn_h5p_group_create(), or: "can't be created")
      try location.check(nn_h5p_without_times(creation.raw), or: "can't be created")
      let raw = name.withCString { nn_h5g_create(parent, $0, creation.raw) }
      return try location.owned(raw, or: "can't be created").take()
    }
    return Group(
      OpenObject(ObjectHandle(adopting: identifier, location: location, session: handle.session)))
  }

  /// Creates a dataset, whose elements are to be written with ``Dataset/write(rows:from:)``.
  ///
  /// - Parameters:
  ///   - name: one link's name, not a path.
  ///   - type: a float, an integer or an opaque type, little endian.
  ///   - shape: its extent; it does not grow.
  ///   - storage: how it lies in the file.
  /// - Throws: `ModelFileError` of kind `unsupported` for other types, of kind `inputOutput` if
  ///   libhdf5 refuses (the name is taken, chunks that do not fit the shape, disk full, …).
  public func createDataset(
    named name: LinkName, type: Datatype, shape: Dataspace, storage: DatasetStorage = .contiguous
  ) throws(ModelFileError) -> Dataset {
    let handle = try object.requireHandle()
    let location = handle.location.child(name)
    let identifier = try handle.perform { parent throws(ModelFileError) -> hid_t in
      try location.requireCreatable(name)
      let typeIdentifier = try type.makeIdentifier(at: location)
      let space = try shape.makeIdentifier(at: location)
      let creation = try storage.makeCreationList(shape: shape, at: location)
      let raw = name.withCString {
        nn_h5d_create(parent, $0, typeIdentifier.raw, space.raw, creation.raw)
      }
      return try location.owned(raw, or: "can't be created").take()
    }
    return try Dataset(
      ObjectHandle(adopting: identifier, location: location, session: handle.session), shape: shape,
      datatype: type, storage: storage)
  }

  /// Gives a group of the same file a second name.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if libhdf5 refuses (the name is taken, …).
  public func createHardLink(named name: LinkName, to group: Group) throws(ModelFileError) {
    try createHardLink(named: name, to: group.object)
  }

  /// Gives a dataset of the same file a second name.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if libhdf5 refuses (the name is taken, …).
  public func createHardLink(named name: LinkName, to dataset: Dataset) throws(ModelFileError) {
    try createHardLink(named: name, to: dataset.object)
  }

  private func createHardLink(
    named name: LinkName, to target: OpenObject
  ) throws(ModelFileError) {
    let handle = try object.requireHandle()
    let target = try target.requireHandle()
    let location = handle.location.child(name)
    try handle.perform { group throws(ModelFileError) in
      try location.requireCreatable(name)
      let status = target.withIdentifier { object in
        name.withCString { nn_h5l_create_hard(object, group, $0) }
      }
      try location.check(status, or: "can't be linked")
    }
  }
}

extension ObjectLocation {
  /// Checks that a link of this name can be made.
  fileprivate func requireCreatable(_ name: LinkName) throws(ModelFileError) {
    guard name.isOneComponent else {
      throw error(
        .unsupported, "can't be the name of a link", expected: "a name without / and zero bytes")
    }
  }
}

extension DatasetStorage {
  /// The properties of a dataset to be created.
  fileprivate func makeCreationList(
    shape: Dataspace, at location: ObjectLocation
  ) throws(ModelFileError) -> OwnedIdentifier {
    let problem = "its storage can't be laid out"
    let list = try location.owned(nn_h5p_dataset_create(), or: problem)
    try location.check(nn_h5p_without_times(list.raw), or: problem)
    try location.check(nn_h5p_expect_no_attributes(list.raw), or: problem)
    switch self {
    case .contiguous:
      try location.check(nn_h5p_contiguous(list.raw), or: problem)
      // Every byte is written once, by the caller, at a place known from the start.
      try location.check(nn_h5p_allocate_early(list.raw), or: problem)
      try location.check(nn_h5p_never_fill(list.raw), or: problem)
    case .chunked(let chunk, let deflateLevel, let checksum):
      guard chunk.count == shape.extents?.count, !chunk.isEmpty else {
        throw location.error(
          .internalFault, "chunks of \(chunk.count) axes do not fit its shape",
          expected: "\(shape.extents?.count ?? 0) axes")
      }
      try location.check(
        nn_h5p_chunked(list.raw, Int32(clamping: chunk.count), chunk), or: problem)
      if let deflateLevel {
        try location.check(nn_h5p_shuffle(list.raw), or: problem)
        try location.check(
          nn_h5p_deflate(list.raw, UInt32(clamping: deflateLevel)), or: problem)
      }
      if checksum { try location.check(nn_h5p_checksum(list.raw), or: problem) }
    }
    return list
  }
}
