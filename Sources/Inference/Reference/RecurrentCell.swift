import FileSupport
import ModelGraph

/// Values of a sequence that a cell is fed with, in rows of channels: one row for each pixel of an image, or
/// one for a vector.
struct CellRows<Scalar: ReferenceScalar>: Sendable {
  /// The numbers.
  let values: [Scalar]
  /// Where the first sample of the first step begins.
  let first: Int
  /// The distance between neighbouring steps: negative if the sequence is run from its end.
  let step: Int
  /// The distance between neighbouring samples.
  let sample: Int
  /// The distance between neighbouring rows.
  let row: Int

  /// Where a sample of a step begins.
  func start(step index: Int, sample number: Int) -> Int { first + index * step + number * sample }

  /// The same without the first steps.
  func dropping(_ steps: Int) -> CellRows<Scalar> {
    CellRows(values: values, first: first + steps * step, step: step, sample: sample, row: row)
  }
}

/// The product of one of a cell's kernels, for all of its gates.
struct CellProduct<Scalar: ReferenceScalar>: Sendable {
  /// The kernel with its axes turned around, `[k…, in, outputs]`: the weights of one number lie side by side.
  private let weights: [Scalar]
  private let channels: Int
  private let outputs: Int
  /// How the kernel moves; `nil` for a matrix.
  private let window: Window?
  private let taps: Int
  /// The extents of the image, and those of the result.
  private let image: [Int]
  private let places: [Int]

  /// Loads a kernel `[outputs, in, k…]`, which the shape rule has held against its window.
  init(
    _ kernel: Parameter, window: Window?, image: [Int], places: [Int], _ node: KernelContext<Scalar>
  ) throws(ModelFileError) {
    let stored = try node.values(of: kernel, shape: kernel.shape)
    outputs = kernel.shape.extents[0]
    channels = kernel.shape.extents[1]
    taps = kernel.shape.extents.dropFirst(2).reduce(1, *)
    weights = TensorOf.transposing(
      TensorOf.transposing(stored, blocks: outputs, rows: channels, columns: taps),
      blocks: 1, rows: outputs, columns: taps * channels)
    self.window = window
    self.image = image
    self.places = places
  }

  /// Adds the products of the rows that the kernel covers at a place to the sums of all gates.
  func add(_ rows: CellRows<Scalar>, from start: Int, place: Int, to sums: inout [Double]) {
    forEachTap(at: place) { tap, pixel in
      for channel in 0..<channels {
        add(
          Double(rows.values[start + pixel * rows.row + channel]), line: tap * channels + channel,
          columns: 0..<outputs, to: &sums)
      }
    }
  }

  /// Adds the products of a matrix and a vector to the sums of some gates.
  func add(_ vector: [Double], columns: Range<Int>, to sums: inout [Double]) {
    for channel in 0..<channels {
      add(vector[channel], line: channel, columns: columns, to: &sums)
    }
  }

  @inline(__always)
  private func add(_ factor: Double, line: Int, columns: Range<Int>, to sums: inout [Double]) {
    weights.withUnsafeBufferPointer { weights in
      sums.withUnsafeMutableBufferPointer { sums in
        // Without sums among the indices the compiler makes vector instructions of the loop.
        let start = line * outputs + columns.lowerBound
        let row = UnsafeBufferPointer(rebasing: weights[start..<(start + columns.count)])
        let target = UnsafeMutableBufferPointer(rebasing: sums[columns])
        for index in row.indices { target[index] += factor * Double(row[index]) }
      }
    }
  }

