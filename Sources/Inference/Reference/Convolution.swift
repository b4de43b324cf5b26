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
    let (channels, inputs) = (output.extents[0], image.shape.extents[1])
    let cells = Array(image.shape.extents.dropFirst(2))
    let places = Array(output.extents.dropFirst())
    let axes = WindowAxes(
      isPointwise ? .single : window, image: isPointwise ? [cells.reduce(1, *)] : cells)
    let (depth, height, width) = (isPointwise ? [places.reduce(1, *)] : places).inThreeAxes
    let taps = (0..<axes.width.size).map {
      Tap(offset: axes.width.offset(of: $0), columns: axes.width.places(of: $0, among: width))
    }
    let pass = Pass(groupInputs: inputs / groups, axes: axes, taps: taps)
    return workers.fill(parts: image.batch * channels, of: depth * height * width) { part, run in
      let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
      let group = channel / (channels / groups)
      let first = sample * inputs + group * pass.groupInputs
      let bias = Double(biases?[channel] ?? 0)
      for row in 0..<(depth * height) {
        let (slice, line) = row.quotientAndRemainder(dividingBy: height)
        for start in stride(from: 0, to: width, by: Self.piece) {
          let columns = start..<min(start + Self.piece, width)
          RowSums.sum(columns, of: image.values, weights) { sums in
            pass.add(to: sums, slice: slice, row: line, filter: channel, firstInput: first)
            for column in columns { run[row * width + column] = Scalar(sums[column] + bias) }
          }
        }
      }
    }
  }

  /// What is the same for all rows of one convolution.
  private struct Pass {
    /// Input channels that an output channel sees.
    let groupInputs: Int
    /// The window over the image.
    let axes: WindowAxes
    /// The columns of the kernel.
    let taps: [Tap]

    /// Adds all products of one filter to a piece of a row.
    func add(to sums: RowSums<Scalar>, slice: Int, row: Int, filter: Int, firstInput: Int) {
      let (depth, height, width) = (axes.depth, axes.height, axes.width)
      for i in 0..<groupInputs {
        for kz in 0..<depth.size {
          guard let z = depth.cell(at: slice, kz) else { continue }
          for ky in 0..<height.size {
            guard let y = height.cell(at: row, ky) else { continue }
            let plane = (firstInput + i) * depth.extent + z
            let line = (plane * height.extent + y) * width.extent
            let kernel = (filter * groupInputs + i) * depth.size + kz
            let weight = (kernel * height.size + ky) * width.size
            for kx in taps.indices {
              sums.add(
                weight: weight + kx, line: line + taps[kx].offset, stride: width.stride,
                columns: taps[kx].columns)
            }
          }
        }
      }
    }
  }

  /// A column of the kernel: where it lies beside the first cell of the image, and the columns of the
  /// output for which it falls inside.
  private struct Tap {
    let offset: Int
    let columns: Range<Int>
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
      for start in stride(from: 0, to: outputs, by: Self.piece) {
        let columns = start..<min(start + Self.piece, outputs)
        RowSums.sum(columns, of: rows, values) { sums in
          for i in 0..<inputs {
            sums.add(weight: cell * inputs + i, line: i * outputs, stride: 1, columns: columns)
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
    size: [1], strides: [1], padding: [Padding(before: 0, after: 0)])
}

/// Sums for a piece of one row of the output, in double precision.
///
/// Invariants: `sums` has a number for each of `columns`; the caller names weights and cells that
/// exist, for every column that `add` is asked for (checked in debug builds). Nothing else writes to
/// what the pointers lead to, and the object does not outlive the call that lends it.
struct RowSums<Scalar: ReferenceScalar> {
  private let columns: Range<Int>
  private let sums: UnsafeMutablePointer<Double>
  private let cells: UnsafeBufferPointer<Scalar>
  private let weights: UnsafeBufferPointer<Scalar>

  /// Lends sums that begin at 0.
  static func sum(
    _ columns: Range<Int>, of cells: [Scalar], _ weights: [Scalar], _ body: (RowSums) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: columns.count) { sums in
      sums.initialize(repeating: 0)
      guard let first = sums.baseAddress else { return }
      cells.withUnsafeBufferPointer { cells in
        weights.withUnsafeBufferPointer { weights in
          body(RowSums(columns: columns, sums: first, cells: cells, weights: weights))
        }
      }
    }
  }

  /// Adds `weights[weight] · cells[line + column · stride]` to the sum of each column.
  @inline(__always)
  func add(weight: Int, line: Int, stride: Int, columns wanted: Range<Int>) {
    let wanted = wanted.clamped(to: columns)
    guard !wanted.isEmpty, let cells = cells.baseAddress else { return }
    assert(line + wanted.lowerBound * stride >= 0)
    assert(line + (wanted.upperBound - 1) * stride < self.cells.count)
    let factor = Double(weights[weight])
    // Plain pointers, because the compiler makes vector instructions of these loops.
    let target = sums + (wanted.lowerBound - columns.lowerBound)
    let source = cells + (line + wanted.lowerBound * stride)
    if stride == 1 {
      for index in 0..<wanted.count { target[index] += factor * Double(source[index]) }
    } else {
      for index in 0..<wanted.count { target[index] += factor * Double(source[index &* stride]) }
    }
  }

  /// The sum of a column.
  subscript(column: Int) -> Double { sums[column - columns.lowerBound] }
}
