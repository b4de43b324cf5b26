import FileSupport

/// The exit codes of nnfmt, each standing once.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case noMatch = 1
  case usage = 64
  case damaged = 65
  case unreadable = 66
  case unsupported = 69
  case internalFault = 70
  case cannotCreate = 73
  case inputOutput = 74
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  /// How a process ends that a signal stops: 128 and the signal's number, as shells say it.
  init(signal: Int32) { self = ExitStatus(rawValue: 128 + signal) ?? .interrupted }

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

  /// What it says, in a few words.
  var meaning: String {
    switch self {
    case .done: "done"
    case .noMatch: "no match"
    case .usage: "wrong usage"
    case .damaged: "damaged file, or one that does not fit its cfg"
    case .unreadable: "no such input"
    case .unsupported: "not supported"
    case .internalFault: "a fault of nnfmt's own"
    case .cannotCreate: "the output can't be created"
    case .inputOutput: "input or output failed part way"
    case .hungUp: "the terminal was closed (SIGHUP)"
    case .interrupted: "interrupted (Ctrl-C)"
    case .terminated: "told to end (SIGTERM)"
    }
  }

  /// All of them in a sentence.
  static var summary: String {
    allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: " · ")
  }
}
