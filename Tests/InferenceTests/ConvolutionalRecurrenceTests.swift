import FileSupport
import ModelGraph
import Testing

@testable import Inference

/// Sequences of images, as Keras 3.15 computes them.
@Suite struct ConvolutionalRecurrenceTests {
  private func window(
    _ size: [Int], strides: Int = 1, dilation: Int = 1, padding: [Padding]? = nil
  ) -> Window {
    Window(
      size: size, strides: size.map { _ in strides }, dilation: size.map { _ in dilation },
      padding: padding ?? size.map { _ in Padding(before: 0, after: 0) })
  }

  /// One more cell behind than before.
  private let behind = Padding(before: 0, after: 1)
  private let around = Padding(before: 1, after: 1)

  /// Kernels of an even extent are padded behind.
  @Test func keepsExtents() throws {
    var noisy = NoisyLayer(input: [1, 3, 4, 3, 2])
    let cell = noisy.cell(
      .longShortTerm, in: 2, units: 2, window: window([3, 2], padding: [around, behind]))
    try check(
      Recurrence(cells: [cell], returnsSequences: true), [noisy.input],
      [
        0.1571433, -0.05487453, 0.04093364, 0.0508726, 0.1761592, -0.2820562, -0.02823358,
        0.3354135, 0.2565052, 0.3179108, -0.2933838, -0.2972929, 0.02871972, -0.3059908,
        0.05887553, -0.1178499, 0.2469937, -0.1824693, 0.1147966, -0.1661935, 0.1986153,
        0.02541918, -0.11544, -0.1242836, 0.4934379, 0.1610132, 0.2708334, -0.08496748,
        0.09438396, -0.1805935, 0.1757036, 0.4197954, 0.02520344, 0.3975328, 0.03163302,
        -0.2621335, 0.01234214, -0.12786, 0.04946505, 0.1306199, 0.350386, -0.3163947, 0.1069665,
        -0.02103634, 0.3184685, -0.1093265, 0.03020697, 0.02286796, 0.2610458, -0.1316586,
        0.5694306, -0.02697688, 0.1115669, -0.2357278, -0.1405865, 0.06391496, 0.4293025,
        0.1537617, 0.07813817, -0.3397063, 0.04935345, -0.3447671, 0.3594417, 0.09154027,
        0.104524, -0.3731623, 0.1270663, -0.114833, 0.2967918, 0.2828942, 0.0752714, -0.3319405,
      ])
  }

  @Test func strides() throws {
    var noisy = NoisyLayer(input: [2, 3, 5, 4, 1])
    let cell = noisy.cell(.longShortTerm, in: 1, units: 2, window: window([2, 2], strides: 2))
    try check(
      Recurrence(cells: [cell]), withStates: true, [noisy.input],
      [
        0.1939133, 0.0983648, 0.2676556, -0.1090494, 0.1178787, -0.08378356, 0.06718363,
        -0.2122578, 0.1939133, 0.0983648, 0.2676556, -0.1090494, 0.1178787, -0.08378356,
        0.06718363, -0.2122578, 0.4566827, 0.175172, 0.8309019, -0.3343904, 0.8829775, -0.1925848,
        0.3158974, -0.6509618, 0.1656974, -0.02049319, 0.01635507, 0.1106138, 0.09422918,
        -0.2295302, 0.07558427, 0.1603093, 0.1656974, -0.02049319, 0.01635507, 0.1106138,
        0.09422918, -0.2295302, 0.07558427, 0.1603093, 0.4798432, -0.05089357, 0.03734779,
        0.195969, 0.5387131, -0.5986832, 0.1663934, 0.2749298,
      ])
  }

  /// Only the kernel of the input has holes.
  @Test func dilation() throws {
    var noisy = NoisyLayer(input: [1, 2, 6, 5, 1])
    let cell = noisy.cell(.longShortTerm, in: 1, units: 1, window: window([3, 3], dilation: 2))
    try check(
      Recurrence(cells: [cell], returnsSequences: true), [noisy.input],
      [
        0.08351162, -0.03494729, 0.03369158, -0.1848304,
      ])
  }

