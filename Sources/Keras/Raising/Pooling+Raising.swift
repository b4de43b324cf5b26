import FileSupport
import ModelGraph

/// MaxPooling2D and AveragePooling2D where Keras's border is the source's; else compositions.
extension Pooling: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    let extents = [image.height, image.width]
    guard window.dilation.allSatisfy({ $0 == 1 }) else {
      throw context.unsupported("a dilated pooling")
    }
    let outputs = try window.outputExtents(of: extents)
    for padding in [WindowPadding.valid, .same] where matches(padding, extents, outputs) {
      return try pool(context, padding)
    }
    if let margins = marginsOfStarts(extents, outputs) {
      return try poolAtEveryCell(context, margins)
    }
    return switch rule {
    case .maximum: try maximumBehindFloor(context)
    case .average: try meanOfCovered(context, extents, outputs)
    }
  }

  /// Whether Keras's windows are the same number and begin at the same cells. Cells behind the last
  /// window don't matter, nor does it how far that window reaches over the border.
  private func matches(_ padding: WindowPadding, _ extents: [Int], _ outputs: [Int]) -> Bool {
    extents.indices.allSatisfy { axis in
      let (extent, size, stride) = (extents[axis], window.size[axis], window.strides[axis])
      return padding.outputExtent(of: extent, covered: size, stride: stride) == outputs[axis]
        && padding.before(extent: extent, covered: size, stride: stride)
          == window.padding[axis].before
    }
  }

  private func pool(
    _ context: RaisingContext, _ padding: WindowPadding
  ) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    return switch rule {
    case .maximum:
      try context.main(
        KerasLayers.MaxPooling2D(
          poolSize: window.size, strides: window.strides, padding: padding), on: input)
    case .average:
      try context.main(
        KerasLayers.AveragePooling2D(
          poolSize: window.size, strides: window.strides, padding: padding), on: input)
    }
  }

  /// Keras can put a window around every cell (`same`, single steps). If the windows of the source are
  /// among these: the cells in front of the first one's and behind the last one's.
  private func marginsOfStarts(_ extents: [Int], _ outputs: [Int]) -> [Padding]? {
    var margins: [Padding] = []
    for axis in extents.indices {
      let first = (window.size[axis] - 1) / 2 - window.padding[axis].before
      let last = first + (outputs[axis] - 1) * window.strides[axis]
      guard first >= 0, last < extents[axis] else { return nil }
      margins.append(Padding(before: first, after: extents[axis] - 1 - last))
    }
    return margins
  }

  /// A window around every cell, of which those are kept that the source has.
  private func poolAtEveryCell(
    _ context: RaisingContext, _ margins: [Padding]
  ) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    var value =
      switch rule {
      case .maximum:
        try context.helper(
          "dense",
          KerasLayers.MaxPooling2D(poolSize: window.size, strides: [1, 1], padding: .same),
          on: input)
      case .average:
        try context.helper(
          "dense",
          KerasLayers.AveragePooling2D(poolSize: window.size, strides: [1, 1], padding: .same),
          on: input)
      }
    if margins.contains(where: { $0.total > 0 }) {
      value = try context.helper("cut", KerasLayers.Cropping2D(margins), on: value)
    }
    return try context.main(
      KerasLayers.MaxPooling2D(poolSize: [1, 1], strides: window.strides, padding: .valid),
      on: value)
  }

  /// Any border: the image is padded with zeros, and the smallest float is added to the padding alone,
  /// by way of an image of ones that is padded in the same way.
  ///
  /// The sum has no constant term: TensorFlow moves these from one sum into the next, where the image
  /// would drown in a number of 3.4e38. The rectifier keeps it from multiplying out the one before.
  private func maximumBehindFloor(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    let lowest = -Double(Float.greatestFiniteMagnitude)
    let border = KerasLayers.ZeroPadding2D(window.padding)
    let ones = try context.helper("ones", KerasLayers.Rescaling(scale: 0, offset: 1), on: input)
    let inside = try context.helper("inside", border, on: ones)
    let inverse = try context.helper(
      "inverse", KerasLayers.Rescaling(scale: -1, offset: 1), on: inside)
    let outside = try context.helper("outside", KerasLayers.ReLU(), on: inverse)
    let floor = try context.helper("floor", KerasLayers.Rescaling(scale: lowest), on: outside)
    let padded = try context.helper("pad", border, on: input)
    let sum = try context.helper("sum", KerasLayers.Add(), on: padded, floor)
    return try context.main(
      KerasLayers.MaxPooling2D(poolSize: window.size, strides: window.strides, padding: .valid),
      on: sum)
  }

  /// Any border: the mean of whole windows of the image padded with zeros, times the size of a window over the number of
  /// its cells that lie inside. That number is one of rows times one of columns.
  private func meanOfCovered(
    _ context: RaisingContext, _ extents: [Int], _ outputs: [Int]
  ) throws(ModelFileError) -> KerasTensor {
    var factors: [[Double]] = []
    for axis in extents.indices {
      let (extent, size) = (extents[axis], window.size[axis])
      let covered = (0..<outputs[axis]).map { place in
        let start = place * window.strides[axis] - window.padding[axis].before
        return min(start + size, extent) - max(start, 0)
      }
      guard covered.allSatisfy({ $0 > 0 }) else {
        throw context.unsupported("the mean of a window that lies outside the image")
      }
      factors.append(covered.map { Double(size) / Double($0) })
    }
    let padded = try context.helper(
      "pad", KerasLayers.ZeroPadding2D(window.padding), on: try context.input())
    let mean = try context.helper(
      "mean",
      KerasLayers.AveragePooling2D(
        poolSize: window.size, strides: window.strides, padding: .valid), on: padded)
    let rows = try context.helper(
      "rows", KerasLayers.Rescaling(scales: factors[0], shape: [outputs[0], 1, 1]), on: mean)
    return try context.main(
      KerasLayers.Rescaling(scales: factors[1], shape: [outputs[1], 1]), on: rows)
  }
}

