import FileSupport
import ModelGraph

extension Convolution: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let sample = node.inputs[0].sample
    let channels = node.layout.channels(of: sample)
    let convolution = try loaded(channels: channels, node)
    // The channels of a lone cell lie side by side in any layout. Fewer cells than threads are better
    // shared out by filters; the sums are the same.
    let cells = node.batch * node.shape.elementCount / max(outputs, 1)
    if convolution.isMatrix, cells >= node.workers.threads,
      node.layout == .channelsLast || sample.elementCount == channels
    {
      return node.result(
        convolution.product(
          of: node.inputs[0].values, cells: cells, outputs: outputs, node.workers))
    }
    return node.imageResult(
      convolution.apply(
        node.image(node.inputs[0]), output: node.channelsFirstShape, node.workers))
  }

  /// Filters.
  var outputs: Int { weights.shape.extents[0] }

  /// The convolution with its numbers, for an image of so many channels.
  func loaded<Scalar>(
    channels: Int, _ node: KernelContext<Scalar>
  ) throws(ModelFileError) -> DirectConvolution<Scalar> {
    guard groups > 0, channels % groups == 0, outputs % groups == 0 else {
      throw ModelFileError(
        .damaged, "groups divide the channels unevenly",
        expected: "a divisor of \(channels) and \(outputs)", found: "\(groups)")
    }
    let shape = Shape([outputs, channels / groups] + window.size)
    return DirectConvolution(
      window: window, groups: groups, weights: try node.values(of: weights, shape: shape),
      biases: try node.optionalValues(of: biases, shape: [outputs]))
  }
}

/// `y[o, p] = Σ x[i, p · stride + k · dilation − before] · w[o, i, k] + b[o]`, row by row.
struct DirectConvolution<Scalar: ReferenceScalar>: Sendable {
  /// How the kernel moves.
  let window: Window
  /// Groups of channels.
  let groups: Int
  /// *w*, `[out, in / groups, k…]`.
  let weights: [Scalar]
  /// *b*, if there is one.
  let biases: [Scalar]?

  /// Sums that are in work at a time: a piece of a row that stays in the first cache.
  private static var piece: Int { 1024 }

  /// The numbers of `[N, C, …]`.
  ///
  /// - Parameters:
  ///   - image: `[N, C, …]`, with the axes of the window behind the channels.
  ///   - output: `[C, …]` of the result.
  func apply(_ image: TensorOf<Scalar>, output: Shape, _ workers: Workers) -> [Scalar] {
    output.extents[0] / groups % SIMD4<Double>.filters == 0
      ? apply(image, output: output, workers, sums: SIMD4<Double>.self)
      : apply(image, output: output, workers, sums: Double.self)
  }

  /// The same, with the sums of several filters side by side.
  private func apply<Sums: FilterSums>(
    _ image: TensorOf<Scalar>, output: Shape, _ workers: Workers, sums: Sums.Type
  ) -> [Scalar] {
    let (channels, inputs) = (output.extents[0], image.shape.extents[1])
    let cells = Array(image.shape.extents.dropFirst(2))
    let places = Array(output.extents.dropFirst())
    let axes = WindowAxes(
      isPointwise ? .single : window, image: isPointwise ? [cells.reduce(1, *)] : cells)
    let (depth, height, width) = (isPointwise ? [places.reduce(1, *)] : places).inThreeAxes
    let length = Self.piece / Sums.filters
    let pieces = stride(from: 0, to: width, by: length).map {
      RowPiece($0..<min($0 + length, width), of: width, axes.width)
    }
    let size = weights.count / max(channels, 1)
    let pass = Pass<Sums>(groupInputs: inputs / groups, axes: axes)
    let (count, blocks) = (depth * height * width, channels / Sums.filters)
    return workers.fill(parts: image.batch * blocks, of: Sums.filters * count) { part, run in
      let (sample, block) = part.quotientAndRemainder(dividingBy: blocks)
      let channel = block * Sums.filters
      let first = sample * inputs + channel / (channels / groups) * pass.groupInputs
      let factors = (0..<size).map { Sums(weights, at: channel * size + $0, of: size) }
      for row in 0..<(depth * height) {
        let (slice, line) = row.quotientAndRemainder(dividingBy: height)
        for piece in pieces {
          RowSums.sum(piece.columns, of: image.values, factors) { sums in
            pass.add(piece, to: sums, slice: slice, row: line, firstInput: first)
            for filter in 0..<Sums.filters {
              let bias = Double(biases?[channel + filter] ?? 0)
              let start = filter * count + row * width
              for column in piece.columns {
                run[start + column] = Scalar(sums[column].sum(of: filter) + bias)
              }
            }
          }
        }
      }
    }
  }

