import FileSupport

/// The exit codes of nnfmt, each standing once.
enum ExitStatus: Int32 {
  case done = 0
  case noMatch = 1
  case usage = 64
  case damaged = 65
  case unreadable = 66
  case unsupported = 69
  case internalFault = 70
  case cannotCreate = 73
  case inputOutput = 74
  case interrupted = 130

  init(_ kind: ModelFileError.Kind) {
    self =
      switch kind {
      case .damaged: .damaged
      case .unreadable: .unreadable
      case .unsupported: .unsupported
      case .usage: .usage
      case .cannotCreate: .cannotCreate
      case .inputOutput: .inputOutput
      case .internalFault: .internalFault
      }
  }
}