/// GlobalAveragePooling2D, GlobalMaxPooling2D.
extension Reduce: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    guard context.shapes[0].rank == 3, axes.sorted() == [1, 2], !keepsAxes else {
      throw context.unsupported("a \(rule.rawValue) along axes \(axes)")
    }
    switch rule {
    case .mean:
      return try context.main(KerasLayers.GlobalAveragePooling2D(), on: try context.input())
    case .maximum:
      return try context.main(KerasLayers.GlobalMaxPooling2D(), on: try context.input())
    case .sum, .minimum, .product:
      throw context.unsupported("the \(rule.rawValue) of each channel")
    }
  }
}

/// The channels that compete are made columns of an image, over which MaxPooling2D works. Where they are not as many for
/// each result, the last ones are compared with what the others gave.
extension ChannelMaximum: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    guard outputs > 0, image.channels >= outputs else {
      throw context.unsupported("a maximum over \(image.channels) channels for \(outputs) results")
    }
    let rest = image.channels % outputs
    let input = try context.input()
    guard rest > 0 else { return try largest(of: input, at: context, suffix: nil) }
    let count = image.channels - rest
    let even = try Margins(channels: 0..<count, of: image.channels)
      .cut(from: input, at: context, suffix: "even")
    let last = try Margins(channels: count..<image.channels, of: image.channels)
      .cut(from: input, at: context, suffix: "last")
    let first = try largest(of: even, at: context, suffix: "first")
    let shared = try Margins(channels: 0..<rest, of: outputs)
      .cut(from: first, at: context, suffix: "shared")
    let alone = try Margins(channels: rest..<outputs, of: outputs)
      .cut(from: first, at: context, suffix: "alone")
    let larger = try context.helper("larger", KerasLayers.Maximum(), on: shared, last)
    return try context.main(KerasLayers.Concatenate(), on: larger, alone)
  }

  /// The maximum of as many channels for each result.
  private func largest(
    of value: KerasTensor, at context: RaisingContext, suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let (height, width) = (value.shape.extents[0], value.shape.extents[1])
    let rivals = value.shape.extents[2] / outputs
    let columns = try context.helper(
      "columns", KerasLayers.Reshape([height * width, rivals, outputs]), on: value)
    let largest = try context.helper(
      "max",
      KerasLayers.MaxPooling2D(poolSize: [1, rivals], strides: [1, rivals], padding: .valid),
      on: columns)
    return try context.layer(
      KerasLayers.Reshape([height, width, outputs]), on: largest, unlessLast: suffix)
  }
}
