import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Validation

/// What is found out about numbers that differ; each cause on small tensors, and what is nearly one.
@Suite struct ParameterCauseTests {
  typealias Layers = [(name: String, tensors: [Tensor])]

  struct Tensor {
    let name: String
    let shape: Shape
    var values: [Float]
    var role = ParameterRole.weights
  }

  /// A convolution with its normalization, a matrix behind an image, and an LSTM, as Keras has them. No number is there twice.
  static let layers: Layers = {
    var position = 0
    func tensor(_ name: String, _ extents: [Int], _ role: ParameterRole = .weights) -> Tensor {
      let count = Shape(extents).elementCount
      defer { position += count }
      // Irregular, of both signs but for variances.
      let values = numbers(position + count).suffix(count).enumerated().map { index, value in
        role == .rollingVariance || index % 3 != 1 ? value : -value
      }
      return Tensor(name: name, shape: Shape(extents), values: values, role: role)
    }
    return [
      ("conv", [tensor("kernel", [3, 3, 3, 8]), tensor("bias", [8], .biases)]),
      (
        "norm",
        [
          tensor("gamma", [8], .scales), tensor("beta", [8], .biases),
          tensor("moving_mean", [8], .rollingMean),
          tensor("moving_variance", [8], .rollingVariance),
        ]
      ),
      ("dense", [tensor("kernel", [24, 6]), tensor("bias", [6], .biases)]),
      ("square", [tensor("kernel", [6, 6]), tensor("bias", [6], .biases)]),
      (
        "lstm",
        [
          tensor("kernel", [6, 20]), tensor("recurrent_kernel", [5, 20]),
          tensor("bias", [20], .biases),
        ]
      ),
    ]
  }()

  static func compared(_ layers: Layers) -> [ComparedModel.Layer] {
    layers.map { layer in
      ComparedModel.Layer(
        name: layer.name, value: nil,
        parameters: layer.tensors.map {
          ComparedParameter(
            Parameter(
              $0.name, of: layer.name, role: $0.role, shape: $0.shape,
              source: MemorySource($0.values)))
        })
    }
  }

  static func cause(_ reference: Layers, _ candidate: Layers) throws -> LikelyCause? {
    let pairs = Array(zip(compared(reference), compared(candidate)))
    let tensors = zip(reference.flatMap(\.tensors), candidate.flatMap(\.tensors))
    let departing = tensors.enumerated().filter {
      !$1.0.values.isSame(as: $1.1.values)
    }.map(\.offset)
    return try ParameterCauses(ModelNumbers(pairs, departing: departing)).cause()
  }

  /// What is found after a change of the candidate's tensors.
  func cause(_ change: (inout Layers) -> Void) throws -> LikelyCause? {
    var candidate = Self.layers
    change(&candidate)
    return try Self.cause(Self.layers, candidate)
  }

  /// After a change of one tensor's numbers.
  func cause(
    _ layer: Int, _ tensor: Int, _ change: ([Float]) -> [Float]
  ) throws -> LikelyCause? {
    try cause { $0[layer].tensors[tensor].values = change($0[layer].tensors[tensor].values) }
  }

  func permuted(_ values: [Float], _ extents: [Int], _ order: [Int]) -> [Float] {
    let view = StridedView(contiguous: Shape(extents)).permuted(order)
    let bytes = MemorySource(values)
    var result: [Float] = []
    try? TensorStream().forEachBand(of: bytes, elementType: .float32, view: view) {
      ElementType.float32.append($0, to: &result)
    }
    return result
  }

  @Test func nothing() throws {
    #expect(try cause { _ in } == nil)
  }

