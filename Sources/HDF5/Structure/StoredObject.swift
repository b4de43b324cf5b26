import FileSupport
import Synchronization

/// A group, dataset or named datatype of a file: its header, and what was read of it so far.
final class StoredObject: Sendable {
  let address: UInt64
  let header: ObjectHeader
  let kind: ObjectKind
  private let links = Mutex<LinkTable?>(nil)
  private let attributes = Mutex<StoredAttributes?>(nil)
  private let dataset = Mutex<StoredDataset?>(nil)

  init(at address: UInt64, in image: FileImage) throws(ModelFileError) {
    self.address = address
    header = try ObjectHeader(at: address, in: image)
    let kinds = Set(header.messages.map(\.kind))
    if kinds.contains(.symbolTable) || kinds.contains(.linkInfo) {
      kind = .group
    } else if kinds.contains(.datatype) {
      kind = kinds.contains(.dataspace) ? .dataset : .namedDatatype
    } else {
      kind = .unknown
    }
  }

  /// The links of a group.
  func links(in file: StoredFile) -> LinkTable {
    links.withLock { links in
      if let links { return links }
      let table = LinkTable(of: header, in: file.image, limits: file.limits)
      links = table
      file.pay(table.links.count * 96)
      return table
    }
  }

  /// The attributes.
  func attributes(in file: StoredFile) -> StoredAttributes {
    attributes.withLock { attributes in
      if let attributes { return attributes }
      let table = StoredAttributes(of: header, in: file.image, limits: file.limits)
      attributes = table
      file.pay(table.messages.count * 128)
      return table
    }
  }

  /// What a dataset says of itself.
  func dataset(in file: StoredFile) throws(ModelFileError) -> StoredDataset {
    try dataset.withLock { dataset throws(ModelFileError) in
      if let dataset { return dataset }
      let description = try StoredDataset(self, in: file)
      dataset = description
      return description
    }
  }
}
