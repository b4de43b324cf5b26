import FileSupport
import ModelGraph

/// Keras's two ways to treat the border of an image under a moving window.
enum WindowPadding: String, Sendable {
  /// Windows lie inside the image.
  case valid
  /// There are `⌈in / stride⌉` windows; what they need outside the image is split in two halves, the
  /// larger behind the image.
  case same
  /// Windows lie inside the sequence, in front of which there are as many zeros as a window reaches
  /// back; only one-dimensional layers know it.
  case causal

  /// How many windows fit along one axis; `covered` is the window's extent, holes included.
  func outputExtent(of extent: Int, covered: Int, stride: Int) -> Int {
    switch self {
    case .valid: extent < covered ? 0 : (extent - covered) / stride + 1
    case .causal, .same: (extent + stride - 1) / stride
    }
  }

  /// The cells in front of the image that the first window covers.
  func before(extent: Int, covered: Int, stride: Int) -> Int {
    switch self {
    case .valid: 0
    case .causal: covered - 1
    case .same:
      max(reach(over: extent, covered: covered, stride: stride) - extent, 0) / 2
    }
  }

  /// The cells from the first one that the first window covers to the last one that the last window does.
  func reach(over extent: Int, covered: Int, stride: Int) -> Int {
    (outputExtent(of: extent, covered: covered, stride: stride) - 1) * stride + covered
  }

  /// The spatial extents of a window's output.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if not even one window fits.
  func outputExtents(
    of spatial: [Int?], size: [Int], strides: [Int], dilation: [Int]? = nil
  ) throws(ModelFileError) -> [Int?] {
    var result: [Int?] = []
    for axis in spatial.indices {
      guard let known = spatial[axis] else {
        result.append(nil)
        continue
      }
      let covered = (size[axis] - 1) * (dilation?[axis] ?? 1) + 1
      let extent = outputExtent(of: known, covered: covered, stride: strides[axis])
      guard extent > 0 else {
        throw ModelFileError(
          .damaged, "the window is larger than the image", expected: "at least \(covered)",
          found: "\(known)")
      }
      result.append(extent)
    }
    return result
  }
}

extension ImageLayout {
  /// The value of `data_format`.
  var kerasName: String { self == .channelsLast ? "channels_last" : "channels_first" }
}

extension JSONValue {
  /// `((before, after), (before, after))`
  init(margins: [Padding]) {
    self = .array(margins.map { JSONValue([$0.before, $0.after]) })
  }
}

extension WindowPadding {
  /// The window over an image of these spatial extents.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if not even one window fits.
  func window(
    over spatial: [Int], size: [Int], strides: [Int], dilation: [Int]? = nil
  ) throws(ModelFileError) -> Window {
    _ = try outputExtents(of: spatial, size: size, strides: strides, dilation: dilation)
    var padding: [Padding] = []
    for axis in spatial.indices {
      let covered = (size[axis] - 1) * (dilation?[axis] ?? 1) + 1
      let before = before(extent: spatial[axis], covered: covered, stride: strides[axis])
      let reach = reach(over: spatial[axis], covered: covered, stride: strides[axis])
      let total = self == .same ? max(reach - spatial[axis], 0) : before
      padding.append(Padding(before: before, after: total - before))
    }
    return Window(size: size, strides: strides, dilation: dilation, padding: padding)
  }
}

extension Padding {
  /// No cells.
  static let none = Padding(before: 0, after: 0)
}

extension Parameter {
  /// A kernel of Keras, `[k…, in, out]`, as operations have it: `[out, in, k…]`.
  var kernelsFirst: Parameter {
    let rank = shape.rank
    return permuted([rank - 1, rank - 2] + Array(0..<(rank - 2)))
  }
}

extension LoweringContext {
  /// Refuses the kernels of a convolution that Theano wrote, which are turned around.
  ///
  /// Source: `keras/engine/topology.py: preprocess_weights_for_loading` of Keras 2.
  func refuseTurnedKernels() throws(ModelFileError) {
    if let refusal = KerasCheckpoint.turnedKernels(by: backend) { throw refusal }
  }
}