  /// Calls `body` with each cell of the kernel that lies on the image, and the pixel that it lies on.
  private func forEachTap(at place: Int, _ body: (_ tap: Int, _ pixel: Int) -> Void) {
    guard let window else { return body(0, 0) }
    taps: for tap in 0..<taps {
      // The innermost axis counts fastest in the kernel, in the image and in the result.
      var (place, rest, pixel, width) = (place, tap, 0, 1)
      for axis in places.indices.reversed() {
        let (outerPlace, position) = place.quotientAndRemainder(dividingBy: places[axis])
        let (outerTap, k) = rest.quotientAndRemainder(dividingBy: window.size[axis])
        let cell = position.clampedProduct(window.strides[axis])
          .clampedSum(k.clampedProduct(window.dilation[axis]))
          .clampedSum(window.padding[axis].before.clampedProduct(-1))
        guard cell >= 0, cell < image[axis] else { continue taps }
        pixel += cell * width
        width *= image[axis]
        (place, rest) = (outerPlace, outerTap)
      }
      body(tap, pixel)
    }
  }
}

/// A cell with its numbers, for sequences of one length that run beside each other.
///
/// The states of a sample are a row for each place of an image, or one row: *h*, then *c* if there is one.
struct LoadedCell<Scalar: ReferenceScalar>: Sendable {
  /// Numbers of a state in a row.
  let units: Int
  /// Rows of the states of a sample.
  let places: Int
  private let cell: RecurrentCell
  private let samples: Int
  private let stateShape: Shape
  private let layout: ImageLayout
  private let input: CellProduct<Scalar>
  private let state: CellProduct<Scalar>
  private let biases: [Double]
  private let stateBiases: [Double]

  /// Loads a cell whose steps and states have these shapes.
  init(
    _ cell: RecurrentCell, input: Shape, state: Shape, samples: Int, _ node: KernelContext<Scalar>
  ) throws(ModelFileError) {
    let outputs = cell.units * cell.kind.gates
    let places = cell.stateWindow == nil ? [] : node.layout.spatial(of: state)
    let image = cell.stateWindow == nil ? [] : node.layout.spatial(of: input)
    var window: Window?
    if case .convolution(let moves) = cell.product { window = moves }
    self.cell = cell
    self.samples = samples
    units = cell.units
    stateShape = state
    layout = node.layout
    self.places = places.reduce(1, *)
    self.input = try CellProduct(
      cell.kernel, window: window, image: image, places: places, node)
    self.state = try CellProduct(
      cell.stateKernel, window: cell.stateWindow, image: places, places: places, node)
    let none = [Scalar](repeating: 0, count: outputs)
    biases = (try node.optionalValues(of: cell.biases, shape: [outputs]) ?? none)
      .map(Double.init)
    stateBiases = (try node.optionalValues(of: cell.stateBiases, shape: [outputs]) ?? none)
      .map(Double.init)
  }

  /// Numbers of a row of states.
  private var width: Int { units * cell.kind.states }

  /// Rows of states out of the values of each state, or zeros if there are none.
  func rows(of given: [TensorOf<Scalar>]) -> [Scalar] {
    var rows = [Scalar](repeating: 0, count: samples * places * width)
    for (number, tensor) in given.enumerated() {
      let values = tensor.values.channelsLast(of: stateShape, layout)
      for row in 0..<(samples * places) {
        for unit in 0..<units {
          rows[row * width + number * units + unit] = values[row * units + unit]
        }
      }
    }
    return rows
  }

  /// The values of each state.
  func values(of rows: [Scalar]) -> [[Scalar]] {
    (0..<cell.kind.states).map { number in
      var values: [Scalar] = []
      values.reserveCapacity(samples * places * units)
      for row in 0..<(samples * places) {
        let start = row * width + number * units
        values += rows[start..<(start + units)]
      }
      return values.channelsBack(to: stateShape, layout)
    }
  }

