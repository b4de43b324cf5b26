import FileSupport
import ModelGraph

/// Which layers are the outputs of a network that has no detection heads, where they are several: a comment
/// in front of `[net]`, `# nnfmt: outputs=1,4`.
///
/// darknet itself puts out one layer, the last, and has no option for more; a comment is what all of its
/// forks pass over.
enum StatedOutputs {
  /// The comment.
  static func line(_ layers: [Int]) -> String {
    ConfigStatement.line(.outputs, layers.optionText)
  }

  /// The outputs that a cfg states; `nil` if it states none, or has heads, which are then the outputs.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are no layers in order.
  static func checked(
    _ config: ConfigFile, _ layers: [PlacedLayer], _ warnings: inout WarningList
  ) throws(ModelFileError) -> [Int]? {
    guard let statement = ConfigStatement(.outputs, in: config.bytes) else { return nil }
    let stated = [Int].parse(statement.value)
    let isRising = zip(stated.value, stated.value.dropFirst()).allSatisfy { $0 < $1 }
    guard stated.isWhole, isRising, stated.value.allSatisfy(layers.indices.contains) else {
      throw ModelFileError(
        .damaged, file: config.path, at: [.line(statement.line)],
        "the comment that states the outputs names no layers of this network in order",
        expected: "rising indexes from 0 to \(layers.count - 1)",
        found: stated.value.optionText,
        remedy: "correct it, or remove the line: then the last layer is the output")
    }
    guard !layers.contains(where: \.isHead) else {
      warnings.append(
        ModelWarning(
          file: config.path, at: [.line(statement.line)],
          "the outputs that the comment states don't count: the network has detection heads"))
      return nil
    }
    return stated.value
  }
}