  /// What is the same for all rows of one convolution.
  private struct Pass<Sums: FilterSums> {
    /// Input channels that an output channel sees.
    let groupInputs: Int
    /// The window over the image.
    let axes: WindowAxes

    /// Adds all products of some filters to a piece of a row.
    func add(
      _ piece: RowPiece, to sums: RowSums<Scalar, Sums>, slice: Int, row: Int, firstInput: Int
    ) {
      let (depth, height, width) = (axes.depth, axes.height, axes.width)
      for i in 0..<groupInputs {
        for kz in 0..<depth.size {
          guard let z = depth.cell(at: slice, kz) else { continue }
          for ky in 0..<height.size {
            guard let y = height.cell(at: row, ky) else { continue }
            let plane = (firstInput + i) * depth.extent + z
            let line = (plane * height.extent + y) * width.extent
            let weight = ((i * depth.size + kz) * height.size + ky) * width.size
            for tap in piece.taps {
              sums.add(
                weight: weight + tap.kx, line: line + tap.offset, stride: width.stride,
                columns: tap.columns)
            }
            if !piece.shared.isEmpty {
              sums.addThree(
                weight: weight, line: line + width.offset(of: 0), stride: width.stride,
                step: width.dilation, columns: piece.shared)
            }
          }
        }
      }
    }
  }

  /// Whether no cell sees its neighbours: then an image is one long row.
  private var isPointwise: Bool {
    (window.size + window.strides).allSatisfy { $0 == 1 }
      && window.padding.allSatisfy { $0.total == 0 }
  }

  /// Whether it is one product of a matrix with the channels of every cell.
  var isMatrix: Bool { isPointwise && groups == 1 }

  /// That product, for cells whose channels lie side by side: `y[n, o] = Σ w[o, i] · x[n, i] + b[o]`.
  ///
  /// The sums of a cell make up a row, to which each of its channels adds a row of the matrix.
  func product(of values: [Scalar], cells: Int, outputs: Int, _ workers: Workers) -> [Scalar] {
    let inputs = weights.count / max(outputs, 1)
    let rows = TensorOf.transposing(weights, blocks: 1, rows: outputs, columns: inputs)
    return workers.fill(parts: cells, of: outputs) { cell, run in
      let factors = values[(cell * inputs)..<((cell + 1) * inputs)].map { Double($0) }
      for start in stride(from: 0, to: outputs, by: Self.piece) {
        let columns = start..<min(start + Self.piece, outputs)
        RowSums.sum(columns, of: rows, factors) { sums in
          for i in 0..<inputs {
            sums.add(weight: i, line: i * outputs, stride: 1, columns: columns)
          }
          for column in columns {
            run[column] = Scalar(sums[column] + Double(biases?[column] ?? 0))
          }
        }
      }
    }
  }
}

extension Window {
  /// A window of one cell over a row.
  fileprivate static let single = Window(
    size: [1], strides: [1], padding: [.none])
}

/// A piece of a row of the output with the columns of the kernel that fall inside the image there.
private struct RowPiece {
  /// A column of the kernel: where it lies beside the first cell of the image, and for which columns of
  /// the output it falls inside.
  struct Tap {
    let kx: Int
    let offset: Int
    let columns: Range<Int>
  }

  /// The columns of the output.
  let columns: Range<Int>
  /// Those for which all of three columns of the kernel fall inside: there each sum is read and written
  /// once for the three. None if the kernel has another width.
  let shared: Range<Int>
  /// The columns of the kernel, for the other columns of the output.
  let taps: [Tap]

  init(_ columns: Range<Int>, of width: Int, _ axis: WindowAxis) {
    let places = (0..<axis.size).map { axis.places(of: $0, among: width).clamped(to: columns) }
    let shared =
      axis.size == 3
      ? places[0].clamped(to: places[1]).clamped(to: places[2])
      : columns.upperBound..<columns.upperBound
    taps = [columns.lowerBound..<shared.lowerBound, shared.upperBound..<columns.upperBound]
      .flatMap { side in
        places.enumerated().map { kx, places in
          Tap(kx: kx, offset: axis.offset(of: kx), columns: places.clamped(to: side))
        }
      }.filter { !$0.columns.isEmpty }
    self.columns = columns
    self.shared = shared
  }
}

