import CHDF5
import FileSupport
import Foundation
import Testing

@testable import HDF5

// What the target never writes but has to meet, made with libhdf5's own functions.
extension Group {
  /// Runs `body` with the group's identifier and expects all of the statuses that it returns to be good.
  func withLibrary(_ body: (hid_t) -> [hid_t]) throws {
    let statuses = try object.requireHandle().perform { group throws(ModelFileError) in body(group)
    }
    #expect(statuses.allSatisfy { $0 >= 0 })
  }

  /// Makes a soft link.
  func addSoftLink(named name: String, to path: String) throws {
    try withLibrary {
      [hid_t(H5Lcreate_soft(path, $0, name, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT)))]
    }
  }

  /// Makes an external link.
  func addExternalLink(named name: String, to path: String, in file: String) throws {
    try withLibrary {
      [
        hid_t(
          H5Lcreate_external(file, path, $0, name, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT)))
      ]
    }
  }

  /// Makes a dataset of four elements, with a type and properties of the caller's; the bytes are its
  /// elements as stored.
  func addDataset(
    named name: String, type: hid_t, bytes: [UInt8]? = nil,
    configure: (hid_t) -> [hid_t] = { _ in [] }
  ) throws {
    try withLibrary { group in
      let properties = nn_h5p_dataset_create()
      let space = nn_h5s_simple(1, [4])
      var statuses = configure(properties)
      let dataset = nn_h5d_create(group, name, type, space, properties)
      statuses += [properties, space, dataset, type]
      if let bytes { statuses.append(hid_t(nn_h5d_write(dataset, type, space, space, bytes))) }
      for identifier in [dataset, space, properties, type] { nn_h5i_release(identifier) }
      return statuses
    }
  }

  /// Makes an attribute of variable-length text, `nil` standing for text without bytes.
  func addVariableText(named name: String, _ texts: [String?], isUTF8: Bool) throws {
    try withLibrary { group in
      let type = nn_h5t_text(0, isUTF8)
      let space = nn_h5s_simple(1, [hsize_t(texts.count)])
      let attribute = nn_h5a_create(group, name, type, space)
      let pointers = texts.map { $0.flatMap { strdup($0) } }
      let status = nn_h5a_write(attribute, type, pointers)
      for pointer in pointers { free(pointer) }
      for identifier in [attribute, space, type] { nn_h5i_release(identifier) }
      return [type, space, attribute, hid_t(status)]
    }
  }
}

/// Makes a file as a program leaves it that ends while it writes.
func makeFileLeftOpen(at path: String, copy: String, swmr: Bool) throws {
  try Library.run {
    let access = nn_h5p_file_access()
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
    let file = nn_h5f_create(path, hid_t(H5P_DEFAULT), access)
    if swmr { H5Fstart_swmr_write(file) }
    nn_h5f_flush(file)
    let bytes = FileManager.default.contents(atPath: path)
    #expect(FileManager.default.createFile(atPath: copy, contents: bytes))
    nn_h5f_close(file)
    nn_h5i_release(access)
  }
}

/// Makes a file with a virtual dataset `v`, which the format of HDF5 1.8 does not have.
func makeVirtualDataset(at path: String) throws {
  try Library.run {
    let access = nn_h5p_file_access()
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
    let file = nn_h5f_create(path, hid_t(H5P_DEFAULT), access)
    let space = nn_h5s_simple(1, [4])
    let type = nn_h5t_float32()
    let properties = nn_h5p_dataset_create()
    #expect(H5Pset_virtual(properties, space, "other.h5", "/x", space) >= 0)
    let dataset = nn_h5d_create(file, "v", type, space, properties)
    #expect(dataset >= 0)
    for identifier in [dataset, properties, type, space, file, access] {
      nn_h5i_release(identifier)
    }
  }
}

/// What is open in libhdf5, which counts objects but neither spaces nor types nor property lists. The
/// identifiers of these are given out in order, so those given out between two marks can be tried.
struct OpenIdentifiers {
  private let marks: [hid_t]

  init() throws {
    marks = try Library.run { () throws(ModelFileError) in
      [nn_h5s_scalar(), nn_h5t_float32(), nn_h5p_file_access()].map { identifier in
        nn_h5i_release(identifier)
        return identifier
      }
    }
  }

  /// Open files, groups, datasets, named datatypes and attributes.
  static func objectCount() throws -> Int {
    try Library.run { nn_h5f_open_object_count() }
  }

  /// Spaces, types and property lists that were opened since `earlier` and still are.
  func countOpened(since earlier: OpenIdentifiers) throws -> Int {
    try Library.run {
      zip(earlier.marks, marks).map { first, last in
        (first..<last).count { H5Iis_valid($0) > 0 }
      }.reduce(0, +)
    }
  }

  /// How many were opened since `earlier`, whether or not they still are.
  func countGivenOut(since earlier: OpenIdentifiers) -> Int {
    zip(earlier.marks, marks).map { Int($1 - $0) }.reduce(0, +)
  }
}
