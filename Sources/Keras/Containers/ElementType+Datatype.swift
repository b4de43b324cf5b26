import HDF5
import ModelGraph

extension ElementType {
  /// The type of HDF5 that stores it; `nil` where HDF5 has none of its own.
  var datatype: Datatype? {
    switch self {
    case .float16: .float16
    case .float32: .float32
    case .float64: .float64
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .bfloat16, .bool: nil
    }
  }

  /// The type of the elements of a dataset, in whatever order of bytes they are stored; `nil` for what
  /// no tensor is made of.
  init?(_ datatype: Datatype) {
    switch datatype.floatFormat {
    case .binary16: self = .float16
    case .bfloat16: self = .bfloat16
    case .binary32: self = .float32
    case .binary64: self = .float64
    case nil: self.init(integer: datatype)
    }
  }

  private init?(integer datatype: Datatype) {
    switch (datatype.kind, datatype.size) {
    case (.integer(isSigned: true), 1): self = .int8
    case (.integer(isSigned: true), 2): self = .int16
    case (.integer(isSigned: true), 4): self = .int32
    case (.integer(isSigned: true), 8): self = .int64
    case (.integer(isSigned: false), 1): self = .uint8
    case (.integer(isSigned: false), 2): self = .uint16
    case (.integer(isSigned: false), 4): self = .uint32
    case (.integer(isSigned: false), 8): self = .uint64
    default: return nil
    }
  }
}
