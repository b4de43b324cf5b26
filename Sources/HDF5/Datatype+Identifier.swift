import CHDF5
import FileSupport

extension Datatype {
  /// The type in libhdf5 for a dataset or attribute that we create.
  func makeIdentifier(at location: ObjectLocation) throws(ModelFileError) -> OwnedIdentifier {
    let raw: hid_t =
      switch (kind, size) {
      case (.float, 2) where self == .float16: nn_h5t_float16()
      case (.float, 4) where self == .float32: nn_h5t_float32()
      case (.float, 8) where self == .float64: nn_h5t_float64()
      case (.integer(let isSigned), _) where order == .little: nn_h5t_integer(isSigned, size)
      case (.opaque, 1...): nn_h5t_opaque(size)
      default: throw location.error(.unsupported, "the datatype \(name) can't be written")
      }
    return try location.owned(raw, or: "its datatype can't be made")
  }
}
