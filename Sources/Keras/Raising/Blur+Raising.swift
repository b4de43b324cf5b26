import FileSupport
import ModelGraph

/// AveragePooling2D: the binomial kernel is the mean of two cells taken twice along both axes, on an image that was
/// padded with zeros. No variable holds the kernel, so that no training changes it.
extension Blur: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    _ = try context.image()
    var value = try context.input()
    if kernel == .binomial {
      value = try context.helper("pad", KerasLayers.ZeroPadding2D(window.padding), on: value)
      value = try context.helper("mean", pooling(strides: [1, 1]), on: value)
    }
    return try context.main(pooling(strides: window.strides), on: value)
  }

  private func pooling(strides: [Int]) -> KerasLayers.AveragePooling2D {
    KerasLayers.AveragePooling2D(poolSize: [2, 2], strides: strides, padding: .valid)
  }
}
