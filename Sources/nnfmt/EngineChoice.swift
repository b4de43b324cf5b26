import ArgumentParser
import FileSupport
import Inference
import ModelGraph

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

  func make(threads: Int?) -> any Engine {
    switch self {
    case .onednn:
      OneDNNEngine(threads: Self.threads(threads)) ?? ReferenceEngine(threads: Self.threads(threads))
    case .reference: ReferenceEngine(threads: Self.threads(threads))
    }
  }

  /// The threads asked for, or one for each core.
  static func threads(_ asked: Int?) -> Int {
    asked ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}

/// How long each step of the computation took.
struct ProfileTable {
  private var rows: [(name: String, time: Duration)] = []

  mutating func add(_ nodes: [Node], _ time: Duration) {
    rows.append((nodes.map(\.name).joined(separator: ", "), time))
  }

  func print() {
    var table = Table([("operation", .left), ("ms", .right)])
    for row in rows { table.add([row.name, Self.milliseconds(row.time)]) }
    table.add(["in all", Self.milliseconds(rows.reduce(.zero) { $0 + $1.time })])
    Console.messages.lines(table.lines(style: Style(Console.messages)))
  }

  private static func milliseconds(_ time: Duration) -> String {
    let micros =
      time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000
    let fraction = String(micros % 1000)
    return "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }
}
