import FileSupport
import Inference
import ModelGraph

/// What `run` says of what it did: the times, and the classes of a classifier.
struct RunReport {
  let model: String
  let engine: String
  let threads: Int
  /// The files that were written.
  let outputs: [String]
  /// The passes, if their times are asked for.
  let times: PassTimes?
  /// What the engine reaches on this machine, in GFLOP/s, if the layers are profiled.
  let peak: Double?
  /// The largest numbers of outputs, if they are asked for.
  let largest: [LargestNumbers]
  let warnings: [ModelWarning]

  /// The document of `--json`.
  var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("model", .string(model)), ("engine", .string(engine)), ("threads", JSONValue(threads)),
      ("outputs", .array(outputs.map(JSONValue.string))),
    ]
    if !largest.isEmpty { members.append(("top", .array(largest.map(\.json)))) }
    if let times {
      members.append(("runs_ms", .array(times.whole.map { .number($0.milliseconds) })))
      members.append(
        (
          "layers",
          .array(
            times.layers.map { layer in
              [
                "name": .string(layer.name), "ms": .number(layer.times.median.milliseconds),
                "gflops": .number(layer.gflops),
              ]
            })
        ))
    }
    if let peak { members.append(("peak_gflops", .number(peak))) }
    members.append(("warnings", .array(warnings.map { .string($0.description) })))
    return .object(JSONObject(members))
  }

  /// A row for each layer, and one for all of a pass; rates also as parts of `peak`.
  static func table(of times: PassTimes, peak: Double) -> Table {
    var table = Table(
      [
        ("layer", .left), ("ms", .right), ("GFLOP/s", .right), ("of peak", .right),
        ("share", .right),
      ], wrapping: [0])
    let all = times.whole.median
    for layer in times.layers {
      let time = layer.times.median
      table.add([
        layer.name, NumberText.milliseconds(time), rate(layer.gflops),
        part(layer.gflops, of: peak),
        NumberText.percentage(all > .zero ? time / all : 0),
      ])
    }
    let operations = times.layers.reduce(0) { $0.clampedSum($1.operations) }
    let whole = PassTimes.gflops(operations, in: all)
    table.add([
      "in all", NumberText.milliseconds(all), rate(whole), part(whole, of: peak),
      NumberText.percentage(1),
    ])
    return table
  }

  /// `peak: 236.12 GFLOP/s in a convolution with kernels of one cell`
  static func line(ofPeak peak: Double) -> String {
    "peak: \(rate(peak)) GFLOP/s in a convolution with kernels of one cell"
  }

  /// `10 passes: minimum 12.100 ms, median 12.345 ms, maximum 13.200 ms`
  static func summary(of times: PassTimes) -> String {
    let (least, most) = (times.whole.min() ?? .zero, times.whole.max() ?? .zero)
    let passes =
      times.whole.count == 1 ? "1 pass" : "\(NumberText.grouped(times.whole.count)) passes"
    return "\(passes): minimum \(NumberText.milliseconds(least)) ms, median "
      + "\(NumberText.milliseconds(times.whole.median)) ms, maximum "
      + "\(NumberText.milliseconds(most)) ms"
  }

  private static func part(_ gflops: Double, of peak: Double) -> String {
    gflops == 0 || peak == 0 ? "" : NumberText.percentage(gflops / peak)
  }

  private static func rate(_ gflops: Double) -> String {
    gflops == 0 ? "" : NumberText.fixed(gflops, decimals: 2)
  }
}
