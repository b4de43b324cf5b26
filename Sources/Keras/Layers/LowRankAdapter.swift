import FileSupport
import ModelGraph

/// Two narrow matrices beside a layer's kernel that are trained in its stead, and whose product is added to it: what
/// `enable_lora(rank)` of Keras 3 makes.
///
/// Keras 3's own layout stores the sum of both in the place of the kernel; the legacy layout of an `.h5` has all three.
struct LowRankAdapter: KeyedConfiguration {
  /// The width of the matrices, if there are any.
  private var rank: Int?

  static let keys: [KerasKey<Self>] = [
    .integer("lora_rank", \.rank, .unwritten, in: 1...(1 << 20))
  ]

  /// The variables of a layer, of which the first is the kernel, with those of the adapter.
  func beside(_ forms: [KerasVariableForm]) -> [KerasVariableForm] {
    guard let rank, let kernel = forms.first, let last = kernel.shape.extents.last else {
      return forms
    }
    let matrices = [("a", kernel.shape.extents.dropLast() + [rank]), ("b", [rank, last])]
    return [
      KerasVariableForm(kernel.name, kernel.shape, kernel.role, isTrainable: false)
    ] + forms.dropFirst()
      + matrices.map { name, extents in
        KerasVariableForm(
          "lora_\(kernel.name)_\(name)", Shape(Array(extents)), .weights, presence: .legacyLayout)
      }
  }
}
