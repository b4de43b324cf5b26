import FileSupport
import Inference
import ModelGraph

/// How large the values of the reference are: what an absolute difference means depends on it.
struct Magnitudes {
  /// `1 + max |value|`, by node.
  private(set) var scales: [Int: Double] = [:]
  /// Of a batch normalization: the largest `max |x| · |γ| / divisor` of a channel. A channel that hardly
  /// varies around a large mean has rounding errors of that mean, and a small divisor makes them large.
  private(set) var amplified: [Int: Double] = [:]

  /// The batch normalizations by the node that they normalize.
  private let normalizations: [Int: [Node]]
  private let layout: ImageLayout
  private let loader = ParameterLoader()

  init(_ graph: Graph) {
    layout = graph.layout
    normalizations = Dictionary(
      grouping: graph.nodes.filter { $0.operation is BatchNormalization }, by: { $0.inputs[0] })
  }

  /// From here on a number is infinite or stands for that: the largest float in a border that a maximum shall not see.
  static let unusual: Float = 0x1p127

  /// `1 + max |value|`; what is no number, or ``unusual``, does not count.
  static func scale(of values: [Float]) -> Double {
    let (lowest, highest) = extremes(of: values)
    return 1 + Double(max(-lowest, highest))
  }

  /// The lowest and the highest number that is not ``unusual``, and 0.
  static func extremes(of values: [Float]) -> (lowest: Float, highest: Float) {
    values.withUnsafeBufferPointer { values in
      // Of patterns, whose order is that of the sizes, because the compiler makes vector instructions of it.
      let limit = unusual.bitPattern
      var (negative, positive): (UInt32, UInt32) = (0, 0)
      for value in values {
        let size = value.bitPattern & 0x7fff_ffff
        let counted = size < limit ? size : 0
        let isNegative = value.bitPattern >> 31 == 1
        negative = max(negative, isNegative ? counted : 0)
        positive = max(positive, isNegative ? 0 : counted)
      }
      return (-Float(bitPattern: negative), Float(bitPattern: positive))
    }
  }

  /// Takes the values of a node of the reference.
  ///
  /// - Throws: `ModelFileError` of the file that holds the parameters.
  mutating func note(_ node: Node, _ tensor: Tensor) throws(ModelFileError) {
    scales[node.id] = Self.scale(of: tensor.values)
    for user in normalizations[node.id] ?? [] {
      guard let operation = user.operation as? BatchNormalization else { continue }
      let largest = largestByChannel(tensor)
      let slopes = try slopes(of: operation)
      amplified[user.id] = zip(largest, slopes).reduce(0) { max($0, $1.0 * $1.1) }
    }
  }

  private func largestByChannel(_ tensor: Tensor) -> [Double] {
    let (channels, run) = layout.channelRuns(of: tensor.sample)
    var largest = [Float](repeating: 0, count: channels)
    for (index, value) in tensor.values.enumerated() where value.isFinite {
      let channel = index / run % channels
      largest[channel] = max(largest[channel], abs(value))
    }
    return largest.map(Double.init)
  }

  /// `|γ| / divisor` of each channel; 0 where the variance is no variance.
  private func slopes(of operation: BatchNormalization) throws(ModelFileError) -> [Double] {
    let variances = try numbers(operation.variance)
    let scales = try operation.scales.map { (scales) throws(ModelFileError) in
      try numbers(scales)
    }
    return variances.indices.map { channel in
      let variance = Double(variances[channel])
      let divisor =
        switch operation.divisor {
        case .rootOfSum(let epsilon): (variance + epsilon).squareRoot()
        case .sumWithRoot(let epsilon): variance.squareRoot() + epsilon
        }
      let slope = abs(Double(scales?[channel] ?? 1)) / divisor
      return slope.isFinite ? slope : 0
    }
  }

  private func numbers(_ parameter: Parameter) throws(ModelFileError) -> [Float] {
    parameter.source == nil
      ? [Float](repeating: 1, count: parameter.shape.elementCount)
      : try loader.values(of: parameter)
  }
}

extension ImageLayout {
  /// How many channels a value has, at least 1, and how many numbers of one stand side by side.
  func channelRuns(of shape: Shape) -> (channels: Int, length: Int) {
    let channels = max(channels(of: shape), 1)
    return (channels, self == .channelsFirst ? max(shape.elementCount / channels, 1) : 1)
  }
}
