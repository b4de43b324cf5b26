import FileSupport
import Inference
import Keras
import ModelGraph

/// The arrays that `--input [NAME=]X.npy` names.
package struct InputArrays {
  private let entries: [(name: String?, path: String)]

  /// The arrays of these arguments.
  package init(_ arguments: [String]) {
    entries = arguments.map(Self.parts)
  }

  /// The two parts of `[NAME=]X.npy`.
  static func parts(of argument: String) -> (name: String?, path: String) {
    guard let equals = argument.firstIndex(of: "="), !argument[..<equals].contains("/") else {
      return (nil, argument)
    }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// A tensor for each input of a graph, in its order.
  ///
  /// - Throws: `ModelFileError`: `usage` if names or numbers don't fit, or that of a file.
  package func tensors(for graph: Graph) throws(ModelFileError) -> [Tensor] {
    try tensors(for: graph.inputs.map { ($0.name, graph.nodes[$0.node].shape) })
  }

  /// A tensor for each input of these names and shapes, in their order.
  ///
  /// - Throws: `ModelFileError`: `usage` if names or numbers don't fit, or that of a file.
  package func tensors(
    for inputs: [(name: String, shape: Shape)]
  ) throws(ModelFileError) -> [Tensor] {
    var tensors: [Tensor] = []
    for (path, input) in zip(try paths(for: inputs.map(\.name)), inputs) {
      tensors.append(try Self.tensor(path, for: input.shape))
    }
    return tensors
  }

  /// The shapes of the arrays for these inputs, in their order. Nothing but headers is read.
  ///
  /// - Throws: `ModelFileError`: `usage` if names or numbers don't fit, or that of a file.
  package func shapes(for inputs: [KerasNetwork.ModelInput]) throws(ModelFileError) -> [Shape] {
    var shapes: [Shape] = []
    for (path, input) in zip(try paths(for: inputs.map(\.name)), inputs) {
      let shape = Shape(try Self.array(path).shape)
      if let extents = input.shape?.extents { _ = try Self.fit(shape, of: path, to: extents) }
      shapes.append(shape)
    }
    return shapes
  }

  /// The files in the order of the inputs.
  private func paths(for names: [String]) throws(ModelFileError) -> [String] {
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
    return names.map { paths[$0] ?? "" }
  }

  private static func array(_ path: String) throws(ModelFileError) -> NpyFile {
    let file = try InputFile(path: path)
    if try FileContent(of: file) == .picture {
      throw ModelFileError(
        .unsupported, file: path, "pictures can't be read yet",
        remedy: "save the pixels as float32 .npy, shape (3, H, W), values 0 to 1")
    }
    return try NpyFile(file)
  }

  /// Nothing but the header of a file is read if the array does not fit.
  private static func tensor(
    _ path: String, for sample: Shape
  ) throws(ModelFileError) -> Tensor {
    let array = try array(path)
    let shape = try fit(Shape(array.shape), of: path, to: sample.extents)
    return Tensor(shape: shape, values: try array.floats())
  }

  private static func fit(
    _ shape: Shape, of path: String, to sample: [Int?]
  ) throws(ModelFileError) -> Shape {
    do {
      return try shape.input(forExtents: sample)
    } catch {
      throw error.inFile(path)
    }
  }
}
