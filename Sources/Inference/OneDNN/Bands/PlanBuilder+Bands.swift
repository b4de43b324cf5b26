import COneDNN
import FileSupport
import ModelGraph

extension PlanBuilder {
  /// Adds the step that computes a convolution of single cells and the depthwise one that alone reads its value, some
  /// rows after the other: the value in between, which takes several times the memory of what goes in and comes out,
  /// never leaves the cache.
  ///
  /// - Returns: `false`, with nothing added, where the value fits in the cache anyway, or oneDNN has no primitives for
  ///   images whose channels come last.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  func addBands(_ first: NodeGroup, _ second: NodeGroup) throws(ModelFileError) -> Bool {
    let between = imageExtents(of: first.last.id)
    guard WinogradConvolution.preferredOrder == .channelsLast, between.count == 4,
      BandedConvolution.bytes(between[0] * between[2], of: between) >= options.bands.leastBytes,
      let input = first.input, let cells = try BandedConvolution(first, self),
      let depthwise = try BandedConvolution(second, self),
      cells.window.size == [1, 1], cells.window.strides == [1, 1],
      cells.window.padding.allSatisfy({ $0.total == 0 }), cells.convolution.groups == 1,
      depthwise.window.size[0] >= depthwise.window.strides[0]
    else { return false }
    // A primitive is run by one thread.
    onednn_set_threads(1)
    defer { onednn_set_threads(Int32(options.threads)) }
    guard let shares = try shares(cells, depthwise) else { return false }
    let from = try image(input, in: try imageLayout(of: input, .channelsLast))
    let to = newBuffer(try imageLayout(of: second.last.id, .channelsLast))
    var touched = [from, to]
    var bound: [Bands.Share] = []
    for share in shares {
      let scratch = newBuffer(
        try Self.dense([max(share.scratchBytes / MemoryLayout<Float>.size, 1)]))
      let space = newBuffer(
        try Self.dense([
          max((share.bands.compactMap(\.spaceBytes).max() ?? 0) / MemoryLayout<Float>.size + 1, 1)
        ]))
      touched += [scratch, space]
      bound.append(
        Bands.Share(
          scratch: scratch,
          bands: share.bands.map { $0.band(from: from, to: to, scratch: scratch, space: space) }))
    }
    add(Bands(shares: bound), touching: touched)
    try setImage(to, of: second.last.id)
    return true
  }

  private struct PlannedShare {
    var bands: [PlannedBand] = []
    var scratchBytes = 0
  }

  /// The bands of each thread: equal numbers of rows of the result.
  private func shares(
    _ cells: BandedConvolution, _ depthwise: BandedConvolution
  ) throws(ModelFileError) -> [PlannedShare]? {
    let (kernel, stride) = (depthwise.window.size[0], depthwise.window.strides[0])
    let padding = depthwise.window.padding[0]
    let (height, results) = (depthwise.source[2], depthwise.result[2])
    let rowBytes = BandedConvolution.bytes(1, of: depthwise.source)
    let bandRows = max((options.bands.scratchBytes / rowBytes - kernel) / stride + 1, 1)
    let total = depthwise.result[0] * results
    let count = min(options.threads, total)
    var shares: [PlannedShare] = []
    for thread in 0..<count {
      var share = PlannedShare()
      var (row, end) = (total * thread / count, total * (thread + 1) / count)
      var held = 0..<0
      while row < end {
        let (image, first) = row.quotientAndRemainder(dividingBy: results)
        let last = min(first + bandRows, results, first + end - row)
        if first == 0 { held = 0..<0 }
        let (top, bottom) = (
          first * stride - padding.before, (last - 1) * stride - padding.before + kernel
        )
        let needed = max(top, 0)..<max(min(bottom, height), max(top, 0))
        let kept = min(max(held.upperBound, needed.lowerBound), needed.upperBound)
        guard !needed.isEmpty,
          let second = try depthwise.step(
            rows: needed.count, results: last - first,
            padding: Padding(before: max(-top, 0), after: max(bottom - height, 0)))
        else { return nil }
        var front: BandedConvolution.Step?
        if kept < needed.upperBound {
          let rows = needed.upperBound - kept
          guard let made = try cells.step(rows: rows, results: rows, padding: .none) else {
            return nil
          }
          front = made
        }
        share.bands.append(
          PlannedBand(
            first: front, second: second,
            kept: (needed.lowerBound - held.lowerBound)
              * rowBytes..<(max(held.upperBound, needed.lowerBound) - held.lowerBound) * rowBytes,
            source: BandedConvolution.bytes(image * height + kept, of: cells.source),
            result: BandedConvolution.bytes(image * results + first, of: depthwise.result)))
        share.scratchBytes = max(share.scratchBytes, needed.count * rowBytes)
        held = needed
        row += last - first
      }
      shares.append(share)
    }
    return shares
  }
}

/// A band before there is memory for it.
private struct PlannedBand {
  /// Makes the rows in between that the band before has not left; `nil` if there are none.
  let first: BandedConvolution.Step?
  let second: BandedConvolution.Step
  /// The bytes of the rows that it has left.
  let kept: Range<Int>
  /// Where the rows begin that are read, and those that are written, in bytes.
  let source: Int
  let result: Int

  /// What the primitives need beside.
  var spaceBytes: Int? {
    [first, second].compactMap { $0?.primitive.scratch?.byteCount }.max()
  }

  func band(from: Operand, to: Operand, scratch: Operand, space: Operand) -> Bands.Band {
    var calls: [Bands.Call] = []
    if let first {
      calls.append(call(first, (from, source), (scratch, kept.count), space))
    }
    calls.append(call(second, (scratch, 0), (to, result), space))
    return Bands.Band(kept: kept, calls: calls)
  }

  private func call(
    _ step: BandedConvolution.Step, _ from: (operand: Operand, offset: Int),
    _ to: (operand: Operand, offset: Int), _ space: Operand
  ) -> Bands.Call {
    var arguments = step.constants.map { Bands.Argument(argument: $0) }
    func add(_ name: onednn_argument, _ operand: Operand, _ layout: TensorLayout, _ offset: Int) {
      arguments.append(
        Bands.Argument(
          argument: PrimitiveArgument(
            name: name, operand: Operand(place: operand.place, layout: layout)), offset: offset))
    }
    add(onednn_source, from.operand, step.source, from.offset)
    add(onednn_destination, to.operand, step.result, to.offset)
    if let scratch = step.primitive.scratch { add(onednn_scratch, space, scratch, 0) }
    return Bands.Call(primitive: step.primitive, arguments: arguments)
  }
}
