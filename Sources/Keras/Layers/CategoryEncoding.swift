import FileSupport
import ModelGraph

extension KerasLayers {
  /// How whole numbers become rows of numbers.
  enum CategoryMode: String, Sendable {
    /// They stay what they are.
    case whole = "int"
    /// A row for each, with 1 at its place.
    case oneHot = "one_hot"
    /// A row for a sample, with 1 at the place of each number in it.
    case multiHot = "multi_hot"
    /// A row for a sample, which counts how often each number is in it.
    case count = "count"

    /// The shape of the rows, `depth` long.
    func shape(of input: KerasShape, depth: Int) throws(ModelFileError) -> KerasShape {
      switch self {
      case .whole: return input
      case .oneHot:
        return KerasShape(
          (input.extents.last == 1 ? input.extents.dropLast() : input.extents[...]) + [depth])
      case .multiHot, .count:
        guard input.rank == 1 else {
          throw ModelFileError(
            .unsupported, at: [.option("output_mode")],
            "categories of a sample that is no row can't be taken together", expected: "1 axis",
            found: "\(input)")
        }
        return [depth]
      }
    }
  }

  /// Whole numbers as rows that mark or count them.
  ///
  /// Source: `keras/src/layers/preprocessing/category_encoding.py`,
  /// `keras/src/utils/numerical_utils.py: encode_categorical_inputs`.
  struct CategoryEncoding: ReadOnlyLayerClass, UnroundedInputLayer {
    static let className = "CategoryEncoding"
    /// Weights of the numbers may be passed where they are counted.
    static let callParameters = ["inputs", "count_weights"]
    /// How many numbers there are.
    var count = 0
    /// What becomes of them.
    var mode = CategoryMode.multiHot
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      KerasKey("num_tokens", or: ["max_tokens"], \.count, .required, json: { JSONValue($0) }) {
        (configuration, _) throws(ModelFileError) in
        try configuration.integer(
          configuration.isSet("max_tokens") ? "max_tokens" : "num_tokens")
      },
      .categoryMode(\.mode), .unsupported("sparse", "a sparse result is not supported"),
    ]

    /// A row for each number, in place of an axis of one; or one for all.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try mode.shape(of: inputs.single(), depth: count)
    }
  }

  /// The number of the interval that each number lies in.
  ///
  /// Source: `keras/src/layers/preprocessing/discretization.py`.
  struct Discretization: ReadOnlyLayerClass, UnroundedInputLayer {
    static let className = "Discretization"
    /// Where the intervals meet, in ascending order; a border belongs to what lies above it.
    var boundaries: [Float] = []
    /// What becomes of the intervals' numbers.
    var mode = CategoryMode.whole
    var configuration = JSONObject()

    /// How many intervals were asked for (`num_bins`) and how finely the data were looked at (`epsilon`) is of no matter
    /// where the borders are known.
    static let keys: [KerasKey<Self>] = [
      .other(\.boundaries, of: "bin_boundaries", "bins") { configuration throws(ModelFileError) in
        try configuration.boundaries()
      },
      .meaningless("num_bins", "epsilon"),
      .categoryMode(\.mode), .unsupported("sparse", "a sparse result is not supported"),
    ]

    /// The input's shape, or that of the rows.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try mode.shape(of: inputs.single(), depth: boundaries.count + 1)
    }
  }
}

/// A layer whose input no policy rounds, such as one of whole numbers.
protocol UnroundedInputLayer: KerasLayerClass {
  /// Whether its input is such.
  var takesWholeNumbers: Bool { get }
}

extension UnroundedInputLayer {
  /// Most such layers take nothing else.
  var takesWholeNumbers: Bool { true }
}

extension KerasKey {
  /// The `output_mode`. A layer that does not put out the whole numbers themselves without the key never does.
  fileprivate static func categoryMode(_ property: Property<KerasLayers.CategoryMode>) -> KerasKey {
    KerasKey("output_mode", property, .unwritten, json: { .string($0.rawValue) }) {
      (configuration, fallback) throws(ModelFileError) in
      let name = try configuration.text("output_mode", default: fallback?.rawValue ?? "")
      // tf_keras had another name for it.
      let mode = KerasLayers.CategoryMode(rawValue: name == "binary" ? "multi_hot" : name)
      guard let mode, mode != .whole || fallback == .whole else {
        throw configuration.wrong(
          "output_mode",
          expected: (fallback == .whole ? "int, " : "") + "one_hot, multi_hot or count")
      }
      return mode
    }
  }
}

extension KerasConfiguration {
  /// The `bin_boundaries`, which were called `bins` before.
  fileprivate func boundaries() throws(ModelFileError) -> [Float] {
    let isListed = isSet("bin_boundaries")
    guard isListed || value("bins")?.elements != nil else {
      throw ModelFileError(
        .unsupported, at: [.option("bin_boundaries")],
        "a Discretization that keeps its borders elsewhere than in its configuration is not supported"
      )
    }
    let boundaries = try nestedNumbers(isListed ? "bin_boundaries" : "bins")
    guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw wrong("bin_boundaries", expected: "numbers in ascending order")
    }
    return boundaries
  }
}

extension KerasLayers.CategoryEncoding {
  /// The rows.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let weights = try call.tensor("count_weights")
    guard weights == nil || mode == .count else {
      throw ModelFileError(
        .damaged, at: [.option("output_mode")], "takes weights of numbers that it does not count")
    }
    let input = try call.input()
    return [
      try context.unrounded { (context) throws(ModelFileError) in
        try context.encoded(input, mode, depth: count, weights: weights)
      }
    ]
  }
}

extension KerasLayers.Discretization {
  /// How many borders are not above each number; of NaN none is.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    return [
      try context.unrounded { (context) throws(ModelFileError) in
        let wide = try context.reshaped(input, to: Shape(context.shape(input).extents + [1]))
        let borders = try context.constant(boundaries, shape: [boundaries.count], for: input)
        let isPassed = try context.apply(
          Comparison(.equal, with: 0), to: try context.combine(.less, [wide, borders]))
        let axis = context.shape(isPassed).rank - 1
        let numbers = try context.apply(Reduce(.sum, axes: [axis]), to: isPassed)
        return try context.encoded(numbers, mode, depth: boundaries.count + 1, weights: nil)
      }
    ]
  }
}

extension LoweringContext {
  /// Whole numbers as rows. A number that no place of a row stands for leaves it empty.
  fileprivate mutating func encoded(
    _ value: KerasValue, _ mode: KerasLayers.CategoryMode, depth: Int, weights: KerasValue?
  ) throws(ModelFileError) -> KerasValue {
    guard mode != .whole else { return value }
    let output = try mode.shape(of: KerasShape(shape(value)), depth: depth).closed()
    guard depth <= 1 << 24 else {
      throw ModelFileError(
        .unsupported, "so many categories can't be told apart in single precision",
        expected: "at most \(1 << 24)", found: "\(depth)")
    }
    let places = try constant((0..<depth).map { Float($0) }, shape: [depth], for: value)
    let wide = try reshaped(value, to: Shape(shape(value).extents + [1]))
    var rows = try combine(.equal, [wide, places])
    if let weights {
      let factors = try reshaped(weights, to: Shape(shape(weights).extents + [1]))
      rows = try combine(.product, [rows, factors])
    }
    switch mode {
    case .whole, .oneHot: return try reshaped(rows, to: output)
    case .multiHot: return try applyWithoutMask(Reduce(.maximum, axes: [0]), to: rows)
    case .count: return try applyWithoutMask(Reduce(.sum, axes: [0]), to: rows)
    }
  }
}
