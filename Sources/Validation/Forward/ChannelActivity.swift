import Inference
import ModelGraph

/// Which channels of a value have had more than one number so far: of those that have not, no input has shown what they
/// do.
struct ChannelActivity {
  private let layout: ImageLayout
  /// The first number of each channel.
  private var firsts: [Float] = []
  private var isConstant: [Bool] = []

  init(_ layout: ImageLayout) { self.layout = layout }

  /// The number of channels.
  var count: Int { firsts.count }
  /// Those that have always had the same number.
  var constant: [Int] { isConstant.indices.filter { isConstant[$0] } }

  /// Takes more values of the same node.
  mutating func note(_ value: Tensor) {
    let (channels, run) = layout.channelRuns(of: value.sample)
    let stride = channels * run
    guard stride > 0, value.values.count >= stride else { return }
    if firsts.isEmpty {
      firsts = (0..<channels).map { value.values[$0 * run] }
      isConstant = [Bool](repeating: true, count: channels)
    }
    guard firsts.count == channels else { return }
    let blocks = value.values.count / stride
    value.values.withUnsafeBufferPointer { numbers in
      for channel in 0..<channels where isConstant[channel] {
        let bits = firsts[channel].bitPattern
        isConstant[channel] = (0..<blocks).allSatisfy { block in
          let start = block * stride + channel * run
          return numbers[start..<start + run].allSatisfy { $0.bitPattern == bits }
        }
      }
    }
  }

  /// `3, 17–20 of 64`
  var text: String {
    var ranges: [ClosedRange<Int>] = []
    for channel in constant {
      if let last = ranges.last, last.upperBound + 1 == channel {
        ranges[ranges.count - 1] = last.lowerBound...channel
      } else {
        ranges.append(channel...channel)
      }
    }
    let shown = ranges.prefix(Self.shown).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
    }
    let more = ranges.dropFirst(Self.shown).reduce(0) { $0 + $1.count }
    return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "") + " of \(count)"
  }

  private static let shown = 8
}
