import ArgumentParser
import FileSupport
import Inspection

/// The options of `inspect` for a picture of the network.
struct GraphOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Draw the network: layers as boxes, top to bottom; with --tree nested models from inside.",
      valueName: "out.svg|out.dot"),
    completion: .file(extensions: ["svg", "dot"]))
  var graph: String?

  @Flag(help: "Replace a drawing that exists.")
  var force = false

  func validate() throws {
    if let graph, GraphFile.Format(forName: graph) == nil {
      throw ValidationError("--graph takes a name that ends in .svg or .dot.")
    }
    if graph == nil, force { throw ValidationError("--force goes with --graph.") }
  }
}

/// A picture of a network, as a file.
struct GraphFile {
  /// What is written.
  enum Format: String, CaseIterable {
    case svg, dot

    init?(forName path: String) {
      let name = path.lowercased()
      guard let format = Self.allCases.first(where: { name.hasSuffix(".\($0.rawValue)") }) else {
        return nil
      }
      self = format
    }
  }

  private let file: OutputFile
  private let format: Format

  /// Makes the file before anything is read: the name may be taken. `nil` if none is asked for.
  ///
  /// - Throws: `ModelFileError` of kind `cannotCreate`.
  init?(_ options: GraphOptions) throws(ModelFileError) {
    guard let path = options.graph, let format = Format(forName: path) else { return nil }
    self.format = format
    file = try OutputFile(path: path, overwrites: options.force)
  }

  /// Writes the picture.
  ///
  /// - Throws: `ModelFileError`: `unsupported` if there is no graph to draw; of the file.
  func write(_ summary: Summary) throws(ModelFileError) {
    let picture = try GraphPicture(summary)
    let text =
      switch format {
      case .svg: picture.svg(title: summary.file)
      case .dot: picture.dot(title: summary.file)
      }
    try file.append(Array(text.utf8))
    try OutputFile.commit([file])
  }
}
