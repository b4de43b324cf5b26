import ArgumentParser
import Darknet
import FileSupport
import Inference
import ModelGraph
import Training

/// `nnfmt train`
struct TrainCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a darknet network on arrays, as darknet would, and writes the checkpoint.",
    discussion: """
      A row of X is a sample, a row of Y its truth. Rows are taken in order and over again: batch of \
      them a step (times time_steps). With --weights the run goes on where that checkpoint stands; the \
      images that it has seen drive the learning rate and the rows. What no checkpoint holds, the \
      momentum most of all, is kept beside it as OUT.weights.state and found again there.

      Examples:
        nnfmt train net.cfg --x x.npy --y y.npy --steps 100 --output net.weights
        nnfmt train net.cfg --weights net.weights --x x.npy --y y.npy \\
          --steps 50 --output more.weights --save-every 10 --log log.json
        nnfmt train net.cfg --x x.npy --y y.npy --check-gradients

      Read on: spec/training.md
      """)

  @Argument(help: "The cfg of the network.", completion: .file(extensions: ["cfg"]))
  var cfg: String

  @Option(help: "How many steps to do.")
  var steps: Int?

  @Option(help: "Write the rate and the loss of each step, as JSON.", completion: .file())
  var log: String?

  @Option(
    help: "Which darknet the network is trained as (default: \(Dialect.whereUnnamed)).")
  var dialect: Dialect?

  @Option(help: "What dropout, shuffling and fresh weights depend on.")
  var seed: UInt64 = 1

  @Flag(
    name: .customLong("check-gradients"),
    help: "Train nothing; hold every layer's gradient against finite differences.")
  var checkGradients = false

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @OptionGroup(title: "Samples") var samples: SampleOptions
  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions
  @OptionGroup(title: "Display") var display: DisplayOptions

  func validate() throws {
    guard !checkGradients else { return }
    guard let steps, steps >= 1 else { throw ValidationError("--steps takes a number from 1 on.") }
    if checkpoints.output == nil {
      throw ValidationError("Name the checkpoint to write with --output.")
    }
  }

  func run() throws {
    let network = try Network(contentsOf: cfg, dialect: dialect)
    let start = try StartingPoint(checkpoints.weights, network: network)
    let plan = try start.plan()
    let data = try TrainingData(
      x: Self.array(samples.x), y: Self.array(samples.y), for: plan)
    var settings = TrainerSettings()
    settings.engine = try EngineChoice.chosen(computing.engine).training
    settings.threads = computing.threads ?? Threads.cores
    settings.seed = seed
    settings.shuffles = samples.shuffle
    if checkGradients {
      try report(try GradientCheck(plan, data: data, settings: settings).run())
    } else {
      let trainer: Trainer
      do {
        trainer = try Trainer(plan, data: data, seen: start.seen, settings: settings)
      } catch {
        throw error.inFile(cfg)
      }
      if let state = start.state { trainer.restore(state) }
      try train(trainer, start)
    }
    Console.warnings(network.warnings + start.warnings)
  }

  private func train(_ trainer: Trainer, _ start: StartingPoint) throws(ModelFileError) {
    guard let steps, let output = checkpoints.output else { return }
    // Whatever is wrong with a name shows before the work begins.
    let final = try CheckpointFiles(output, force: checkpoints.force)
    let logFile: OutputFile? =
      if let log { try OutputFile(path: log, overwrites: checkpoints.force) } else { nil }
    var done: [JSONValue] = []
    let progress = ProgressBar("training", unit: .counted("step"))
    for number in 1...steps {
      let step: TrainingStep
      do {
        step = try trainer.step()
      } catch {
        throw error.inFile(samples.x)
      }
      done.append([
        "step": .integer(Int64(step.step)), "rate": .number(step.rate), "loss": .number(step.loss),
      ])
      progress.show(
        UInt64(number), of: UInt64(steps), ", loss \(NumberText.significant(step.loss))")
      if let saveEvery = checkpoints.saveEvery, number % saveEvery == 0 {
        let file = try CheckpointFiles(
          CheckpointFiles.name(output, step: number), force: checkpoints.force)
        try OutputFile.commit(try file.write(trainer, start))
      }
    }
    progress.clear()
    var files = try final.write(trainer, start)
    let document: JSONValue = ["steps": .array(done)]
    if let logFile {
      try logFile.append(JSONWriter(style: .pretty).bytes(of: document) + [UInt8(ascii: "\n")])
      try logFile.seal()
      files.append(logFile)
    }
    try OutputFile.commit(files, awaitsReport: json)
    if json { Console.document(document) }
    TemporaryFiles.keepOutputs()
  }

  private static func array(_ path: String) throws(ModelFileError) -> Tensor {
    let file = try NpyFile(path: path)
    return Tensor(shape: Shape(file.shape), values: try file.floats())
  }

  private func report(_ rows: [GradientCheck.Row]) throws(ModelFileError) {
    if json {
      Console.document([
        "layers": .array(
          rows.map { row in
            [
              "index": .integer(Int64(row.layer)), "type": .string(row.type),
              "worst_relative_error": .number(row.worst), "checked": .integer(Int64(row.checked)),
              "exception": row.exception.map(JSONValue.string) ?? .null,
            ]
          })
      ])
      return
    }
    var table = Table(
      [("layer", .left), ("checked", .right), ("worst error", .right), ("", .left)],
      wrapping: [0, 3])
    for row in rows {
      table.add([
        "\(row.layer) \(row.type)", "\(row.checked)", NumberText.significant(row.worst),
        row.exception ?? "",
      ])
    }
    Console.output.lines(table.lines(style: Style(Console.output)))
  }
}
