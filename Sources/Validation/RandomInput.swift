import FileSupport
import Inference
import Keras
import ModelGraph

extension Comparison {
  /// Inputs out of nothing but a seed, a sample of each kind (`InputKind`); of a large model one sample with a band of
  /// each. They are whole numbers where rows of a table are looked up, or where the model declares such an input. A
  /// network that takes sequences gets some.
  public func inputs(seed: UInt64) -> [Tensor] {
    var random = SplitMix64(seed: seed)
    let model = reference
    let rows = model.graph.lookedUpRows
    let work = model.graph.multiplyAdds.values.reduce(0) { $0.clampedSum($1) }
    let kinds = InputKind.allCases
    let samples = work > Self.workOfSeveral ? 1 : kinds.count
    return zip(model.inputs, model.graph.inputs).map { input, port in
      let shape = Shape([model.samples * samples] + input.shape.extents)
      let size = input.shape.elementCount
      let numbers = rows[port.node] ?? port.elementType.ordinaryNumbers
      let band = InputBand(input.shape, model.layout)
      let values = (0..<shape.elementCount).map { index in
        // All first steps of sequences come first.
        let kind = samples > 1 ? index / max(size, 1) % samples : band.number(of: index % size)
        return numbers.map { kinds[kind].whole(below: $0, &random) } ?? kinds[kind].number(&random)
      }
      return Tensor(shape: shape, values: values)
    }
  }

  /// The multiply-adds of a sample above which one sample has to do.
  private static let workOfSeveral = 1 << 30
}

/// What an input is made of, so that nothing is left untested.
private enum InputKind: CaseIterable {
  /// From 0 to 1, as an image has them.
  case image
  /// Of both signs and many sizes.
  case wide
  /// Nothing, and the first row of a table.
  case zeros
  /// Few that are not 0; of rows the last one, too.
  case sparse

  func number(_ random: inout SplitMix64) -> Float {
    let value = random.unit24()
    switch self {
    case .image: return value
    case .wide:
      let signed = 2 * value - 1
      return 4 * signed * abs(signed)
    case .zeros: return 0
    case .sparse: return random.next() & 7 == 0 ? 2 * value - 1 : 0
    }
  }

  func whole(below count: Int, _ random: inout SplitMix64) -> Float {
    let value = (random.unit24() * Float(count)).rounded(.down)
    return switch self {
    case .image, .wide: value
    case .zeros: 0
    case .sparse: random.next() & 1 == 0 ? Float(count - 1) : value
    }
  }
}

/// Which of the bands, as many as there are kinds, a number of a sample lies in: of an image, its rows are shared out.
private struct InputBand {
  private let inner: Int
  private let rows: Int

  init(_ sample: Shape, _ layout: ImageLayout) {
    let extents = sample.extents
    if extents.count == 3 {
      inner = layout == .channelsFirst ? extents[2] : extents[1] * extents[2]
      rows = extents[layout == .channelsFirst ? 1 : 0]
    } else {
      inner = 1
      rows = sample.elementCount
    }
  }

  func number(of index: Int) -> Int {
    index / inner % rows * InputKind.allCases.count / rows
  }
}

extension ElementType {
  /// How many whole numbers, from 0 on, an input of this type is tried with.
  fileprivate var ordinaryNumbers: Int? {
    switch self {
    case .bool: 2
    default: isFloating ? nil : 8
    }
  }
}

extension KerasNetwork {
  /// The shapes of arrays for a model of which nothing else tells them, one sample each: the first of
  /// ``inputsToTry(beside:)``.
  ///
  /// - Throws: `ModelFileError` of kind `usage` for an input of which not even the rank is known.
  public func defaultInputs() throws(ModelFileError) -> [Shape] {
    try inputsToTry().first ?? []
  }

  /// Shapes of arrays, the likeliest first, for a model that need not compute on all that its open extents allow.
  /// Where one is open, a sequence has 8 steps and an image 32 rows and columns, then fewer and more; of four axes
  /// or more the first is of steps, too. There is one set only if nothing is open.
  ///
  /// - Parameter other: a model that is held against it, which may tell extents that this one leaves open.
  /// - Throws: `ModelFileError` of kind `usage` for an input of which not even the rank is known.
  public func inputsToTry(beside other: KerasNetwork? = nil) throws(ModelFileError) -> [[Shape]] {
    var shapes: [KerasShape] = []
    for (position, input) in inputs.enumerated() {
      let known = other.flatMap {
        $0.inputs.count == inputs.count ? $0.inputs[position].shape : nil
      }
      guard let shape = input.shape ?? known else {
        throw ModelFileError(
          .usage, "the model does not tell the shape of its input '\(input.name)'",
          remedy: "give one with --input X.npy")
      }
      shapes.append(known.map(shape.completed(by:)) ?? shape)
    }
    let isOpen = shapes.contains { $0.extents.contains(nil) }
    let fillings = KerasShape.fillings.prefix(isOpen ? KerasShape.fillings.count : 1)
    return fillings.map { filling in
      shapes.map { $0.filled(steps: filling.steps, pixels: filling.pixels) }
    }
  }

  /// Whether the model takes arrays of these shapes, with the batch axis: as many, of the same extents
  /// where it does not leave them open.
  public func takes(_ arrays: [Shape]) -> Bool {
    arrays.count == inputs.count
      && zip(arrays, inputs).allSatisfy { array, input in
        guard let shape = input.shape else { return true }
        return array.rank == shape.rank + 1
          && zip(array.extents.dropFirst(), shape.extents).allSatisfy { $1 == nil || $0 == $1 }
      }
  }
}

extension KerasShape {
  /// What open extents are taken for, one after the other.
  fileprivate static let fillings = [
    (steps: 8, pixels: 32), (steps: 4, pixels: 16), (steps: 16, pixels: 64), (steps: 1, pixels: 1),
    (steps: 32, pixels: 224),
  ]

  /// The same with what another shape of as many axes tells of its open extents.
  fileprivate func completed(by other: KerasShape) -> KerasShape {
    guard other.rank == rank else { return self }
    return KerasShape(zip(extents, other.extents).map { $0 ?? $1 })
  }

  /// The shape of an array of one sample, open extents being filled in.
  func filled(steps: Int, pixels: Int) -> Shape {
    let filled = extents.enumerated().map { axis, extent in
      extent ?? (rank < 3 || rank > 3 && axis == 0 ? steps : pixels)
    }
    return Shape([1] + filled)
  }
}

extension Graph {
  /// The rows of the smallest table that numbers of an input name rows of, by the input's node.
  var lookedUpRows: [Int: Int] {
    // The inputs that each value consists of, unchanged.
    var origins: [Int: Set<Int>] = [:]
    for port in inputs { origins[port.node] = [port.node] }
    var rows: [Int: Int] = [:]
    for node in nodes {
      let sources = node.inputs.reduce(into: Set<Int>()) { $0.formUnion(origins[$1] ?? []) }
      guard !sources.isEmpty else { continue }
      if let embedding = node.operation as? Embedding,
        let count = embedding.table.shape.extents.first
      {
        for source in sources { rows[source] = min(rows[source] ?? count, count) }
      } else if node.operation.errorPropagation.onlyMovesNumbers {
        origins[node.id] = sources
      }
    }
    return rows
  }
}
