import FileSupport
import ModelGraph

/// What a file holds as lines of text that depend on its content alone: two listings differ where the files do.
package struct ContentsListing {
  private let contents: ModelContents
  /// Numbers that nothing tells apart are listed in blocks of so many.
  private static let block = 1 << 16

  /// The listing of a file.
  package init(_ contents: ModelContents) { self.contents = contents }

  /// The lines.
  ///
  /// - Throws: `ModelFileError` of the file.
  package func lines() throws(ModelFileError) -> [String] {
    var lines = ["format \(contents.format)"]
    lines += contents.metadata.map { "\($0.key) \($0.value)" }
    for layer in contents.layers {
      lines += ["", "layer \(layer.name) \(layer.kind)"]
      lines += layer.options.map { "  \($0.key) = \($0.value)" }
    }
    if !contents.tensors.isEmpty { lines.append("") }
    for tensor in contents.tensors { lines += try self.lines(of: tensor) }
    return lines.map(\.escapedForTerminal)
  }

  private func lines(of tensor: ModelContents.Tensor) throws(ModelFileError) -> [String] {
    let title = "tensor \(tensor.name) \(tensor.shape) \(tensor.typeName)"
    let storage = tensor.storage.map { " (\($0))" } ?? ""
    guard let numbers = tensor.numbers else {
      return ["\(title) \(tensor.unread.map { "not read: \($0)" } ?? "empty")\(storage)"]
    }
    if tensor.layer == nil, tensor.array == ModelContents.looseNumbers {
      return [title] + (try blocks(of: numbers))
    }
    do throws(ModelFileError) {
      return ["\(title) sha256 \(try OrderedDigest(numbers).digest)\(storage)"]
    } catch {
      guard error.kind == .unsupported else { throw error }
      return ["\(title) not read: \(error.problem)\(storage)"]
    }
  }

  private func blocks(of numbers: OrderedTensor) throws(ModelFileError) -> [String] {
    let bands = try TensorBands(numbers)
    var lines: [String] = []
    for start in stride(from: 0, to: bands.count, by: Self.block) {
      let range = start..<min(start + Self.block, bands.count)
      let digest = try SHA256()
      digest.update(try bands.bytes(of: range))
      lines.append("  \(range.lowerBound)…\(range.upperBound - 1) sha256 \(digest.finish())")
    }
    return lines
  }
}
