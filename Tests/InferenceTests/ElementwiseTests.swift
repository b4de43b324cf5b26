import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

/// Operations that make one number out of several, held against their formulas.
@Suite struct ElementwiseTests {
  /// The number of a value at a place of a result whose axes it is repeated along.
  private func repeated(_ x: Tensor, _ place: [Int]) -> Double {
    let own = [place[0]] + place.dropFirst().suffix(x.sample.rank)
    return Double(x[zip(own, x.shape.extents).map { $1 == 1 ? 0 : $0 }])
  }

  @Test(arguments: Elementwise.Rule.allCases)
  func rules(_ rule: Elementwise.Rule) throws {
    let x = Tensor(shape: [2, 2], values: [1, 2, 3, -4])
    let y = Tensor(shape: [2, 2], values: [5, 0.5, 2, 2])
    let expected: [Float] =
      switch rule {
      case .sum: [6, 2.5, 5, -2]
      case .product: [5, 1, 6, -8]
      case .difference: [-4, 1.5, 1, -6]
      case .quotient: [0.2, 4, 1.5, -2]
      case .mean: [3, 1.25, 2.5, -1]
      case .maximum: [5, 2, 3, 2]
      case .minimum: [1, 0.5, 2, -4]
      case .power: [1, Float(2.0.squareRoot()), 9, 16]
      case .remainder: [1, 0, 1, 0]
      case .equal: [0, 0, 0, 0]
      case .unequal: [1, 1, 1, 1]
      case .less, .lessOrEqual: [1, 0, 0, 1]
      case .greater, .greaterOrEqual: [0, 1, 1, 0]
      }
    #expect(try value(of: Elementwise(rule), on: [x, y]).values == expected)
  }

