import ArgumentParser
import Conversion
import Darknet
import FileSupport
import Inference
import ModelFiles
import ModelGraph

/// `nnfmt run`
struct RunCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Computes a model's outputs for an input and writes them as .npy files.",
    usage: "nnfmt run [<options>] --input <input> --output <output> <model>",
    discussion: """
      --layers outputs (the default) writes DIR/output_0.npy, output_1.npy, …: a detector's heads, \
      else the last layer; a Keras model's outputs in order. --layers all writes DIR/NNN.npy for every \
      layer of a cfg, DIR/NAME.npy of a Keras model; --layers 3,7,-1 some of them (-1 is the last). \
      All are float32 with the batch in front: (N, C, H, W) or (N, K), Keras's own shapes for Keras.
      An input has these shapes, too; its batch axis may be missing. A picture (PNG, JPEG) is made into one \
      as the model's file says (inspect shows it).

      The times of --repeat and --profile are those of the computation alone, without reading the \
      model and the input and writing the outputs.

      A Keras file that holds weights only takes its architecture from --cfg MODEL.h5, .keras or \
      .json. Lambda layers and custom classes are code of their authors', which is never run.

      Examples:
        nnfmt run yolov3.weights --cfg yolov3.cfg --input dog.npy --output out
        nnfmt run net.weights --cfg net.cfg --input x.npy --output out --layers all
        nnfmt run model.keras --input image=x.npy --input words=y.npy --output out
        nnfmt run net.weights --input x.npy --output out --repeat 20 --profile

      Read on: spec/keras-running.md, spec/engine.md
      """)

  @Argument(
    help: "The model: \(ModelFormats.modelEndings).", completion: .file())
  var model: String

  @Option(
    help: "The architecture: a cfg, or a Keras model or its JSON.",
    completion: .file(extensions: ["cfg", "h5", "keras", "json"]))
  var cfg: String?

  @Option(help: "Which darknet the model is read as (default: \(Dialect.whereUnnamed)).")
  var dialect: Dialect?

  @Option(
    help: "An input: [NAME=]X.npy or a picture, once for each input of the model, in its order.",
    completion: .file(extensions: ["npy", "png", "jpg", "jpeg"]))
  var input: [String]

  @Option(help: "The folder that the results go into; it is created if missing.")
  var output: String

  @Option(
    parsing: .unconditional,
    help: "What is written: outputs, all, or a list of layers such as 3,7,-1.")
  var layers: LayerChoice = .outputs

  @Option(
    help: ArgumentHelp(
      "Print the largest numbers of each output that is a list: a classifier's best classes.",
      valueName: "n"))
  var top: Int?

  @Option(
    help: ArgumentHelp(
      "With --top: a file with the names of the classes, a line each (default: those that the model carries, or its "
        + ".names file).",
      valueName: "file"),
    completion: .file(extensions: ["names"]))
  var names: String?

  @Flag(name: .customLong("allow-partial"), help: "Go on with a file that lacks its last layers.")
  var allowPartial = false

  @Flag(help: "Replace outputs that exist.")
  var force = false

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @OptionGroup(title: "Pictures") var pictures: PictureInputOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions
  @OptionGroup(title: "Times") var timing: TimingOptions
  @OptionGroup(title: "Display") var display: DisplayOptions

  func validate() throws {
    if names != nil, top == nil { throw ValidationError("--names is for --top.") }
    if let top, top < 1 { throw ValidationError("--top takes a number from 1 on.") }
    if input.isEmpty { throw ValidationError("Name the input with --input X.npy.") }
  }

  func run() throws {
    InputChanges.watch()
    let engine = try EngineChoice.chosen(computing.engine).make(threads: computing.threads)
    let source = ModelSource(
      model: try ModelFile(model), config: cfg.map(ArchitectureFile.init), dialect: dialect)
    let arrays = InputArrays(
      input, pictures: PictureFeeding(for: source, pictures.options))
    let model = try source.model.format.computable(of: source, allowsPartial: allowPartial)
      .runnable(inputs: arrays.shapes)
    let inputs = try arrays.tensors(for: model.graph)
    var times = PassTimes(model.graph)
    var results: RunResults
    do throws(ModelFileError) {
      results = try RunResults(
        try layers.files(of: model), in: output, overwrites: force, top: top, of: model.graph)
      let session = try engine.prepare(model.graph, wanting: results.nodes)
      let passes = timing.passes ?? 0
      let progress = RunProgress(nodes: model.graph.nodes.count, passes: passes + 1)
      try times.add(passOf: session, inputs, onStep: progress.took) {
        (node, tensor) throws(ModelFileError) in
        try results.take(tensor, of: node)
      }
      if passes > 0 {
        // The first pass was the warm-up.
        times = PassTimes(model.graph)
        for _ in 0..<passes {
          try times.add(passOf: session, inputs, onStep: progress.took) { _, _ in }
        }
      }
    } catch {
      throw error.inFile(self.model)
    }
    let peak = timing.profile ? try MachinePeak.gflops(of: engine) : nil
    try results.folder?.commit(awaitsReport: true)
    tell(
      RunReport(
        model: self.model, engine: type(of: engine).name,
        threads: computing.threads ?? Threads.cores,
        outputs: results.paths, times: timing.isWanted ? times : nil, peak: peak,
        largest: try named(results.largest, of: source), warnings: model.warnings))
    TemporaryFiles.keepOutputs()
    Console.warnings(model.warnings)
  }

  /// The same with the names of the classes. Those that nobody named on the command line may be of another output.
  private func named(
    _ largest: [LargestNumbers], of source: ModelSource
  ) throws(ModelFileError) -> [LargestNumbers] {
    var named: [LargestNumbers] = []
    for var output in largest {
      do throws(ModelFileError) {
        output.names = try source.classNames(names, count: output.length)
      } catch {
        guard names == nil else { throw error }
      }
      named.append(output)
    }
    return named
  }

  private func tell(_ report: RunReport) {
    if json { return Console.document(report.json) }
    let style = Style(Console.output)
    var lines: [String] = []
    if !report.largest.isEmpty {
      lines += LargestNumbers.table(of: report.largest).lines(style: style)
    }
    if let times = report.times {
      if let peak = report.peak {
        lines += RunReport.table(of: times, peak: peak).lines(style: style)
        lines.append(RunReport.line(ofPeak: peak))
      }
      if timing.passes != nil { lines.append(RunReport.summary(of: times)) }
    }
    if !lines.isEmpty { Console.output.lines(lines) }
  }
}