  @Test(arguments: [
    ([1, 0, 2, 3], "height and width"), ([3, 1, 2, 0], "height and out"),
    ([3, 2, 0, 1], "out, in, height, width for height, width, in, out"),
  ])
  func transposedKernel(order: [Int], detail: String) throws {
    let cause = try cause(0, 0) { permuted($0, [3, 3, 3, 8], order) }
    #expect(
      cause
        == LikelyCause(.transposedKernel, layer: "conv", tensor: "conv.kernel", detail: detail))
    #expect(
      cause?.description
        == "transposed kernel in conv.kernel (\(detail)): undone, the layer agrees")
  }

  @Test func transposedMatrices() throws {
    #expect(try cause(3, 0) { permuted($0, [6, 6], [1, 0]) }?.detail == "in and out")
    #expect(try cause(2, 0) { permuted($0, [24, 6], [1, 0]) }?.kind == .transposedKernel)
    #expect(try cause(2, 0) { permuted($0, [6, 24], [1, 0]) }?.kind == .transposedKernel)
    // One number more is another.
    let almost = try cause(3, 0) { values in
      var values = permuted(values, [6, 6], [1, 0])
      values[7] += 1
      return values
    }
    #expect(almost?.kind != .transposedKernel)
  }

  @Test func flippedKernel() throws {
    let cause = try cause(0, 0) { values in
      (0..<9).reversed().flatMap { values[$0 * 24..<$0 * 24 + 24] }
    }
    #expect(cause?.kind == .flippedKernel && cause?.detail == "height and width")
  }

  @Test func swappedTensors() throws {
    let within = try cause { layers in
      let gamma = layers[1].tensors[0].values
      layers[1].tensors[0].values = layers[1].tensors[1].values
      layers[1].tensors[1].values = gamma
    }
    #expect(within == LikelyCause(.swappedTensors, layer: "norm", detail: "gamma and beta"))
    let turned = try cause { layers in
      let values = layers[1].tensors.map(\.values)
      for tensor in 0..<4 { layers[1].tensors[tensor].values = values[(tensor + 1) % 4] }
    }
    #expect(turned?.kind == .swappedTensors)
    #expect(turned?.detail?.hasPrefix("beta in gamma, ") == true)
    let elsewhere = try cause { layers in
      let bias = layers[2].tensors[1].values
      layers[2].tensors[1].values = layers[3].tensors[1].values
      layers[3].tensors[1].values = bias
    }
    #expect(
      elsewhere
        == LikelyCause(
          .swappedTensors, layer: "dense", tensor: "dense.bias", detail: "with square.bias"))
    // One of the two is not the other's.
    let copied = try cause { $0[2].tensors[1].values = $0[3].tensors[1].values }
    #expect(copied?.kind == .copiedTensor)
    #expect(copied?.detail == "has the numbers of square.bias")
  }

  @Test(arguments: [1, 4, -1, -2, 11]) func shiftedFile(shift: Int) throws {
    let stream = Self.layers.flatMap(\.tensors).flatMap(\.values)
    let cause = try cause { layers in
      var place = 0
      for layer in layers.indices {
        for tensor in layers[layer].tensors.indices {
          for index in layers[layer].tensors[tensor].values.indices {
            defer { place += 1 }
            // From the matrix on.
            guard layer >= 2 else { continue }
            let origin = place - shift
            let isThere = stream.indices.contains(origin) && origin >= 216 + 8 + 32
            layers[layer].tensors[tensor].values[index] = isThere ? stream[origin] : 0.125
          }
        }
      }
    }
    #expect(cause?.kind == .shiftedFile && cause?.layer == "dense")
    let word = shift > 0 ? "later" : "earlier"
    #expect(cause?.detail?.contains("\(abs(shift).counted("float")) \(word)") == true)
  }

  @Test func shiftedTensor() throws {
    let rolled = try cause(2, 0) { [$0[143]] + $0.dropLast() }
    #expect(rolled?.kind == .shiftedTensor && rolled?.detail == "1 float later")
    let vector = try cause(4, 2) { [$0[19]] + $0.dropLast() }
    #expect(vector?.kind == .shiftedTensor)
    // Halves in each other's place are channels.
    let halves = try cause(2, 0) { Array($0[72...] + $0[..<72]) }
    #expect(halves?.kind == .swappedChannels)
    let cut = try cause(2, 0) { $0[..<50] + $0[53...] + [0, 0, 0] }
    #expect(cut?.kind == .shiftedTensor && cut?.detail == "3 floats earlier")
    let almost = try cause(2, 0) { values in
      var values = [values[143]] + values.dropLast()
      values[70] += 1
      return values
    }
    #expect(almost?.kind == .staleTensor)
  }

  @Test func channels() throws {
    func swapped(_ a: Int, _ b: Int, of count: Int, inner: Int) -> ([Float]) -> [Float] {
      { values in
        values.indices.map { place in
          let slice = place / inner % count
          let origin = slice == a ? b : slice == b ? a : slice
          return values[place + (origin - slice) * inner]
        }
      }
    }
    let filters = try cause(0, 0, swapped(2, 5, of: 8, inner: 1))
    #expect(filters?.kind == .swappedChannels && filters?.detail == "out: 2 and 5")
    let colours = try cause(0, 0, swapped(0, 2, of: 3, inner: 8))
    #expect(colours?.kind == .channelOrder && colours?.detail == "RGB and BGR")
    let others = try cause(0, 0, swapped(0, 1, of: 3, inner: 8))
    #expect(others?.kind == .swappedChannels && others?.detail == "in: 0 and 1")
    let both = try cause { layers in
      for tensor in 0..<2 {
        let swap = swapped(2, 5, of: 8, inner: 1)
        layers[0].tensors[tensor].values = swap(layers[0].tensors[tensor].values)
      }
    }
    #expect(both == LikelyCause(.swappedChannels, layer: "conv", detail: "out: 2 and 5"))
    let other = try cause { layers in
      layers[0].tensors[0].values = swapped(2, 5, of: 8, inner: 1)(layers[0].tensors[0].values)
      layers[0].tensors[1].values = swapped(2, 4, of: 8, inner: 1)(layers[0].tensors[1].values)
    }
    #expect(other == nil)
  }

  @Test func flattenedImage() throws {
    // 4 channels of 6 cells, cell by cell and plane by plane.
    let cause = try cause(2, 0) { values in
      (0..<24).flatMap { row in
        let origin = row % 4 * 6 + row / 4
        return values[origin * 6..<origin * 6 + 6]
      }
    }
    #expect(cause?.kind == .channelOrder && cause?.detail == "HWC and CHW: 4 by 6")
  }

  @Test(arguments: [(0, 1), (2, 3)]) func gates(a: Int, b: Int) throws {
    let cause = try cause { layers in
      for tensor in layers[4].tensors.indices {
        let values = layers[4].tensors[tensor].values
        layers[4].tensors[tensor].values = values.indices.map { place in
          let gate = place / 5 % 4
          let origin = gate == a ? b : gate == b ? a : gate
          return values[place + (origin - gate) * 5]
        }
      }
    }
    #expect(cause?.kind == .gateOrder && cause?.layer == "lstm")
    #expect(cause?.detail == (a == 0 ? "f, i, c, o for i, f, c, o" : "i, f, o, c for i, f, c, o"))
  }

  @Test func signs() throws {
    let filter = try cause(0, 0) { values in
      values.enumerated().map { $0 % 8 == 3 ? -$1 : $1 }
    }
    #expect(filter?.kind == .flippedSign && filter?.detail == "27 of 216, out 3")
    #expect(try cause(0, 1) { $0.map { -$0 } }?.detail == "all")
    let almost = try cause(0, 0) { values in
      values.enumerated().map { $0 == 3 ? -2 * $1 : $0 % 8 == 3 ? -$1 : $1 }
    }
    #expect(almost?.kind == .changedNumbers)
  }

  @Test(arguments: [("float16", 0), ("bfloat16", 1), ("bfloat16, cut off", 2)])
  func precision(detail: String, rule: Int) throws {
    let round: (Float) -> Float = { number in
      switch rule {
      case 0: number.roundedToHalf
      case 1: number.roundedToBrainFloat
      default: Float(bitPattern: number.bitPattern & 0xFFFF_0000)
      }
    }
    let cause = try cause(0, 0) { $0.map(round) }
    #expect(cause?.kind == .halfPrecision && cause?.detail == detail)
    let layer = try self.cause { layers in
      for tensor in 0..<2 {
        layers[0].tensors[tensor].values = layers[0].tensors[tensor].values.map(round)
      }
    }
    #expect(layer == LikelyCause(.halfPrecision, layer: "conv", detail: detail))
    let almost = try self.cause(0, 0) { $0.map { round($0) + 0x1p-20 } }
    #expect(almost?.kind != .halfPrecision)
  }

  @Test func fewerBitsAndDigits() throws {
    let bits = try cause(0, 0) { $0.map { Float(bitPattern: $0.bitPattern & ~0xFFF) } }
    #expect(bits?.kind == .reducedPrecision && bits?.detail == "11 bits of 23, cut off")
    let digits = try cause(0, 0) { $0.map { Float((Double($0) * 1000).rounded() / 1000) } }
    #expect(digits?.kind == .reducedPrecision && digits?.detail == "3 places behind the point")
  }

  @Test func quantised() throws {
    func round(_ values: [Float], steps: Float) -> [Float] {
      let step = (values.map(abs).max() ?? 0) / steps
      return values.map { ($0 / step).rounded() * step }
    }
    #expect(try cause(0, 0) { round($0, steps: 127) }?.kind == .quantised)
    let channels = try cause(0, 0) { values in
      var result = values
      for filter in 0..<8 {
        let places = stride(from: filter, to: 216, by: 8)
        for (place, value) in zip(places, round(places.map { values[$0] }, steps: 127)) {
          result[place] = value
        }
      }
      return result
    }
    #expect(channels?.kind == .quantised && channels?.detail == "a grid for each out")
    // Few numbers of each unit, on grids of bytes.
    let units = try cause(3, 0) { values in
      var result = values
      for unit in 0..<6 {
        let places = stride(from: unit, to: 36, by: 6)
        for (place, value) in zip(places, round(places.map { values[$0] }, steps: 127)) {
          result[place] = value
        }
      }
      return result
    }
    #expect(units?.kind == .quantised)
    // On a grid, but not on the nearest of its points.
    let far = try cause(0, 0) { round($0.reversed(), steps: 127) }
    #expect(far?.kind == .staleTensor)
  }

  @Test func factorsAndConstants() throws {
    let whole = try cause(0, 0) { $0.map { $0 * 255 } }
    #expect(whole?.kind == .scaled && whole?.detail == "by 255.0")
    let filter = try cause(0, 0) { $0.enumerated().map { $0 % 8 == 3 ? $1 * 1.01 : $1 } }
    #expect(filter?.kind == .scaled && filter?.detail == "out 3 by 1.01")
    let constant = try cause(0, 0) { $0.map { $0 + 0.5 } }
    #expect(constant?.kind == .addedConstant && constant?.detail == "0.5")
    let two = try cause(0, 0) { $0.enumerated().map { $1 * ($0 % 2 == 0 ? 1.5 : 0.7) } }
    #expect(two?.kind == .scaled && two?.detail == "8 of 8 of out, each by a factor")
    let none = try cause(0, 0) { $0.enumerated().map { $1 * (1 + Float($0 % 7) / 10) } }
    #expect(none?.kind == .staleTensor || none?.kind == nil)
  }

  @Test func variances() throws {
    let root = try cause(1, 3) { $0.map { $0.squareRoot() } }
    #expect(root?.kind == .deviation && root?.detail == nil)
    let epsilon = try cause(1, 3) { $0.map { $0 + 0.001 } }
    #expect(epsilon?.kind == .varianceForm && epsilon?.detail == "0.001 added")
    let inverse = try cause(1, 3) { $0.map { 1 / ($0 + 0.001).squareRoot() } }
    #expect(inverse?.detail == "the inverse of the standard deviation with 0.001 in it")
    #expect(try cause(1, 2) { $0.map { $0 * $0 } }?.kind != .varianceForm)
  }

  @Test func notFinite() throws {
    func with(_ numbers: [Float]) -> ([Float]) -> [Float] {
      { values in values.enumerated().map { $0 < numbers.count ? numbers[$0] : $1 } }
    }
    let cause = try cause(0, 0, with([.nan, .infinity]))
    #expect(cause?.kind == .notANumber && cause?.detail == "2 of 216")
    #expect(try self.cause(0, 0, with([-.infinity]))?.kind == .infinite)
    #expect(try self.cause(0, 0, with([.nan, 7]))?.kind == .changedNumbers)
  }

  @Test func truncated() throws {
    let zeros = try cause(0, 0) { $0.prefix(100) + [Float](repeating: 0, count: 116) }
    #expect(zeros?.kind == .truncatedTensor)
    #expect(zeros?.detail == "from number 100 of 216 on all are 0")
    let dropped = try cause(0, 1) { $0.map { _ in 0 } }
    #expect(dropped?.kind == .constantTensor && dropped?.detail == "all 8 are 0")
    let almost = try cause(0, 0) { [9] + $0[1..<100] + [Float](repeating: 0, count: 116) }
    #expect(almost == nil)
  }

  @Test func byteOrder() throws {
    let swapped = try cause(0, 0) { $0.map { Float(bitPattern: $0.bitPattern.byteSwapped) } }
    #expect(swapped?.kind == .byteOrder && swapped?.detail == "big endian")
  }

  @Test func fewNumbers() throws {
    for bit in 0..<30 {
      let cause = try cause(0, 0) { values in
        values.enumerated().map { $0 == 30 ? Float(bitPattern: $1.bitPattern ^ 1 << bit) : $1 }
      }
      #expect(cause?.kind == .flippedBit || cause?.kind == .notANumber)
      if cause?.kind == .flippedBit {
        #expect(cause?.detail?.hasPrefix("bit \(bit) of number [0, 1, 0, 6], ") == true)
      }
    }
    let one = try cause(0, 0) { $0.enumerated().map { $0 == 30 ? $1 * 1.001 : $1 } }
    #expect(one?.kind == .changedNumbers)
    #expect(one?.detail?.hasPrefix("1 of 216: [0, 1, 0, 6] ") == true)
    let two = try cause { layers in
      layers[0].tensors[0].values[3] += 1
      layers[2].tensors[0].values[3] += 2
    }
    #expect(two == nil)
  }

  @Test func stale() throws {
    func other(_ values: [Float]) -> [Float] {
      numbers(2000 + values.count).suffix(values.count).map { $0 - 0.7 }
    }
    let tensor = try cause(0, 0, other)
    #expect(tensor?.kind == .staleTensor && tensor?.tensor == "conv.kernel")
    #expect(tensor?.description.hasSuffix("all else agrees") == true)
    // Of another size, or beside others that differ.
    #expect(try cause(0, 0) { other($0).map { $0 * 1000 } } == nil)
    let two = try cause { layers in
      for layer in [0, 2] {
        layers[layer].tensors[0].values = other(layers[layer].tensors[0].values)
      }
    }
    #expect(two == nil)
  }
}
