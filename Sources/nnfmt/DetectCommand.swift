import ArgumentParser
import Darknet
import Detection
import FileSupport
import Images
import Inference
import ModelFiles
import ModelGraph

/// `nnfmt detect`
struct DetectCommand: DisplayingCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Finds things in pictures with a YOLO detector, and draws boxes around them.",
    usage: "nnfmt detect [<options>] --input <picture> <model>",
    discussion: """
      The model is a darknet one with its cfg, or an .h5 that nnfmt made of one: anchors, masks and \
      names travel inside of it. Pictures (PNG, JPEG; folders of them) are fitted as darknet does it: \
      stretched, or with --resize letterbox in their proportions, which is the default of pjreddie's \
      dialect and of a cfg with letter_box=1. EXIF is passed over, as in darknet. An array \
      (X.npy) is the network's input as it is.

      Of boxes of a class that overlap by more than --nms the likeliest stays, by the rule that the cfg \
      names (nms_kind).

      Names stand in a file of --names, a line each; else in the .h5, or beside the model in a file with \
      the same stem and the ending .names.

      Of several pictures each is told in its turn, and one that can't be read does not keep the others \
      from it; the exit code is the largest.

      Examples:
        nnfmt detect yolov3.weights --input dog.jpg --names coco.names
        nnfmt detect yolov4-tiny.h5 --input dog.jpg --draw out.png --threshold 0.5
        nnfmt detect net.weights --input photos/ --draw found/ --jobs 4 --json

      Read on: spec/detection.md
      """)

  @Argument(
    help: "The model: \(ModelFormats.modelEndings).", completion: .file())
  var model: String

  @Option(
    help: "The cfg (default: the one beside the model, or that it carries).",
    completion: .file(extensions: ["cfg"]))
  var cfg: String?

  @Option(help: "Which darknet the model is read as (default: \(Dialect.whereUnnamed)).")
  var dialect: Dialect?

  @Option(
    help: ArgumentHelp(
      "A picture, a folder of pictures, or X.npy; repeatable.", valueName: "picture"),
    completion: .file(extensions: ["png", "jpg", "jpeg", "npy"]))
  var input: [String]

  @Option(
    help: ArgumentHelp("A file with the names of the classes.", valueName: "file"),
    completion: .file(extensions: ["names"]))
  var names: String?

  @Option(
    help: "How pictures are fitted: letterbox or stretch (default: as darknet does for the model).")
  var resize: PictureInput.Fitting?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The least probability.", valueName: "p"))
  var threshold: Float = Detector.Settings().threshold

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How much boxes of one class may overlap; 0 leaves all of them.", valueName: "iou"))
  var nms: Float = Detector.Settings().overlap

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @OptionGroup(title: "Drawing") var drawing: DrawingOptions
  @OptionGroup(title: "Computing") var computing: ComputingOptions

  @Option(help: "How many pictures to look at at the same time.")
  var jobs = 1

  @OptionGroup(title: "Display") var display: DisplayOptions

  func validate() throws {
    if input.isEmpty { throw ValidationError("Name a picture with --input.") }
    if !(0...1).contains(threshold) {
      throw ValidationError("--threshold takes a probability, 0 to 1.")
    }
    if !(0...1).contains(nms) { throw ValidationError("--nms takes a part of boxes, 0 to 1.") }
    if jobs < 1 { throw ValidationError("--jobs takes a number from 1 on.") }
  }

  func run() throws {
    InputChanges.watch()
    let sources = try PictureSources(input)
    let threads = computing.threads ?? max(1, Threads.cores / min(jobs, sources.all.count))
    let engine = try EngineChoice.chosen(computing.engine).make(threads: threads)
    let detector = try Detector(
      path: model, architecture: cfg, names: names, dialect: dialect, engine: engine)
    var settings = Detector.Settings()
    settings.fitting = resize
    settings.threshold = threshold
    settings.overlap = nms
    let drawings = try Drawings(drawing, of: sources, detector)
    try DetectionRun(
      detector: detector, settings: settings, sources: sources, drawings: drawings, jobs: jobs,
      isJSON: json
    ).run()
    Console.warnings(detector.warnings)
  }
}

/// The options of `detect` for pictures with boxes.
struct DrawingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the picture with its boxes as PNG; of several pictures into this folder.",
      valueName: "out.png"),
    completion: .file(extensions: ["png"]))
  var draw: String?

  @Option(
    help: ArgumentHelp(
      "The font of the names (default: one that the system has).", valueName: "file"),
    completion: .file(extensions: ["ttf", "otf"]))
  var font: String?

  @Flag(help: "Replace drawings that exist.")
  var force = false

  func validate() throws {
    if draw == nil, font != nil || force {
      throw ValidationError("\(force ? "--force" : "--font") is for --draw.")
    }
  }
}
