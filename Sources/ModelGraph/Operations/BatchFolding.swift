import FileSupport

/// The first axis of the sample becomes part of the batch: `[N, T, …]` → `[N · T, …]`, the T parts of a
/// sample one after the other. What follows is done to each part by itself, as Keras's `TimeDistributed`
/// does it.
public struct FoldIntoBatch: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A fold.
  public init() {}

  /// The shape without its first axis.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard let first = input.extents.first, first > 0 else {
      throw ModelFileError(
        .damaged, "takes the parts of a sample apart", expected: "a first axis of 1 or more",
        found: "\(input)")
    }
    return Shape(Array(input.extents.dropFirst()))
  }

  /// One for each part.
  public func outputSamples(
    of samples: Int, inputs: [Shape]
  ) throws(ModelFileError) -> Int {
    samples.clampedProduct(inputs.first?.extents.first ?? 1)
  }
}

/// The reverse of ``FoldIntoBatch``: `[N · count, …]` → `[N, count, …]`.
public struct UnfoldFromBatch: Operation {
  /// How many samples become one.
  public let count: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// The end of a fold of so many parts.
  public init(count: Int) { self.count = count }

  /// `[count, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    Shape([count] + (try inputs.only()).extents)
  }

  /// A `count`-th of the samples, of which there must be enough inside a fold.
  public func outputSamples(
    of samples: Int, inputs: [Shape]
  ) throws(ModelFileError) -> Int {
    guard count > 0, samples.isMultiple(of: count) else {
      throw ModelFileError(
        .damaged, "puts parts together that were not taken apart",
        expected: "a divisor of \(samples)", found: "\(count)")
    }
    return samples / count
  }
}
