import FileSupport
import Inference
import ModelGraph

/// The arrays that `--input [NAME=]X.npy` names.
struct InputArrays {
  private let entries: [(name: String?, path: String)]

  init(_ arguments: [String]) {
    entries = arguments.map { argument in
      guard let equals = argument.firstIndex(of: "="), !argument[..<equals].contains("/") else {
        return (nil, argument)
      }
      return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }
  }

  /// A tensor for each input of a graph, in its order.
  ///
  /// - Throws: `ModelFileError`: `usage` if names or numbers don't fit, or that of a file.
  func tensors(for graph: Graph) throws(ModelFileError) -> [Tensor] {
    let names = graph.inputs.map { graph.nodes[$0].name }
    guard entries.count == names.count else {
      throw ModelFileError(
        .usage, "the model takes another number of inputs",
        expected: "\(names.count): \(names.joined(separator: ", "))", found: "\(entries.count)")
    }
    var paths: [String: String] = [:]
    for (position, entry) in entries.enumerated() {
      let name = entry.name ?? names[position]
      guard names.contains(name), paths[name] == nil else {
        throw ModelFileError(
          .usage, file: entry.path, "there is no such input, or it is given twice",
          expected: names.joined(separator: ", "), found: name.escapedForTerminal)
      }
      paths[name] = entry.path
    }
    var tensors: [Tensor] = []
    for name in names {
      tensors.append(try Self.tensor(paths[name] ?? ""))
    }
    return tensors
  }

  private static func tensor(_ path: String) throws(ModelFileError) -> Tensor {
    let file = try InputFile(path: path)
    if try FileContent(of: file) == .picture {
      throw ModelFileError(
        .unsupported, file: path, "pictures can't be read yet",
        remedy: "save the pixels as float32 .npy, shape (3, H, W), values 0 to 1")
    }
    let array = try NpyFile(file)
    return Tensor(shape: Shape(array.shape), values: try array.floats())
  }
}
