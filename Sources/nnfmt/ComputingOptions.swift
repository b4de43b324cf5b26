import ArgumentParser
import Inference

/// The options of a command that computes.
struct ComputingOptions: ParsableArguments {
  @Option(help: EngineChoice.help)
  var engine: EngineChoice?

  @Option(help: "Threads to compute with (default: one for each core).")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 on.") }
  }
}

/// The options of `run` that have it tell how long it takes.
struct TimingOptions: ParsableArguments {
  @Flag(
    help: "Print the time, the GFLOP/s (also of the machine's peak) and the share of each layer.")
  var profile = false

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp(
      "Time so many passes after a warm-up; print the minimum, median and maximum.", valueName: "n")
  )
  var passes: Int?

  /// Whether any times are told.
  var isWanted: Bool { profile || passes != nil }

  func validate() throws {
    if let passes, passes < 1 { throw ValidationError("--repeat takes a number from 1 on.") }
  }
}
