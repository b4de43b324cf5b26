import FileSupport

/// A layer that does without some of the reference's tensors: without biases, mostly.
enum MissingTensor {
  /// The options that say no more than which tensors there are.
  private static let options: Set<String> = [
    "parameters", "use_bias", "biases", "scale", "scales", "center",
  ]

  /// - Parameter layers: the layer on both sides.
  /// - Returns: `nil` if a tensor that both have differs, or an option that means something else.
  /// - Throws: `ModelFileError` of either file.
  static func cause(
    _ layers: (ComparedModel.Layer, ComparedModel.Layer), _ differences: [ModelDifference]
  ) throws(ModelFileError) -> LikelyCause? {
    let (layer, other) = layers
    let own = differences.filter { $0.layer == layer.name }
    guard
      own.allSatisfy({
        options.contains($0.option.split(separator: ".").last.map(String.init) ?? "")
      })
    else {
      return nil
    }
    var left = other.parameters
    var missing: [String] = []
    for parameter in layer.parameters {
      let name = parameter.name.dropFirst(layer.name.count)
      let position = left.firstIndex {
        $0.name.dropFirst(other.name.count) == name && $0.shape == parameter.shape
      }
      guard let position else {
        missing.append(String(name.drop { $0 == "." }))
        continue
      }
      let counterpart = left.remove(at: position)
      guard let a = parameter.numbers, let b = counterpart.numbers else { return nil }
      let isRounded = parameter.isRounded || counterpart.isRounded
      let outcome = try NumberComparison(rounding: isRounded ? Comparison.roundingOfAdjusted : 0)
        .outcome(a, b)
      guard outcome.count == 0 else { return nil }
    }
    guard left.isEmpty, !missing.isEmpty else { return nil }
    return LikelyCause(.missingTensor, layer: layer.name, detail: missing.joined(separator: ", "))
  }
}
