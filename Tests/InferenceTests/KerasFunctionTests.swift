import Inference
import ModelGraph
import Testing

/// Keras's functions. The numbers are those of Keras 3.15 with TensorFlow 2.21, and of tf_keras for the hard
/// sigmoid with a scale of 0.2 and for `ThresholdedReLU`.
@Suite struct KerasFunctionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let function: ActivationFunction
    let expected: [Double]

    init(_ function: ActivationFunction, _ expected: [Double]) {
      self.function = function
      self.expected = expected
    }

    var testDescription: String { "\(function)" }
  }

  static let x: [Float] = [-8, -3, -2.5, -1, -0.5, -0.1, 0, 0.3, 0.5, 1, 2, 3, 5, 8]

  static let cases: [Case] = [
    Case(
      .exponential,
      [
        0.00033546262, 0.049787071, 0.082084998, 0.36787945, 0.60653067, 0.90483737, 1,
        1.3498588, 1.6487212, 2.7182817, 7.3890562, 20.085537, 148.41316, 2980.958,
      ]),
    Case(
      .softplus,
      [
        0.00033540637, 0.048587356, 0.078889742, 0.31326169, 0.47407699, 0.64439666,
        0.69314718, 0.85435522, 0.97407699, 1.3132616, 2.1269281, 3.0485873, 5.0067153,
        8.0003357,
      ]),
    Case(
      .softsign,
      [
        -0.8888889, -0.75, -0.71428573, -0.5, -0.33333334, -0.090909094, 0, 0.23076925,
        0.33333334, 0.5, 0.66666669, 0.75, 0.83333331, 0.8888889,
      ]),
    Case(
      .gelu,
      [
        -4.9767738e-15, -0.0040496956, -0.015524164, -0.15865526, -0.15426877,
        -0.046017218, 0, 0.18537343, 0.34573123, 0.84134471, 1.9544997, 2.9959502,
        4.9999986, 8,
      ]),
    Case(
      .logSigmoid,
      [
        -8.0003357, -3.0485871, -2.5788898, -1.3132616, -0.97407693, -0.74439669,
        -0.69314718, -0.5543552, -0.47407699, -0.31326169, -0.126928, -0.048587352,
        -0.0067153485, -0.00033540637,
      ]),
    Case(
      .hardSwish,
      [
        0, 0, -0.20833334, -0.33333334, -0.20833333, -0.048333336, 0, 0.16500001,
        0.29166666, 0.66666669, 1.6666666, 3, 5, 8,
      ]),
    Case(
      .celu(alpha: 0.5),
      [
        -0.49999994, -0.49876061, -0.49663103, -0.43233237, -0.31606027, -0.090634637,
        0, 0.30000001, 0.5, 1, 2, 3, 5, 8,
      ]),
    Case(
      .softShrink(threshold: 0.5),
      [
        -7.5, -2.5, -2, -0.5, 0, 0, 0, 0, 0, 0.5, 1.5, 2.5, 4.5, 7.5,
      ]),
    Case(
      .hardShrink(threshold: 0.5),
      [
        -8, -3, -2.5, -1, 0, 0, 0, 0, 0, 1, 2, 3, 5, 8,
      ]),
    Case(
      .tanhShrink,
      [
        -7, -2.0049453, -1.5133857, -0.23840582, -0.037882864, -0.00033199787, 0,
        0.008687377, 0.037882864, 0.23840582, 1.0359724, 2.0049453, 4.0000906, 7,
      ]),
    Case(
      .squareplus(b: 4),
      [
        0.12310553, 0.30277562, 0.35078108, 0.61803401, 0.78077638, 0.95124918, 1,
        1.1611874, 1.2807764, 1.618034, 2.4142137, 3.3027756, 5.1925821, 8.123106,
      ]),
    Case(
      .sparsePlus,
      [
        0, 0, 0, 0, 0.0625, 0.20249999, 0.25, 0.42249998, 0.5625, 1, 2, 3, 5, 8,
      ]),
    Case(
      .sparseSigmoid,
      [
        0, 0, 0, 0, 0.25, 0.44999999, 0.5, 0.64999998, 0.75, 1, 1, 1, 1, 1,
      ]),
    Case(
      .threshold(level: 0.3, value: -7),
      [
        -7, -7, -7, -7, -7, -7, -7, -7, 0.5, 1, 2, 3, 5, 8,
      ]),
    Case(
      .threshold(level: 1, value: 0),
      [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 5, 8,
      ]),
    Case(
      .thresholdedRelu(threshold: 1, slope: 0.25, maximum: 3),
      [
        -2.25, -1, -0.875, -0.5, -0.375, -0.27500001, -0.25, -0.175, -0.125, 0, 2, 3, 3,
        3,
      ]),
    Case(
      .thresholdedRelu(threshold: 0.5, slope: 0, maximum: nil),
      [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 8,
      ]),
    Case(
      .thresholdedRelu(threshold: 0, slope: 0.5, maximum: 6),
      [
        -4, -1.5, -1.25, -0.5, -0.25, -0.050000001, 0, 0.30000001, 0.5, 1, 2, 3, 5, 6,
      ]),
    Case(
      .leakyStep(scale: 0.2, offset: 0.5, slope: 0),
      [
        0, 0, 0, 0.30000001, 0.40000001, 0.47999999, 0.5, 0.56, 0.60000002, 0.69999999,
        0.89999998, 1, 1, 1,
      ]),
    Case(
      .leakyStep(scale: 1.0 / 6, offset: 0.5, slope: 0),
      [
        0, 0, 0.083333336, 0.33333334, 0.41666666, 0.48333335, 0.5, 0.55000001,
        0.58333331, 0.66666669, 0.83333331, 1, 1, 1,
      ]),
    Case(
      .logSoftmax,
      [
        -16.060089, -11.06009, -10.56009, -9.0600901, -8.5600901, -8.1600904,
        -8.0600901, -7.7600894, -7.5600896, -7.0600896, -6.0600896, -5.0600896,
        -3.0600896, -0.060089637,
      ]),
    Case(
      .sparsemax,
      [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
      ]),
  ]

  @Test(arguments: cases)
  func numbers(_ tried: Case) throws {
    let result = try values(
      of: Activation(tried.function), on: [Self.x.count], Self.x, layout: .channelsLast)
    #expect(agree(result, tried.expected), "\(result)")
  }

  @Test func smallResultsKeepTheirDigits() throws {
    // The true values; Keras loses these in float32.
    let x: [Float] = [-40, -8]
    func result(_ function: ActivationFunction) throws -> [Float] {
      try values(of: Activation(function), on: [2], x)
    }
    #expect(try result(.softplus) == [4.248354255291589e-18, 0.0003354063728956651])
    #expect(abs(try result(.gelu)[1] / -4.9767685e-15 - 1) < 1e-6)
    #expect(try values(of: Activation(.logSigmoid), on: [1], [-100]) == [-100])
    #expect(try values(of: Activation(.softplus), on: [1], [1000]) == [1000])
  }

  /// The last axis is that of the channels, whatever the rank.
  @Test func functionsOfARow() throws {
    let x: [Float] = [0.1, 1.1, 0.2, 3, 1, 2.5, 0, 0, 0]
    let logarithms: [Double] = [
      -1.573490023612976, -0.5734900236129761, -1.4734899997711182, -0.5549569725990295,
      -2.5549569129943848, -1.0549569129943848, -1.0986123085021973, -1.0986123085021973,
      -1.0986123085021973,
    ]
    let shares: [Double] = [0, 0.4, 0, 0, 0, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3]
    for shape in [[3, 3], [1, 3, 1, 3]] as [Shape] {
      #expect(
        agree(
          try values(of: Activation(.logSoftmax), on: shape, x, layout: .channelsLast),
          logarithms))
      #expect(
        agree(
          try values(of: Activation(.sparsemax), on: shape, x, layout: .channelsLast), shares))
    }
  }
}
