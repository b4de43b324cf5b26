import FileSupport

/// Cells that are put around an image along one axis.
public struct Padding: Sendable, Equatable {
  /// Cells in front of the first.
  public let before: Int
  /// Cells behind the last.
  public let after: Int

  /// Padding of one axis.
  public init(before: Int, after: Int) {
    self.before = before
    self.after = after
  }

  /// No cells.
  public static let none = Padding(before: 0, after: 0)

  /// Both together.
  public var total: Int { before.clampedSum(after) }
}

/// How a window moves over the spatial axes of an image; a value for each axis, outermost first.
public struct Window: Sendable, Equatable {
  /// Extents of the window in cells of the image, holes of a dilated one not counted.
  public let size: [Int]
  /// Steps between neighbouring windows.
  public let strides: [Int]
  /// Distances between neighbouring cells of the window: 1 is dense.
  public let dilation: [Int]
  /// Cells put around the image.
  public let padding: [Padding]

  /// A window.
  public init(size: [Int], strides: [Int], dilation: [Int]? = nil, padding: [Padding]) {
    self.size = size
    self.strides = strides
    self.dilation = dilation ?? size.map { _ in 1 }
    self.padding = padding
  }

  /// The extents that the window covers, holes included: `(size − 1) · dilation + 1`.
  public var covered: [Int] {
    zip(size, dilation).map { ($0 - 1).clampedProduct($1).clampedSum(1) }
  }

  /// How many windows fit: `(in + padding − covered) / stride + 1` on each axis.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if not even one fits, or if the window is none
  ///   for these axes.
  public func outputExtents(of spatial: [Int]) throws(ModelFileError) -> [Int] {
    let lists = [size, strides, dilation]
    guard (lists.map(\.count) + [padding.count]).allSatisfy({ $0 == spatial.count }) else {
      throw ModelFileError(
        .damaged, "the window has another number of axes", expected: "\(spatial.count)",
        found: "\(size.count)")
    }
    guard lists.joined().allSatisfy({ $0 > 0 }) else {
      throw ModelFileError(
        .damaged, "the window has an extent, a stride or a dilation below 1",
        expected: "1 or more",
        found: "size \(size), strides \(strides), dilation \(dilation)")
    }
    guard padding.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) else {
      throw ModelFileError(
        .damaged, "the window has a padding below 0", expected: "0 or more",
        found: padding.map { "\($0.before) and \($0.after)" }.joined(separator: ", "))
    }
    var result: [Int] = []
    for axis in spatial.indices {
      let room = spatial[axis].clampedSum(padding[axis].total).clampedSum(-covered[axis])
      guard room >= 0, covered[axis] < .max else {
        throw ModelFileError(
          .damaged, "the window is larger than the image",
          expected: "at least \(covered[axis]) cells along each axis",
          found: "\(spatial[axis]) and a padding of \(padding[axis].total)")
      }
      result.append(room / strides[axis] + 1)
    }
    return result
  }
}

extension Window {
  /// The window without a distance between cells of which there is one, a step that is not taken, and cells
  /// behind the image that it does not reach.
  func simplified(input: Shape, output: Shape, _ layout: ImageLayout) -> Window {
    let cells = layout.spatial(of: input)
    let places = layout.spatial(of: output)
    guard [cells.count, places.count].allSatisfy({ $0 == size.count }) else { return self }
    var (steps, holes, margins) = (strides, dilation, padding)
    for axis in size.indices {
      if size[axis] == 1 { holes[axis] = 1 }
      if places[axis] == 1 { steps[axis] = 1 }
      let reach = (places[axis] - 1) * steps[axis] + (size[axis] - 1) * holes[axis] + 1
      margins[axis] = Padding(
        before: padding[axis].before, after: reach - padding[axis].before - cells[axis])
    }
    return Window(size: size, strides: steps, dilation: holes, padding: margins)
  }
}

/// An operation that moves a window over an image.
public protocol WindowedOperation: Operation {
  /// How the window moves; that of a transposed convolution over its output.
  var window: Window { get }
}

extension Graph {
  /// How the windows of each layer's operations move, by the index of the layer, each way once.
  public var windows: [Int: [Window]] {
    var windows: [Int: [Window]] = [:]
    for node in nodes {
      guard let layer = node.layer?.index,
        let window = (node.operation as? any WindowedOperation)?.window,
        windows[layer]?.contains(window) != true
      else { continue }
      windows[layer, default: []].append(window)
    }
    return windows
  }
}