/// The sums of one or several filters at the same place.
private protocol FilterSums: Sendable {
  /// The number of filters.
  static var filters: Int { get }
  /// A weight of each filter, `size` being the number of weights of one.
  init<Scalar: ReferenceScalar>(_ weights: [Scalar], at weight: Int, of size: Int)
  /// The sum of one filter.
  func sum(of filter: Int) -> Double
  static var zero: Self { get }
  static func + (_ a: Self, _ b: Self) -> Self
  static func * (_ a: Self, _ b: Double) -> Self
}

extension Double: FilterSums {
  fileprivate static var filters: Int { 1 }

  @inline(__always)
  fileprivate init<Scalar: ReferenceScalar>(
    _ weights: [Scalar], at weight: Int, of size: Int
  ) { self = Double(weights[weight]) }

  @inline(__always)
  fileprivate func sum(of filter: Int) -> Double { self }
}

extension SIMD4<Double>: FilterSums {
  fileprivate static var filters: Int { 4 }

  @inline(__always)
  fileprivate init<Number: ReferenceScalar>(
    _ weights: [Number], at weight: Int, of size: Int
  ) {
    self.init(
      Double(weights[weight]), Double(weights[weight + size]), Double(weights[weight + 2 * size]),
      Double(weights[weight + 3 * size]))
  }

  @inline(__always)
  fileprivate func sum(of filter: Int) -> Double { self[filter] }
}

/// Sums for a piece of one row of the output, in double precision.
///
/// Invariants: `sums` has an element for each of `columns`; the caller names weights and cells that
/// exist, and columns among these (checked in debug builds). Nothing else writes to what the pointers
/// lead to, and the object does not outlive the call that lends it.
private struct RowSums<Scalar: ReferenceScalar, Sums: FilterSums> {
  private let columns: Range<Int>
  private let sums: UnsafeMutablePointer<Sums>
  private let cells: UnsafeBufferPointer<Scalar>
  private let weights: UnsafeBufferPointer<Sums>

  /// Lends sums that begin at 0.
  static func sum(
    _ columns: Range<Int>, of cells: [Scalar], _ weights: [Sums], _ body: (RowSums) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Sums.self, capacity: columns.count) { sums in
      sums.initialize(repeating: .zero)
      guard let first = sums.baseAddress else { return }
      cells.withUnsafeBufferPointer { cells in
        weights.withUnsafeBufferPointer { weights in
          body(RowSums(columns: columns, sums: first, cells: cells, weights: weights))
        }
      }
    }
  }

  /// Adds `weights[weight] · cells[line + column · stride]` to the sums of each of some columns.
  @inline(__always)
  func add(weight: Int, line: Int, stride: Int, columns wanted: Range<Int>) {
    guard let cells = cells.baseAddress else { return }
    assert(wanted.clamped(to: columns) == wanted)
    assert(line + wanted.lowerBound * stride >= 0)
    assert(line + (wanted.upperBound - 1) * stride < self.cells.count)
    let factor = weights[weight]
    // Plain pointers, because the compiler makes vector instructions of these loops.
    let target = sums + (wanted.lowerBound - columns.lowerBound)
    let source = cells + (line + wanted.lowerBound * stride)
    if stride == 1 {
      for index in 0..<wanted.count {
        target[index] = target[index] + factor * Double(source[index])
      }
    } else {
      for index in 0..<wanted.count {
        target[index] = target[index] + factor * Double(source[index &* stride])
      }
    }
  }

  /// Adds `weights[weight + k] · cells[line + k · step + column · stride]`, *k* being 0, 1 and 2 in that order.
  @inline(__always)
  func addThree(
    weight: Int, line: Int, stride: Int, step: Int, columns wanted: Range<Int>
  ) {
    guard let cells = cells.baseAddress else { return }
    assert(wanted.clamped(to: columns) == wanted)
    assert(line + wanted.lowerBound * stride >= 0)
    assert(line + 2 * step + (wanted.upperBound - 1) * stride < self.cells.count)
    let (a, b, c) = (weights[weight], weights[weight + 1], weights[weight + 2])
    let target = sums + (wanted.lowerBound - columns.lowerBound)
    let first = cells + (line + wanted.lowerBound * stride)
    let (second, third) = (first + step, first + 2 * step)
    @inline(__always)
    func add(to index: Int, _ cell: Int) {
      target[index] =
        target[index] + a * Double(first[cell]) + b * Double(second[cell])
        + c * Double(third[cell])
    }
    if stride == 1 {
      for index in 0..<wanted.count { add(to: index, index) }
    } else {
      for index in 0..<wanted.count { add(to: index, index &* stride) }
    }
  }

  /// The sums of a column.
  subscript(column: Int) -> Sums { sums[column - columns.lowerBound] }
}
