import FileSupport
import Inference
import Keras
import ModelGraph

/// The arrays and pictures that `--input [NAME=]X.npy` names.
package struct InputArrays {
  private let entries: [(name: String?, path: String)]
  private let pictures: PictureFeeding

  /// The arrays of these arguments.
  package init(_ arguments: [String], pictures: PictureFeeding) {
    self.pictures = pictures
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
      tensors.append(try tensor(path, for: input.shape))
    }
    try checkPictures()
    return tensors
  }

  /// What is said of pictures must be of some.
  private func checkPictures() throws(ModelFileError) {
    guard let option = pictures.strayOption else { return }
    throw ModelFileError(
      .usage, "\(option) is for pictures, and the inputs are arrays", remedy: "leave it out")
  }

  /// The shapes of the arrays for these inputs, in their order. Nothing but the headers of arrays is read.
  ///
  /// - Throws: `ModelFileError`: `usage` if names or numbers don't fit, or that of a file.
  package func shapes(for inputs: [KerasNetwork.ModelInput]) throws(ModelFileError) -> [Shape] {
    var shapes: [Shape] = []
    for (path, input) in zip(try paths(for: inputs.map(\.name)), inputs) {
      let shape = try shape(of: path)
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

  private func shape(of path: String) throws(ModelFileError) -> Shape {
    let file = try InputFile(path: path)
    guard try FileContent(of: file) != .picture else { return try pictures.tensor(file).shape }
    return Shape(try NpyFile(file).shape)
  }

  /// Nothing but the header of a file is read if the array does not fit.
  private func tensor(_ path: String, for sample: Shape) throws(ModelFileError) -> Tensor {
    let file = try InputFile(path: path)
    guard try FileContent(of: file) != .picture else {
      let tensor = try pictures.tensor(file)
      return Tensor(
        shape: try Self.fit(tensor.shape, of: path, to: sample.extents), values: tensor.values)
    }
    let array = try NpyFile(file)
    let shape = try Self.fit(Shape(array.shape), of: path, to: sample.extents)
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
