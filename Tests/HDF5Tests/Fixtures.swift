import CHDF5
import FileSupport

@testable import HDF5

// What the target never writes but has to meet, made through the shim.
extension Group {
  /// Makes a soft link.
  func addSoftLink(named name: LinkName, to path: LinkName) throws {
    try handle.perform { group throws(ModelFileError) in
      let status = name.withCString { name in
        path.withCString { nn_h5l_create_soft($0, group, name) }
      }
      try handle.site.check(status, or: "can't be linked")
    }
  }

  /// Makes an external link.
  func addExternalLink(named name: LinkName, to path: LinkName, in file: LinkName) throws {
    try handle.perform { group throws(ModelFileError) in
      let status = name.withCString { name in
        path.withCString { path in
          file.withCString { nn_h5l_create_external($0, path, group, name) }
        }
      }
      try handle.site.check(status, or: "can't be linked")
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
        (first..<last).count { nn_h5i_is_valid($0) }
      }.reduce(0, +)
    }
  }

  /// How many were opened since `earlier`, whether or not they still are.
  func countGivenOut(since earlier: OpenIdentifiers) -> Int {
    zip(earlier.marks, marks).map { Int($1 - $0) }.reduce(0, +)
  }
}
