import FileSupport
import Inference
import ModelFiles
import ModelGraph

/// The largest numbers of an output that has a list of them for each sample: the classes that a classifier finds the most
/// probable.
struct LargestNumbers {
  /// The position of the output.
  let output: Int
  /// For each sample the positions of the numbers, the largest first, and the numbers.
  let samples: [[(position: Int, value: Float)]]
  /// How many numbers a sample has.
  let length: Int
  /// The names of the classes, if they are known.
  var names: ClassNames?

  /// Whether a value is a list. Darknet's may have axes of extent 1, those of an image of one pixel.
  static func isList(_ sample: Shape) -> Bool { sample.extents.contains(sample.elementCount) }

  /// Those of an output that is a list, at most `count` of each sample.
  init(_ count: Int, of tensor: Tensor, output: Int) {
    let length = tensor.sampleCount
    self.output = output
    self.length = length
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
              var object = JSONObject()
              object["class"] = JSONValue(number.position)
              object["name"] = names?.name(of: number.position).map(JSONValue.string)
              object["value"] = JSONValue(shortest: number.value)
              return .object(object)
            })
        }),
    ]
  }

  /// A row for each number.
  static func table(of outputs: [LargestNumbers]) -> Table {
    var table = Table(
      [
        ("output", .right), ("sample", .right), ("class", .right), ("name", .left),
        ("value", .right),
      ], wrapping: [3])
    for output in outputs {
      for (sample, numbers) in output.samples.enumerated() {
        for number in numbers {
          table.add([
            "\(output.output)", "\(sample)", "\(number.position)",
            output.names?.name(of: number.position) ?? "", "\(number.value)",
          ])
        }
      }
    }
    return table
  }
}