/// Which values are written.
enum LayerChoice: ExpressibleByArgument {
  case outputs
  case all
  case some([Int])

  init?(argument: String) {
    switch argument {
    case "outputs": self = .outputs
    case "all": self = .all
    default:
      let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      guard !numbers.isEmpty, !numbers.contains(nil) else { return nil }
      self = .some(numbers.compactMap(\.self))
    }
  }

  var defaultValueDescription: String { "outputs" }

  /// The files to write, each with the node that it is of.
  func files(of model: RunnableModel) throws(ModelFileError) -> [(name: String, node: Int)] {
    switch self {
    case .outputs:
      return model.graph.outputs.enumerated().map { ("output_\($0).npy", $1.node) }
    case .all:
      return model.layers.map { ("\($0.fileStem).npy", $0.node) }
    case .some(let numbers):
      var files: [(String, Int)] = []
      for number in numbers {
        let index = number < 0 ? model.layers.count + number : number
        guard model.layers.indices.contains(index) else {
          throw ModelFileError(
            .usage, "there is no layer \(number)",
            expected: "-\(model.layers.count) to \(model.layers.count - 1)",
            remedy: "`nnfmt inspect` lists the layers with their numbers")
        }
        files.append(("\(model.layers[index].fileStem).npy", model.layers[index].node))
      }
      return files
    }
  }
}
