import FileSupport
import ModelGraph

extension LoweringContext {
  /// Refuses a sum that Keras 3 does not make along the axis that its formula says.
  ///
  /// With TensorFlow, `keras.ops.add` takes an array for a bias of channels if only one of its axes has more than one
  /// place, and the value's last axis, or the one behind the batch, has as many: `tf.nn.bias_add` then adds it along
  /// that axis, wherever broadcasting would put it. Other backends do as the formula says, and only an `.h5` tells the
  /// backend. Source: `keras/src/backend/tensorflow/numpy.py: add`.
  ///
  /// - Parameters:
  ///   - bias: the shape of the array as Keras adds it.
  ///   - value: the shape of what it is added to, in Keras's order, without the batch.
  ///   - option: what stands for the array in the file.
  /// - Throws: `ModelFileError` of kind `unsupported` if the two axes are not the same.
  func refuseDisputedBias(
    _ bias: Shape, on value: Shape, option: String
  ) throws(ModelFileError) {
    try refuse(bias, on: Shape([samples] + value.extents), option)
  }

  /// The same for values of which the second has one number for each sample: only how many samples there are decides.
  func refuseDisputedSum(_ value: KerasValue, _ added: KerasValue) throws(ModelFileError) {
    guard samples > 1, shape(added).elementCount == 1 else { return }
    try refuse(
      Shape([samples] + shape(added).extents), on: Shape([samples] + shape(value).extents), "x2")
  }

  /// Both shapes are as Keras has them, with the batch where they have it.
  private func refuse(_ bias: Shape, on value: Shape, _ option: String) throws(ModelFileError) {
    guard generation == .third, backend == nil || backend == "tensorflow" else { return }
    let wide = bias.extents.indices.filter { bias.extents[$0] > 1 }
    guard wide.count == 1, let axis = wide.first, value.rank > 1 else { return }
    let count = bias.extents[axis]
    let last = value.rank - 1
    let taken = value.extents[last] == count ? last : value.extents[1] == count ? 1 : nil
    let meant = value.rank - (bias.rank - axis)
    guard let taken, taken != meant else { return }
    throw ModelFileError(
      .unsupported, at: [.option(option)],
      "is added along another axis by Keras 3 with TensorFlow than by its formula, since both have \(count) places",
      expected: "axis \(meant)", found: "axis \(taken)",
      remedy: meant == 0 ? "compute another number of samples" : nil)
  }

  /// The same for the bias of a convolution, which Keras 3 brings into the image's layout.
  ///
  /// - Parameters:
  ///   - image: the shape of the result with its channels last.
  ///   - layout: the layout in which Keras has it.
  func refuseDisputedBias(ofImage image: Shape, in layout: ImageLayout) throws(ModelFileError) {
    guard layout == .channelsFirst, let channels = image.extents.last else { return }
    let places = Array(image.extents.dropLast())
    try refuseDisputedBias(
      Shape([channels] + places.map { _ in 1 }), on: Shape([channels] + places), option: "use_bias")
  }
}
