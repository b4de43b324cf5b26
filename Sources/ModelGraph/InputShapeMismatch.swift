import FileSupport

/// An array that is no input of a model: what it looks like, and how it becomes one.
struct InputShapeMismatch {
  /// The shape of the array.
  let array: Shape
  /// The shape of the model's samples; an extent that is left open is `nil`.
  let sample: [Int?]

  /// The error, with the remedy where the shapes tell it.
  var error: ModelFileError {
    let likeness = otherChannelAxis ?? otherOrder ?? otherArrangement
    let list = sample.map { $0.map(String.init) ?? "None" }
    return ModelFileError(
      .damaged, likeness?.problem ?? "the input has another shape than the model takes",
      expected: "[\(list.joined(separator: ", "))], or with a batch axis in front "
        + "[\((["N"] + list).joined(separator: ", "))]",
      found: "\(array)",
      remedy: likeness?.remedy ?? "check that the array belongs to this model")
  }

  private typealias Likeness = (problem: String, remedy: String)

  /// The array as one sample, and as a batch of them.
  private var readings: [(own: Shape, hasBatch: Bool)] {
    [(Shape(Array(array.extents.dropFirst())), true), (array, false)]
  }

  /// Images whose channels stand at the other end of the axes.
  private var otherChannelAxis: Likeness? {
    let spatial = sample.count - 1
    guard spatial > 0 else { return nil }
    let channelsLast = [spatial] + (0..<spatial)
    let channelsFirst = (1...spatial) + [0]
    for (own, hasBatch) in readings {
      let looksLast = own.fits(sample, inOrder: channelsLast)
      let looksFirst = own.fits(sample, inOrder: channelsFirst)
      guard looksLast || looksFirst else { continue }
      let remedy = transposition(looksLast ? channelsLast : channelsFirst, hasBatch)
      if spatial == 1 { return ("the input's two axes look swapped", remedy) }
      // Open extents may let it look like both.
      guard looksLast != looksFirst else { return nil }
      let last = name(ofSpatial: spatial, before: "", after: "C") + "channels last"
      let first = name(ofSpatial: spatial, before: "C", after: "") + "channels first"
      let (found, expected) = looksLast ? (last, first) : (first, last)
      return ("this looks like \(found), but the model takes \(expected)", remedy)
    }
    return nil
  }

  /// The same extents, mixed.
  private var otherOrder: Likeness? {
    let known = sample.compactMap(\.self).sorted()
    guard known.count == sample.count,
      readings.contains(where: { $0.own.extents.sorted() == known })
    else { return nil }
    return (
      "the input's axes look like those of the model in another order",
      "put them in order with numpy.transpose"
    )
  }

  /// As many numbers, a flat array for one.
  private var otherArrangement: Likeness? {
    let known = Shape(sample.compactMap(\.self))
    guard known.rank == sample.count,
      readings.contains(where: { $0.own.elementCount == known.elementCount })
    else { return nil }
    return (
      "the input has as many numbers as the model takes, but nothing tells in which order they lie",
      "if it is the model's, in Python: x.reshape((-1, "
        + known.extents.map(String.init).joined(separator: ", ") + "))"
    )
  }

  private func transposition(_ order: [Int], _ hasBatch: Bool) -> String {
    let axes = hasBatch ? [0] + order.map { $0 + 1 } : order
    return "in Python: x = numpy.transpose(x, (\(axes.map(String.init).joined(separator: ", "))))"
  }

  /// `NHWC, `; nothing for so many axes that they have no letters.
  private func name(ofSpatial count: Int, before: String, after: String) -> String {
    [2: "HW", 3: "DHW"][count].map { "N\(before)\($0)\(after), " } ?? ""
  }
}

extension Shape {
  /// Whether the extents, put in another order, are these, as far as they are known.
  fileprivate func fits(_ sample: [Int?], inOrder order: [Int]) -> Bool {
    rank == sample.count && Shape(order.map { extents[$0] }).fits(sample)
  }
}
