import ArgumentParser
import Darknet
import FileSupport
import Keras
import ModelFiles

/// The options of `convert` that say how its input is read.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The cfg of the network (default: the one beside a .weights, the one carried in an .h5); for Keras \
      weights without their model a file that has it (.h5, .keras, .json).
      """, valueName: "file"),
    completion: .file(extensions: ["cfg", "h5", "keras", "json"]))
  var cfg: String?

  @Option(
    help: """
      Which darknet the model is read as (default: what the cfg states or the .h5 carries, else \
      \(Dialect.standard.rawValue)).
      """)
  var dialect: Dialect?

  @Option(
    name: .customLong("read-header"), parsing: .unconditional,
    help: ArgumentHelp(
      "How many bytes of a .weights to be read stand before its first number: none, or 0 to "
        + "\(HeaderLength.maximum); where its header is lost or damaged.",
      valueName: "none|bytes"))
  var header: HeaderLength?

  @Flag(name: .customLong("allow-partial"), help: "Go on with a file that lacks its last layers.")
  var allowPartial = false

  @Flag(name: .customLong("no-lock"), help: "Open HDF5 files without locking them.")
  var noLock = false
}

/// The options of `convert` that say what it writes.
struct WritingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The format to write, whatever the name.", valueName: "format"))
  var to: OutputFormat?

  @Option(
    help: ArgumentHelp(
      "Which Keras a file of Keras's is for (default: both, in a form that both load alike).",
      valueName: "version"))
  var keras: KerasForm?

  @Option(
    help: ArgumentHelp(
      "The names of a detector's classes, a line each, to be carried along in a file of Keras's.",
      valueName: "file"),
    completion: .file(extensions: ["names"]))
  var names: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Deflate the arrays of an .h5: 1 (fast) to 9 (small).", valueName: "level"))
  var compress: Int?

  @Option(
    help: ArgumentHelp(
      "The header of the .weights (default: as it was, else \(HeaderGeneration.third.rawValue)).",
      valueName: "version"))
  var header: HeaderGeneration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write a .weights of only the first layers, as many as this, as `darknet partial` does.",
      valueName: "count"))
  var upto: Int?

  @Flag(help: "Replace outputs that exist.")
  var force = false

  func validate() throws {
    if let compress, !(1...9).contains(compress) {
      throw ValidationError("--compress takes a level from 1 to 9.")
    }
    if let upto, upto < 0 { throw ValidationError("--upto takes a number of layers, 0 or more.") }
  }
}