  @Test func maskedImages() throws {
    var noisy = NoisyLayer(input: [1, 3, 2, 3, 1])
    let cell = noisy.cell(
      .longShortTerm, in: 1, units: 1, window: window([2, 2], padding: [behind, behind]))
    let layer = Recurrence(
      cells: [cell], goesBackwards: true, returnsSequences: true, hasMask: true,
      zeroesMasked: true)
    try check(
      layer, [noisy.input, Tensor(shape: [1, 3], values: [1, 0, 1])],
      [
        0.09825001, -0.1108536, -0.258593, 0.01636846, -0.3464786, -0.186022, 0, 0, 0, 0, 0, 0,
        -0.1159825, -0.5650488, -0.2128396, -0.3053732, -0.5246875, -0.2351379,
      ])
  }

  @Test func oneAxisAndThree() throws {
    var noisy = NoisyLayer(input: [1, 3, 5, 2])
    let line = noisy.cell(
      .longShortTerm, in: 2, units: 2, window: window([3], strides: 2, padding: [around]))
    try check(
      Recurrence(cells: [line], returnsSequences: true), [noisy.input],
      [
        0.06338024, -0.182996, 0.08647683, -0.3560822, 0.01834027, -0.1391613, 0.05751022,
        -0.4694231, 0.02744256, -0.2423067, -0.2930903, -0.169923, 0.1167474, -0.1706455,
        0.2052063, -0.2351608, 0.06924869, -0.2776541,
      ])
    noisy = NoisyLayer(input: [1, 2, 3, 2, 3, 2])
    let volume = noisy.cell(.longShortTerm, in: 2, units: 1, window: window([2, 2, 2]))
    try check(
      Recurrence(cells: [volume]), [noisy.input],
      [
        0.0280806, 0.276509, 0.4478039, -0.09343879,
      ])
  }

  /// Two cells of images, with a mask and states, in both layouts and in blocks of any size.
  @Test func layoutsAndBlocks() throws {
    var noisy = NoisyLayer(input: [2, 4, 4, 3, 2])
    let layer = Recurrence(
      cells: [
        noisy.cell(
          .longShortTerm, in: 2, units: 3, window: window([3, 2], padding: [around, behind])),
        noisy.cell(.longShortTerm, in: 3, units: 2, window: window([2, 2])),
      ], goesBackwards: true, returnsSequences: true, hasMask: true, initialStates: 4)
    let shapes: [Shape] = [[2, 4, 3, 3], [2, 4, 3, 3], [2, 3, 2, 2], [2, 3, 2, 2]]
    let mask = Tensor(shape: [2, 4], values: [0, 1, 1, 0, 1, 0, 1, 1])
    let inputs = [noisy.input, mask] + shapes.map { noisy.state($0) }
    let result = try value(of: layer, on: inputs, layout: .channelsLast)
    #expect(result.shape == [2, 4, 3, 2, 2])

    func channelsFirst(_ tensor: Tensor) -> Tensor {
      let e = tensor.shape.extents
      let (images, pixels, channels) = (
        e.count - 3, e[e.count - 3] * e[e.count - 2], e[e.count - 1]
      )
      return Tensor(
        shape: Shape(e[..<images] + [channels] + e[images..<(e.count - 1)]),
        values: Tensor.transposing(
          tensor.values, blocks: e[..<images].reduce(1, *), rows: pixels, columns: channels))
    }
    let turned = try value(
      of: layer,
      on: [channelsFirst(inputs[0]), mask] + inputs.dropFirst(2).map(channelsFirst),
      layout: .channelsFirst)
    #expect(turned == channelsFirst(result))

    for blockNumbers in [0, 500, 1000] {
      let context = KernelContext(
        inputs: inputs, layout: .channelsLast, shape: result.sample, threads: 2,
        numbers: ParameterLoader().values(of:))
      #expect(try layer.computeAll(context, blockNumbers: blockNumbers)[0] == result)
    }
  }
}
