import FileSupport
import Inference
import ModelGraph

extension ComparedModel {
  /// What one of the model's inputs is given, of an array in the reference's layout.
  ///
  /// - Parameters:
  ///   - given: the array.
  ///   - port: the position of the input.
  ///   - layout: how images lie in the array.
  func taking(_ given: Tensor, at port: Int, from layout: ImageLayout) -> Tensor {
    let relaid = inSequences(given.relaid(from: layout, to: graph.layout))
    let sample = Shape(Array(relaid.shape.extents.dropFirst()))
    let shape = inputs[port].shape
    // A vector that darknet has as an image of one cell.
    guard shape.rank == 1, sample.rank == 3, Shape(sample.extents.suffix(1)) == shape else {
      return relaid
    }
    return relaid.reshaped(to: shape)
  }

  /// Samples, of which each is a step of a sequence, all first steps first, as the samples that the graph has:
  /// sequences, where it takes such.
  private func inSequences(_ tensor: Tensor) -> Tensor {
    guard steps > 1, tensor.batch % steps == 0 else { return tensor }
    let count = tensor.batch / steps
    let view = StridedView(contiguous: [steps, count, tensor.sampleCount]).permuted([1, 0, 2])
    return Tensor(
      shape: Shape([count, steps] + tensor.sample.extents), values: tensor.values.gathered(by: view)
    )
  }

  /// The numbers of a value of the graph in the order that both models share: each sample walked by a view, step by
  /// step where a sample is a sequence.
  func shared(_ tensor: Tensor, by view: StridedView?) -> [Float] {
    let values = tensor.walked(by: view)
    guard isOfSequences(tensor.batch, tensor.sampleCount) else { return values }
    return values.gathered(
      by: StridedView(contiguous: [tensor.batch, steps, tensor.sampleCount / steps])
        .permuted([1, 0, 2]))
  }

  /// The way back: a value of the graph whose numbers in the shared order are these.
  ///
  /// - Parameters:
  ///   - values: the numbers.
  ///   - sample: the shape of a sample of the value.
  ///   - view: the walk that brings a sample into the shared order.
  func own(_ values: [Float], as sample: Shape, by view: StridedView?) -> Tensor {
    let batch = values.count / max(sample.elementCount, 1)
    var ordered = values
    if isOfSequences(batch, sample.elementCount) {
      ordered = values.gathered(
        by: StridedView(contiguous: [steps, batch, sample.elementCount / steps])
          .permuted([1, 0, 2]))
    }
    let tensor = Tensor(shape: Shape([batch] + sample.extents), values: ordered)
    guard let view else { return tensor }
    return Tensor(shape: tensor.shape, values: tensor.walked(by: view.inverse))
  }

  private func isOfSequences(_ batch: Int, _ sampleCount: Int) -> Bool {
    steps > 1 && batch > 1 && sampleCount % steps == 0
  }
}

extension [Float] {
  /// The numbers in the order of a walk over all of them.
  func gathered(by view: StridedView) -> [Float] {
    if view.isContiguous { return self }
    let gather = Gather(view: view, elementSize: MemoryLayout<Float>.size)
    return [Float](unsafeUninitializedCapacity: count) { target, written in
      withUnsafeBytes { gather.copy(from: $0, to: UnsafeMutableRawBufferPointer(target)) }
      written = count
    }
  }
}

extension Tensor {
  /// The numbers of all samples, each walked by a view; `nil` and views that don't fit leave them.
  func walked(by view: StridedView?) -> [Float] {
    guard let view, view.elementCount == sampleCount, !view.isContiguous else { return values }
    let bytes = sampleCount * MemoryLayout<Float>.stride
    let gather = Gather(view: view, elementSize: MemoryLayout<Float>.size)
    return [Float](unsafeUninitializedCapacity: values.count) { target, count in
      let target = UnsafeMutableRawBufferPointer(target)
      values.withUnsafeBytes { source in
        for sample in 0..<batch {
          let range = sample * bytes..<(sample + 1) * bytes
          gather.copy(
            from: UnsafeRawBufferPointer(rebasing: source[range]),
            to: UnsafeMutableRawBufferPointer(rebasing: target[range]))
        }
      }
      count = values.count
    }
  }

  /// The same images in another layout.
  fileprivate func relaid(from layout: ImageLayout, to target: ImageLayout) -> Tensor {
    guard layout != target, sample.rank == 3 else { return self }
    let order = target == .channelsFirst ? [2, 0, 1] : [1, 2, 0]
    let view = StridedView(contiguous: sample).permuted(order)
    return Tensor(shape: Shape([batch] + view.extents), values: walked(by: view))
  }
}
