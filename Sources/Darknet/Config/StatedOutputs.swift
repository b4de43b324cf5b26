import FileSupport
import ModelGraph

/// Which layers are the outputs of a network that has no detection heads, where they are several: a comment
/// in front of `[net]`, `# nnfmt: outputs=1,4`.
///
/// darknet itself puts out one layer, the last, and has no option for more; a comment is what all of its
/// forks pass over.
enum StatedOutputs {
  private static let beginning = "#nnfmt:outputs="

  /// The comment.
  static func line(_ layers: [Int]) -> String { "# nnfmt: outputs=\(layers.optionText)" }

  /// What the comments before the first section say: the layers as they stand there, and the line.
  static func read(_ bytes: [UInt8]) -> (layers: [Int], isWhole: Bool, line: Int)? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = String(decoding: line.filter { !" \t\r".utf8.contains($0) }, as: UTF8.self)
      if text.hasPrefix("[") { return nil }
      guard text.hasPrefix(beginning) else { continue }
      let list = [Int].parse(text.dropFirst(beginning.count))
      return (list.value, list.isWhole, index + 1)
    }
    return nil
  }

  /// The outputs that a cfg states; `nil` if it states none, or has heads, which are then the outputs.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are no layers in order.
  static func checked(
    _ config: ConfigFile, _ layers: [PlacedLayer], _ warnings: inout WarningList
  ) throws(ModelFileError) -> [Int]? {
    guard let stated = read(config.bytes) else { return nil }
    let isRising = zip(stated.layers, stated.layers.dropFirst()).allSatisfy { $0 < $1 }
    guard stated.isWhole, isRising, stated.layers.allSatisfy(layers.indices.contains) else {
      throw ModelFileError(
        .damaged, file: config.path, at: [.line(stated.line)],
        "the comment that states the outputs names no layers of this network in order",
        expected: "rising indexes from 0 to \(layers.count - 1)",
        found: stated.layers.optionText,
        remedy: "correct it, or remove the line: then the last layer is the output")
    }
    guard !layers.contains(where: \.isHead) else {
      warnings.append(
        ModelWarning(
          file: config.path, at: [.line(stated.line)],
          "the outputs that the comment states don't count: the network has detection heads"))
      return nil
    }
    return stated.layers
  }
}
