import FileSupport
import ModelGraph

/// Transposed convolutions, which no darknet that loads its own files has: a convolution that computes the *s* × *s*
/// cells between two steps as channels, and `[reorg]`, which puts them side by side.
///
/// A cell `p · s + a` of the result sees the input's cells `p + (a + before − k · dilation) / s` for the *k* that
/// make it a whole number; the other weights of its kernel are 0.
enum TransposedKernels: RewritingRule {
  static let name = "transposed convolutions"
  /// The numbers of kernels that are held in memory.
  private static let largestCount = 1 << 27

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let transposed = operation as? TransposedConvolution, transposed.strides.count == 2,
      let input = inputs.first
    else { return nil }
    let step = transposed.strides[0]
    guard transposed.strides[1] == step, Reorg.dialects.contains(rewriting.dialect) || step == 1
    else {
      throw .unsupported(
        transposed, in: rewriting.dialect, "with these strides", option: "strides",
        expected: "two equal ones, and a darknet that has [reorg]", found: "\(transposed.strides)")
    }
    let limit = Rewriting.longest
    guard
      (transposed.window.covered + transposed.strides + transposed.crop.map(\.before))
        .allSatisfy({ $0 <= limit }), step.clampedProduct(step) <= limit
    else {
      throw .unsupported(
        transposed, in: rewriting.dialect, "with kernels or strides as large as these",
        option: "strides", found: "\(transposed.strides)")
    }
    let shape = rewriting.shape(of: input)
    let result = try transposed.outputShape(of: [shape], layout: .channelsLast)
    let axes = (0..<2).map { Phases(transposed, axis: $0) }
    // The places of which each gives s × s cells, some of which may be too many.
    let places = (0..<2).map { (result.extents[$0] + step - 1) / step }
    let padding = (0..<2).map { axis in
      Padding(
        before: -axes[axis].first,
        after: places[axis] + axes[axis].last - shape.extents[axis])
    }
    var image = input
    for axis in 0..<2 {
      image.margins[axis] = Padding(
        before: image.margins[axis].before + padding[axis].before,
        after: image.margins[axis].after + padding[axis].after)
    }
    if !input.hasNoMargins { image = bordered(Place(try rewriting.value(of: input)), padding) }
    let made = try rewriting.apply(
      try convolution(transposed, axes, rewriting), to: [image])
    let spread =
      step == 1
      ? made : try rewriting.apply(SpaceToDepth(block: step, order: .reverseReorg), to: [made])
    let surplus = (0..<2).map { Padding(before: 0, after: places[$0] * step - result.extents[$0]) }
    guard surplus.contains(where: { $0.total > 0 }) else { return spread }
    return try rewriting.apply(
      Slice(cutting: surplus, of: rewriting.shape(of: spread)), to: [spread])
  }

  private static func bordered(_ place: Place, _ margins: [Padding]) -> Place {
    var place = place
    place.margins = margins
    return place
  }

  /// Which cells of the input each of the cells between two steps sees along an axis.
  private struct Phases {
    /// The cell of the kernel by the cell between the steps, and by how far the input's cell is from the step.
    private(set) var kernelCells: [[Int: Int]] = []
    /// The nearest and the farthest input cell.
    private(set) var first = 0
    private(set) var last = 0

    init(_ transposed: TransposedConvolution, axis: Int) {
      let step = transposed.strides[axis]
      for phase in 0..<step {
        var cells: [Int: Int] = [:]
        for cell in 0..<transposed.size[axis] {
          let distance =
            phase + transposed.crop[axis].before - cell * transposed.dilation[axis]
          guard distance % step == 0 else { continue }
          cells[distance / step] = cell
          first = min(first, distance / step)
          last = max(last, distance / step)
        }
        kernelCells.append(cells)
      }
    }

    /// How many input cells there are from the first to the last.
    var extent: Int { last - first + 1 }
  }

  /// The kernels of all cells between two steps, one cell after the other.
  private static func convolution(
    _ transposed: TransposedConvolution, _ axes: [Phases], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Convolution {
    let form = transposed.weights.shape.extents
    let (inputs, outputs) = (form[0], form[1])
    let phases = axes[0].kernelCells.flatMap { rows in axes[1].kernelCells.map { (rows, $0) } }
    let size = axes.map(\.extent)
    let shape = Shape([phases.count.clampedProduct(outputs), inputs] + size)
    guard shape.elementCount <= largestCount else {
      throw ModelFileError(
        .unsupported, at: [.array(transposed.weights.name)],
        "would become kernels too large for darknet", found: "\(shape)")
    }
    var source: (any TensorSource)?
    if transposed.weights.source != nil {
      let values = try OrderedTensor(transposed.weights).values()
      var kernels = [Float](repeating: 0, count: shape.elementCount)
      for (phase, (rows, columns)) in phases.enumerated() {
        for (row, y) in rows {
          for (column, x) in columns {
            for output in 0..<outputs {
              for input in 0..<inputs {
                let filter = (phase * outputs + output) * inputs + input
                let place = (filter * size[0] + row - axes[0].first) * size[1] + column
                kernels[place - axes[1].first] =
                  values[((input * outputs + output) * form[2] + y) * form[3] + x]
              }
            }
          }
        }
      }
      source = MemorySource(kernels)
    }
    let biases = try transposed.biases.map { (biases) throws(ModelFileError) in
      rewriting.parameter(
        "biases", .biases, [phases.count * outputs],
        RepeatedBlock(try OrderedTensor(biases).values(), times: phases.count))
    }
    return Convolution(
      window: Window(size: size, strides: [1, 1], padding: [.none, .none]), groups: 1,
      weights: Parameter(
        "weights", of: transposed.weights.layer, role: .weights, shape: shape, source: source),
      biases: biases)
  }
}