  /// The rest is of the sign of what is divided by, and exact where the quotient is not.
  @Test func remainders() throws {
    let x = Tensor(shape: [1, 5], values: [-7, 7, -7, 16_777_216, 5])
    let y = Tensor(shape: [1, 5], values: [3, -3, -3, 0.3, .infinity])
    let rest = Double(16_777_216).truncatingRemainder(dividingBy: Double(Float(0.3)))
    #expect(
      try value(of: Elementwise(.remainder), on: [x, y]).values == [2, -2, -1, Float(rest), 5])
  }

  /// Infinities are compared as they are: no difference of theirs is.
  @Test(
    arguments: [
      (.equal, [1, 0, 0, 1]), (.unequal, [0, 1, 1, 0]), (.less, [0, 1, 0, 0]),
      (.lessOrEqual, [1, 1, 0, 1]), (.greater, [0, 0, 0, 0]), (.greaterOrEqual, [1, 0, 0, 1]),
    ] as [(Elementwise.Rule, [Float])])
  func relations(_ rule: Elementwise.Rule, _ expected: [Float]) throws {
    let x = Tensor(shape: [1, 4], values: [.infinity, -.infinity, .nan, 0.1])
    let y = Tensor(shape: [1, 4], values: [.infinity, .infinity, .nan, 0.1])
    #expect(try value(of: Elementwise(rule), on: [x, y]).values == expected)
  }

  @Test func manyValuesAreRoundedOnce() throws {
    let parts: [Float] = [1e8, 1, -1e8, 3, 0.5]
    let inputs = parts.map { Tensor(shape: [1, 1], values: [$0]) }
    #expect(try value(of: Elementwise(.sum), on: inputs).values == [4.5])
    #expect(try value(of: Elementwise(.mean), on: inputs).values == [0.9])
    #expect(try value(of: Elementwise(.maximum), on: inputs).values == [1e8])
    #expect(try value(of: Elementwise(.sum), on: [inputs[0]]).values == [1e8])
    let odd = inputs + [Tensor(shape: [1, 1], values: [.nan]), inputs[0]]
    #expect(try value(of: Elementwise(.maximum), on: odd).values[0].isNaN)
    #expect(try value(of: Elementwise(.minimum), on: odd).values[0].isNaN)
  }

  @Test(arguments: [
    [[3, 4, 5], [5]], [[5], [3, 4, 5]], [[], [2, 3]], [[2, 1, 3], [4, 1]], [[1, 3], [2, 1]],
    [[70, 50, 5], [50, 1], [5]],
  ])
  func axesAreRepeated(_ shapes: [[Int]]) throws {
    var noise = Noise()
    let inputs = shapes.map { noise.tensor(Shape([2] + $0)) }
    for threads in [1, 4] {
      let result = try value(of: Elementwise(.sum), on: inputs, threads: threads)
      let expected = Tensor(result.shape) { place in
        Float(inputs.reduce(0) { $0 + repeated($1, place) })
      }
      #expect(result == expected)
    }
  }

  @Test(arguments: [[], [0], [1], [2], [0, 2], [2, 1], [0, 1, 2]])
  func reduction(_ axes: [Int]) throws {
    var noise = Noise()
    let x = noise.tensor([2, 6, 5, 4])
    for rule in Reduce.Rule.allCases {
      let kept = try value(of: Reduce(rule, axes: axes, keepsAxes: true), on: [x])
      var groups: [[Int]: [Double]] = [:]
      for place in places(x.shape) {
        var group = place
        for axis in axes { group[axis + 1] = 0 }
        groups[group, default: []].append(Double(x[place]))
      }
      let expected = Tensor(kept.shape) { place in
        let numbers = groups[place] ?? []
        let sum = numbers.reduce(0, +)
        return switch rule {
        case .sum: Float(sum)
        case .mean: Float(sum / Double(numbers.count))
        case .maximum: Float(numbers.max() ?? 0)
        case .minimum: Float(numbers.min() ?? 0)
        case .product: Float(numbers.reduce(1, *))
        }
      }
      #expect(kept == expected)
      let dropped = try value(of: Reduce(rule, axes: axes), on: [x], threads: 3)
      #expect(dropped.values == expected.values)
      #expect(dropped.shape.rank == 4 - axes.count)
    }
  }

  @Test func reductionsOfLargeAndOddValues() throws {
    let x = Tensor([1, 40, 30, 50]) { Float($0[1] * 2 - $0[2] + $0[3] % 3) }
    let result = try value(of: Reduce(.sum, axes: [1]), on: [x], threads: 4)
    #expect(
      result
        == Tensor([1, 40, 50]) { place in
          Float((0..<30).reduce(0) { $0 + place[1] * 2 - $1 + place[2] % 3 })
        })
    let odd = Tensor(shape: [1, 3], values: [1, .nan, 2])
    #expect(try value(of: Reduce(.maximum, axes: [0]), on: [odd]).values[0].isNaN)
  }

  /// The numbers are those of Keras's `LayerNormalization` (without γ and β), `RMSNormalization` and
  /// `UnitNormalization`, the last also of tf_keras.
  @Test(
    arguments: [
      (
        Normalization(.meanVariance, axes: [1], epsilon: 0.01),
        [
          0.16202962, -1.2962372, 1.1342075, -0.31786096, 1.3509092, -1.0330482, 0, 1e-6, -1e-6, 0,
          0, 0,
        ]
      ),
      (
        Normalization(.meanVariance, axes: [0, 1], epsilon: 0.001),
        [
          0.039868027, -1.3953817, 0.99670124, -0.19934027, 1.4751178, -0.91696513, 1.5811387e-6,
          4.743416e-6, -1.5811387e-6, -1.5811387e-6, -1.5811387e-6, -1.5811387e-6,
        ]
      ),
      (
        Normalization(.rootMeanSquare, axes: [1], epsilon: 1e-6),
        [
          0.46291, -0.92582, 1.38873, 0.20851439, 1.6681151, -0.41702878, 1e-4, 2e-4, 0, 0, 0, 0,
        ]
      ),
      (
        Normalization(.length, axes: [1], epsilon: 1e-24),
        [
          0.26726124, -0.5345225, 0.8017837, 0.120385855, 0.96308684, -0.24077171, 0.44721362,
          0.89442724, 0, 0, 0, 0,
        ]
      ),
      (
        Normalization(.length, axes: [0], epsilon: 1e-24),
        [
          0.8944273, -0.4472136, 0.94868326, 0.4472136, 0.8944272, -0.31622776, 1, 1, 0, 0, 0, 0,
        ]
      ),
      (
        Normalization(.length, axes: [1], epsilon: 1e-12),
        [
          0.26726124, -0.5345225, 0.8017837, 0.120385855, 0.96308684, -0.24077171, 0.1, 0.2, 0, 0,
          0, 0,
        ]
      ),
    ] as [(Normalization, [Double])])
  func standardization(_ operation: Normalization, _ expected: [Double]) throws {
    let x = Tensor(
      shape: [2, 2, 3], values: [1, -2, 3, 0.5, 4, -1, 1e-7, 2e-7, 0, 0, 0, 0])
    let result = try value(of: operation, on: [x]).values
    #expect(zip(result, expected).allSatisfy { abs(Double($0) - $1) <= 1e-6 * abs($1) + 1e-12 })
    #expect(result.count == expected.count)
  }

  @Test(arguments: [false, true], [false, true])
  func matrixProduct(_ first: Bool, _ second: Bool) throws {
    var noise = Noise()
    let operation = MatrixProduct(transposesFirst: first, transposesSecond: second)
    for (outerA, outerB, outer) in [
      ([], [], []), ([3], [3], [3]), ([3, 1], [2], [3, 2]), ([], [2, 2], [2, 2]),
    ] as [([Int], [Int], [Int])] {
      let a = noise.tensor(Shape([2] + outerA + (first ? [5, 4] : [4, 5])))
      let b = noise.tensor(Shape([2] + outerB + (second ? [3, 5] : [5, 3])))
      let result = try value(of: operation, on: [a, b], threads: 2)
      let expected = Tensor(Shape([2] + outer + [4, 3])) { place in
        let (i, j) = (place[place.count - 2], place[place.count - 1])
        let leading = Array(place.dropLast(2))
        return Float(
          (0..<5).reduce(0.0) { sum, k in
            sum + repeated(a, leading + (first ? [k, i] : [i, k]))
              * repeated(b, leading + (second ? [j, k] : [k, j]))
          })
      }
      #expect(agree(result.values, expected.values.map(Double.init)))
      #expect(result.shape == expected.shape)
    }
  }

  @Test(
    arguments: [
      (.equal, [0, 1, 0]), (.unequal, [1, 0, 1]),
    ] as [(Comparison.Rule, [Float])])
  func comparison(_ rule: Comparison.Rule, _ expected: [Float]) throws {
    // A tenth is a little more in float32 than in double precision.
    let result = try values(of: Comparison(rule, with: 0.1), on: [3], [-1, 0.1, 2])
    #expect(result == expected)
    let odd = try values(of: Comparison(rule, with: 0.1), on: [1], [.nan])
    #expect(odd == [rule == .unequal ? 1 : 0])
  }

  @Test func lookup() throws {
    let table = Parameter(.weights, [3, 2], [0, 1, 10, 11, 20, 21])
    let x = Tensor(shape: [2, 2], values: [2, 0, 1.9, -0.9])
    let result = try value(of: Embedding(table: table), on: [x])
    #expect(result == Tensor(shape: [2, 2, 2], values: [20, 21, 0, 1, 10, 11, 0, 1]))
    for stray in [3, -1, .nan, .infinity, 1e30] as [Float] {
      let x = Tensor(shape: [2, 1, 2], values: [0, 0, 0, stray])
      let error = #expect(throws: ModelFileError.self) {
        try value(of: Embedding(table: table), on: [x])
      }
      #expect(error?.kind == .damaged)
      #expect(error?.expected == "0 to 2")
      #expect(error?.found == "\(stray) at [1, 0, 1]")
    }
  }

  @Test func parametricRelu() throws {
    let x = Tensor(shape: [2, 2, 2], values: [-1, 2, -3, -4, 5, -6, 0, -8])
    func slopes(_ shape: Shape, _ values: Float...) throws -> [Float] {
      try value(of: ParametricRelu(slopes: Parameter(.weights, shape, values)), on: [x]).values
    }
    #expect(try slopes([2, 2], 0.5, 1, 2, 4) == [-0.5, 2, -6, -16, 5, -6, 0, -32])
    #expect(try slopes([1, 2], 0.5, 2) == [-0.5, 2, -1.5, -8, 5, -12, 0, -16])
    #expect(try slopes([2, 1], 0.5, 2) == [-0.5, 2, -6, -8, 5, -3, 0, -16])
  }
}
