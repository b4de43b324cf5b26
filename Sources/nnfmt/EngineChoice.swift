import ArgumentParser
import FileSupport
import Inference

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What computes a forward pass.
enum EngineChoice: String, CaseIterable, ExpressibleByArgument {
  /// oneDNN: fast, in float32.
  case onednn
  /// Plain Swift that reads like the formulas.
  case reference

  /// The engine asked for: on the command line, in the environment, or else the default.
  ///
  /// - Throws: `ModelFileError` of kind `usage` if `NNFMT_ENGINE` names none.
  static func chosen(_ option: EngineChoice?) throws(ModelFileError) -> EngineChoice {
    if let option { return option }
    guard let text = getenv("NNFMT_ENGINE").map({ String(cString: $0) }), !text.isEmpty else {
      return standard
    }
    guard let engine = EngineChoice(rawValue: text) else {
      throw ModelFileError(
        .usage, "NNFMT_ENGINE names no engine",
        expected: allCases.map(\.rawValue).joined(separator: ", "), found: text.escapedForTerminal,
        remedy: "unset it, or give it one of these names")
    }
    return engine
  }

  /// What computes if nothing is said.
  private static let standard = EngineChoice.onednn

  /// The help text of the option that asks for one.
  static let help = ArgumentHelp(
    "What computes: \(allCases.map(\.rawValue).joined(separator: ", ")) "
      + "(default: NNFMT_ENGINE, else \(standard.rawValue)).")

  /// The engine, with the threads asked for or one for each core. Where there is no oneDNN, the reference engine stands in.
  func make(threads: Int?) -> any Engine {
    let threads = threads ?? Threads.cores
    return switch self {
    case .onednn: StandardEngine.make(threads: threads)
    case .reference: ReferenceEngine(threads: threads)
    }
  }
}
