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
