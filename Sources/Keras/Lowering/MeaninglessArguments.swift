import FileSupport

/// Arguments of calls that mean nothing for what a layer computes. This is the one list of them; whatever is
/// neither on it nor taken up by the layer's class is refused.
enum MeaninglessArguments {
  /// Whether this part of an argument means nothing if the layer's class does not ask for it.
  static func contain(_ name: String, _ leaf: KerasArgument) -> Bool {
    guard let value = leaf.constant else { return false }
    // Python's `None` stands for an argument that is not given.
    if value == .null { return true }
    switch name {
    // What TensorFlow calls its node.
    case "name": return value.text != nil
    // Layers that differ in training ask for it.
    case "training": return value.pythonTruth == false
    default: return false
    }
  }
}
