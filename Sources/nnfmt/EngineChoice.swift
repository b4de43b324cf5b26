import ArgumentParser
import FileSupport
import Inference
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What computes a forward pass, or a step of training.
enum EngineChoice: String, CaseIterable, ExpressibleByArgument {
  /// oneDNN: fast, in float32.
  case onednn
  /// Plain Swift that reads like the formulas.
  case reference

  /// The engine asked for: on the command line, in the environment, or else the default. One that this machine does
  /// not have is replaced, which is said once.
  ///
  /// - Throws: `ModelFileError` of kind `usage` if `NNFMT_ENGINE` names none.
  static func chosen(_ option: EngineChoice?) throws(ModelFileError) -> EngineChoice {
    let named = try named()
    let wanted = option ?? named ?? standard
    guard wanted == .onednn, let fault = OneDNNLibrary.fault else { return wanted }
    Console.warnings([
      ModelWarning(
        "oneDNN can't be used, so the slower reference engine computes: "
          + "\(fault.escapedForTerminal); --engine reference does without it")
    ])
    return .reference
  }

  /// The engine that the environment names.
  private static func named() throws(ModelFileError) -> EngineChoice? {
    guard let text = getenv("NNFMT_ENGINE").map({ String(cString: $0) }), !text.isEmpty else {
      return nil
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

  /// The engine.
  ///
  /// - Parameters:
  ///   - threads: how many share the work; by default one for each core.
  ///   - sumsDirectly: whether sums of products may not be computed in a faster way that rounds more.
  func make(threads: Int?, sumsDirectly: Bool = false) -> any Engine {
    let threads = threads ?? Threads.cores
    return switch self {
    case .onednn:
      StandardEngine.make(threads: threads, algorithms: sumsDirectly ? .direct : .fastest)
    case .reference: ReferenceEngine(threads: threads)
    }
  }

  /// The engine of who computes nothing.
  static var idle: any Engine { EngineChoice.reference.make(threads: 1) }

  /// What computes a step of training.
  var training: TrainingEngine {
    switch self {
    case .onednn: .onednn
    case .reference: .reference
    }
  }
}
