import FileSupport
import Inference
import ModelGraph

/// The largest numbers of an output that has a list of them for each sample: the classes that a classifier finds the most
/// probable.
struct LargestNumbers {
  /// The position of the output.
  let output: Int
  /// For each sample the positions of the numbers, the largest first, and the numbers.
  let samples: [[(position: Int, value: Float)]]

  /// Whether a value is a list. Darknet's may have axes of extent 1, those of an image of one pixel.
  static func isList(_ sample: Shape) -> Bool { sample.extents.contains(sample.elementCount) }

  /// Those of an output that is a list, at most `count` of each sample.
  init(_ count: Int, of tensor: Tensor, output: Int) {
    let length = tensor.sampleCount
    self.output = output
    samples = (0..<tensor.batch).map { sample in
      let numbers = tensor.values[sample * length..<(sample + 1) * length]
      // NaN is no large number; of equal ones the first comes first.
      let order = numbers.indices.sorted { a, b in
        let (x, y) = (numbers[a], numbers[b])
        return x == y || (x.isNaN && y.isNaN) ? a < b : y.isNaN || x > y
      }
      return order.prefix(count).map { ($0 - numbers.startIndex, numbers[$0]) }
    }
  }

  var json: JSONValue {
    [
      "output": JSONValue(output),
      "samples": .array(
        samples.map { sample in
          .array(
            sample.map { number in
              ["class": JSONValue(number.position), "value": JSONValue(shortest: number.value)]
            })
        }),
    ]
  }

  /// A row for each number.
  static func table(of outputs: [LargestNumbers]) -> Table {
    var table = Table([
      ("output", .right), ("sample", .right), ("class", .right), ("value", .right),
    ])
    for output in outputs {
      for (sample, numbers) in output.samples.enumerated() {
        for number in numbers {
          table.add([
            "\(output.output)", "\(sample)", "\(number.position)",
            "\(number.value)",
          ])
        }
      }
    }
    return table
  }
}