  /// Runs some steps.
  ///
  /// - Parameters:
  ///   - rows: what the cell is fed with, from the first of these steps on.
  ///   - steps: how many.
  ///   - states: the states before and, then, after them.
  ///   - isRun: whether a step of a sample is run; else the states stay.
  ///   - workers: who does the work.
  /// - Returns: the states after each step.
  func run(
    _ rows: CellRows<Scalar>, steps: Int, states: inout [Scalar],
    isRun: @Sendable (_ step: Int, _ sample: Int) -> Bool, _ workers: Workers
  ) -> CellRows<Scalar> {
    let count = samples * places
    let outputs = biases.count
    // The product with the input does not wait for the step before.
    let products: [Double] = workers.fill(parts: steps * count, of: outputs) { part, run in
      let (step, row) = part.quotientAndRemainder(dividingBy: count)
      let (sample, place) = row.quotientAndRemainder(dividingBy: places)
      var sums = biases
      input.add(rows, from: rows.start(step: step, sample: sample), place: place, to: &sums)
      for index in 0..<outputs { run[index] = sums[index] }
    }
    var all: [Scalar] = []
    all.reserveCapacity(steps * count * width)
    for step in 0..<steps {
      let before = CellRows(
        values: states, first: 0, step: 0, sample: places * width, row: width)
      states = workers.fill(parts: count, of: width) { row, run in
        let (sample, place) = row.quotientAndRemainder(dividingBy: places)
        guard isRun(step, sample) else {
          for index in 0..<width { run[index] = before.values[row * width + index] }
          return
        }
        let start = (step * count + row) * outputs
        let after = next(
          Array(products[start..<(start + outputs)]), before, sample: sample, place: place)
        for index in 0..<width { run[index] = Scalar(after[index]) }
      }
      all += states
    }
    return CellRows(
      values: all, first: 0, step: count * width, sample: places * width, row: width)
  }

  /// A row of the states after a step.
  private func next(
    _ fromInput: [Double], _ before: CellRows<Scalar>, sample: Int, place: Int
  ) -> [Double] {
    let start = before.start(step: 0, sample: sample)
    let own = start + place * width
    var fromState = stateBiases
    func gate(_ number: Int) -> [Double] {
      (0..<units).map { fromInput[number * units + $0] + fromState[number * units + $0] }
    }
    switch cell.kind {
    case .simple:
      state.add(before, from: start, place: place, to: &fromState)
      return cell.activation.applied(toPixel: gate(0))
    case .gated(let resetsAfter):
      let h = before.values[own..<(own + units)].map(Double.init)
      let candidates = (2 * units)..<(3 * units)
      state.add(h, columns: 0..<(resetsAfter ? 3 : 2) * units, to: &fromState)
      let z = cell.gateActivation.applied(toPixel: gate(0))
      let r = cell.gateActivation.applied(toPixel: gate(1))
      if resetsAfter {
        for (column, factor) in zip(candidates, r) { fromState[column] *= factor }
      } else {
        state.add(zip(r, h).map(*), columns: candidates, to: &fromState)
      }
      let candidate = cell.activation.applied(toPixel: gate(2))
      return (0..<units).map { z[$0] * h[$0] + (1 - z[$0]) * candidate[$0] }
    case .longShortTerm:
      state.add(before, from: start, place: place, to: &fromState)
      let i = cell.gateActivation.applied(toPixel: gate(0))
      let f = cell.gateActivation.applied(toPixel: gate(1))
      let candidate = cell.activation.applied(toPixel: gate(2))
      let o = cell.gateActivation.applied(toPixel: gate(3))
      let c = (0..<units).map {
        f[$0] * Double(before.values[own + units + $0]) + i[$0] * candidate[$0]
      }
      return zip(o, cell.activation.applied(toPixel: c)).map(*) + c
    }
  }
}

extension Array where Element: ReferenceScalar {
  /// Images one after another, each with its channels last; vectors as they are.
  func channelsLast(of image: Shape, _ layout: ImageLayout) -> [Element] {
    guard layout == .channelsFirst, image.rank > 1, !isEmpty else { return self }
    let channels = layout.channels(of: image)
    let pixels = image.elementCount / channels
    return TensorOf.transposing(
      self, blocks: count / image.elementCount, rows: channels, columns: pixels)
  }

  /// The images that ``channelsLast(of:_:)`` was made of.
  func channelsBack(to image: Shape, _ layout: ImageLayout) -> [Element] {
    guard layout == .channelsFirst, image.rank > 1, !isEmpty else { return self }
    let channels = layout.channels(of: image)
    let pixels = image.elementCount / channels
    return TensorOf.transposing(
      self, blocks: count / image.elementCount, rows: pixels, columns: channels)
  }
}
