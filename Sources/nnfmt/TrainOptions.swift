import ArgumentParser

/// The options of `train` that say what is learned.
struct SampleOptions: ParsableArguments {
  @Option(help: "The samples: .npy.", completion: .file(extensions: ["npy"]))
  var x: String

  @Option(help: "The truth of each sample: .npy.", completion: .file(extensions: ["npy"]))
  var y: String

  @Flag(help: "Take the rows in another order in each round.")
  var shuffle = false
}

/// The options of `train` for the checkpoints that it reads and writes.
struct CheckpointOptions: ParsableArguments {
  @Option(help: "The checkpoint to start from (default: fresh weights).", completion: .file())
  var weights: String?

  @Option(help: "The checkpoint to write: .weights.", completion: .file())
  var output: String?

  @Option(
    name: .customLong("save-every"), help: "Also write OUT_K.weights after every so many steps.")
  var saveEvery: Int?

  @Flag(help: "Replace outputs that exist.")
  var force = false

  func validate() throws {
    if let saveEvery, saveEvery < 1 {
      throw ValidationError("--save-every takes a number from 1 on.")
    }
  }
}
