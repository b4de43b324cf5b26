import FileSupport

/// Which values with masks of their own are taken by layers that use these.
///
/// Keras 3's `MultiHeadAttention` takes the masks off the values that it is called with
/// (`multi_head_attention.py: call`): a layer that is run after it sees none, be it another attention; one that is run
/// before it does. Which of two branches is run first depends on more than the configuration's order, so that models with
/// both are refused.
struct MaskTakers {
  private var attended: Set<Int> = []
  private var read: Set<Int> = []

  /// Notes a call whose masks are not passed explicitly.
  ///
  /// - Parameter masked: the nodes of the values with masks that it takes.
  /// - Throws: `ModelFileError` of kind `unsupported` if one of them is taken by such an attention and by another layer.
  mutating func add(_ layerClass: any KerasLayerClass, masked: [Int]) throws(ModelFileError) {
    let takesOff = layerClass is KerasLayers.MultiHeadAttention
    guard takesOff || type(of: layerClass).callParameters.contains("mask") else { return }
    guard attended.isDisjoint(with: masked), !takesOff || read.isDisjoint(with: masked) else {
      throw ModelFileError(
        .unsupported,
        "a value whose mask MultiHeadAttention takes off is taken by another layer with its mask, which is "
          + "not supported", expected: "a mask that is passed explicitly")
    }
    if takesOff { attended.formUnion(masked) } else { read.formUnion(masked) }
  }
}
