import FileSupport
import Inference
import ModelGraph

/// The values that `run` is to write and to show, taken as they are computed.
struct RunResults {
  /// The nodes whose values are needed.
  let nodes: Set<Int>
  /// The files that were written, in the order in which they were asked for.
  var paths: [String] { files.indices.compactMap { written[$0] } }
  /// The largest numbers of outputs, in their order, as far as they are asked for.
  var largest: [LargestNumbers] { found.sorted { $0.output < $1.output } }
  /// The folder of the files. It is not made before there is something to put into it.
  private(set) var folder: OutputFolder?

  private var written: [Int: String] = [:]
  private var found: [LargestNumbers] = []
  private let files: [(name: String, node: Int)]
  private let path: String
  private let overwrites: Bool
  private let top: Int
  /// The outputs whose largest numbers are asked for, by position.
  private let lists: [(output: Int, node: Int)]

  /// - Parameters:
  ///   - files: what is to be written.
  ///   - path: the folder for it.
  ///   - overwrites: whether files there may be replaced.
  ///   - top: how many of the largest numbers of an output are to be shown; `nil` for none.
  ///   - graph: the model.
  /// - Throws: `ModelFileError` of kind `usage` if no output is a list, and the largest numbers of one are asked for.
  init(
    _ files: [(name: String, node: Int)], in path: String, overwrites: Bool, top: Int?,
    of graph: Graph
  ) throws(ModelFileError) {
    self.files = files
    self.path = path
    self.overwrites = overwrites
    self.top = top ?? 0
    let outputs = graph.outputs.enumerated().map { (output: $0, node: $1.node) }
    lists = top == nil ? [] : outputs.filter { LargestNumbers.isList(graph.nodes[$0.node].shape) }
    nodes = Set(files.map(\.node) + lists.map(\.node))
    guard top == nil || !lists.isEmpty else {
      throw ModelFileError(
        .usage, "--top means nothing for the model: no output is a list of numbers",
        expected: "an output of one axis",
        found: outputs.map { "\(graph.nodes[$0.node].shape)" }.joined(separator: ", "),
        remedy: "leave it out")
    }
  }

  /// Writes the value to its files, and keeps the largest of its numbers.
  ///
  /// - Throws: `ModelFileError` if a file can't be made or written.
  mutating func take(_ tensor: Tensor, of node: Node) throws(ModelFileError) {
    for (position, file) in files.enumerated() where file.node == node.id {
      let folder = try madeFolder()
      let output = try folder.add(file.name, overwrites: overwrites)
      try output.appendNpy(shape: tensor.shape.extents, values: tensor.values)
      try output.seal()
      written[position] = output.path
    }
    for list in lists where list.node == node.id {
      found.append(LargestNumbers(top, of: tensor, output: list.output))
    }
  }

  private mutating func madeFolder() throws(ModelFileError) -> OutputFolder {
    if let folder { return folder }
    let made = try OutputFolder(path: path)
    folder = made
    return made
  }
}
