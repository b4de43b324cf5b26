import FileSupport
import ModelGraph

extension Convolution: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let image = context.image(inputs[0])
    let (channels, height, width) = context.imageShape
    return context.imageResult(
      try loaded(channels: image.shape.extents[1], context)
        .apply(image, output: [channels, height, width], context.workers))
  }

  /// Filters.
  var outputs: Int { weights.shape.extents[0] }

  /// The convolution with its numbers, for an image of so many channels.
  func loaded(
    channels: Int, _ context: KernelContext
  ) throws(ModelFileError) -> DirectConvolution {
    guard groups > 0, channels % groups == 0, outputs % groups == 0 else {
      throw ModelFileError(
        .damaged, "groups divide the channels unevenly",
        expected: "a divisor of \(channels) and \(outputs)", found: "\(groups)")
    }
    let shape = Shape([outputs, channels / groups] + window.size)
    return DirectConvolution(
      window: window, groups: groups, weights: try context.values(of: weights, shape: shape),
      biases: try context.optionalValues(of: biases, shape: [outputs]))
  }
}

/// `y[o, p] = Σ x[i, p · stride + k · dilation − before] · w[o, i, k] + b[o]`, row by row.
struct DirectConvolution: Sendable {
  /// How the kernel moves.
  let window: Window
  /// Groups of channels.
  let groups: Int
  /// *w*, `[out, in / groups, height, width]`.
  let weights: [Float]
  /// *b*, if there is one.
  let biases: [Float]?

  /// Sums that are in work at a time: a piece of a row that stays in the first cache.
  private static let piece = 1024

  /// The numbers of `[N, C, H, W]`.
  ///
  /// - Parameters:
  ///   - image: `[N, C, H, W]`.
  ///   - output: `[C, H, W]` of the result.
  func apply(_ image: Tensor, output: Shape, _ workers: Workers) -> [Float] {
    let extents = Array(image.shape.extents.dropFirst())
    let input = isPointwise ? [extents[0], 1, extents[1] * extents[2]] : extents
    let result =
      isPointwise
      ? [output.extents[0], 1, output.extents[1] * output.extents[2]] : output.extents
    let pass = Pass(
      window: window, groupInputs: input[0] / groups, height: input[1], width: input[2],
      taps: taps(inputWidth: input[2], outputWidth: result[2]))
    let (channels, height, width) = (result[0], result[1], result[2])
    return workers.fill(parts: image.batch * channels, of: height * width) { part, run in
      let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
      let group = channel / (channels / groups)
      let first = sample * input[0] + group * pass.groupInputs
      let bias = Double(biases?[channel] ?? 0)
      for row in 0..<height {
        for start in stride(from: 0, to: width, by: Self.piece) {
          let columns = start..<min(start + Self.piece, width)
          RowSums.sum(columns, of: image.values, weights) { sums in
            pass.add(to: sums, row: row, filter: channel, firstInput: first)
            for column in columns { run[row * width + column] = Float(sums[column] + bias) }
          }
        }
      }
    }
  }

  /// The extents of one convolution, and what is the same for all its rows.
  private struct Pass {
    let window: Window
    /// Input channels that an output channel sees.
    let groupInputs: Int
    /// Rows of the image.
    let height: Int
    /// Columns of the image.
    let width: Int
    /// The columns of the kernel.
    let taps: [Tap]

    /// Adds all products of one filter to a piece of a row.
    func add(to sums: RowSums, row: Int, filter: Int, firstInput: Int) {
      for i in 0..<groupInputs {
        for ky in 0..<window.size[0] {
          let y = window.cell(axis: 0, at: row, ky)
          guard y >= 0, y < height else { continue }
          let line = ((firstInput + i) * height + y) * width
          let weight = ((filter * groupInputs + i) * window.size[0] + ky) * window.size[1]
          for kx in taps.indices {
            sums.add(
              weight: weight + kx, line: line + taps[kx].offset, stride: window.strides[1],
              columns: taps[kx].columns)
          }
        }
      }
    }
  }

  /// A column of the kernel: where it lies beside the first cell of the window, and the columns of the
  /// output for which it falls inside the image.
  private struct Tap {
    let offset: Int
    let columns: Range<Int>
  }

  private func taps(inputWidth: Int, outputWidth: Int) -> [Tap] {
    (0..<window.size[1]).map { kx in
      let offset = kx * window.dilation[1] - window.padding[1].before
      let step = window.strides[1]
      // 0 ≤ column · step + offset < inputWidth
      let low = offset < 0 ? (-offset + step - 1) / step : 0
      let high = inputWidth - offset <= 0 ? 0 : (inputWidth - offset - 1) / step + 1
      let end = min(high, outputWidth)
      return Tap(offset: offset, columns: min(low, end)..<end)
    }
  }

  /// Whether no cell sees its neighbours: then an image is one long row.
  private var isPointwise: Bool {
    window.size == [1, 1] && window.strides == [1, 1]
      && window.padding.allSatisfy { $0.total == 0 }
  }
}

/// Sums for a piece of one row of the output, in double precision.
///
/// Invariants: `sums` has a number for each of `columns`; the caller names weights and cells that
/// exist, for every column that `add` is asked for (checked in debug builds). Nothing else writes to
/// what the pointers lead to, and the object does not outlive the call that lends it.
struct RowSums {
  private let columns: Range<Int>
  private let sums: UnsafeMutablePointer<Double>
  private let cells: UnsafeBufferPointer<Float>
  private let weights: UnsafeBufferPointer<Float>

  /// Lends sums that begin at 0.
  static func sum(
    _ columns: Range<Int>, of cells: [Float], _ weights: [Float], _ body: (RowSums) -> Void
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
