import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x · scale + offset`.
  ///
  /// Source: `keras/src/layers/preprocessing/rescaling.py`.
  struct Rescaling: KeyedLayerClass {
    static let className = "Rescaling"
    /// The factor.
    var scale = Numbers.one(1)
    /// What is added.
    var offset = Numbers.one(0)

    /// Keras 3 can't read the layer without an offset, though it has a default.
    static let keys: [KerasKey<Self>] = [
      KerasKey("scale", \.scale, .required, json: \.json) {
        (configuration, fallback) throws(ModelFileError) in
        try configuration.numbers("scale", default: fallback)
      },
      KerasKey("offset", \.offset, .written, json: \.json) {
        (configuration, fallback) throws(ModelFileError) in
        try configuration.numbers("offset", default: fallback)
      },
    ]

    /// A number for all elements, or an array of them for the last axes.
    enum Numbers: Sendable {
      /// One for all.
      case one(Double)
      /// One for each element of the last axes, of this shape; and how it is written.
      case array([Float], Shape, JSONValue)
    }

    /// The input's shape, under whose last axes the numbers stand.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.single()
      for numbers in [scale, offset] {
        guard case .array(_, let shape, _) = numbers else { continue }
        guard try [input, KerasShape(shape)].broadcast() == input else {
          throw ModelFileError(
            .damaged, at: [.option("scale")], "the numbers don't fit the value",
            expected: "as many as the last axes of \(input)", found: "\(shape)")
        }
      }
      return input
    }
  }
}

extension KerasLayers.Rescaling {
  /// An affine function.
  init(scale: Double, offset: Double = 0) {
    self.init(scale: .one(scale), offset: .one(offset))
  }

  /// A product with numbers of this shape, under the last axes.
  init(scales: [Double], shape: Shape) {
    var nested = scales.map(JSONValue.number)
    for extent in shape.extents.dropFirst().reversed() {
      nested = stride(from: 0, to: nested.count, by: extent).map {
        .array(Array(nested[$0..<$0 + extent]))
      }
    }
    self.init(scale: .array(scales.map { Float($0) }, shape, .array(nested)), offset: .one(0))
  }

  /// The affine function.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let result: KerasValue
    if case (.one(let scale), .one(let offset)) = (scale, offset) {
      let isSingle = context.elementType == .float32
      result = try context.applyWithoutMask(
        Affine(
          scale: isSingle ? Double(Float(scale)) : scale,
          offset: isSingle ? Double(Float(offset)) : offset), to: input)
    } else {
      let product = try context.combine(.product, [input, try scale.value(for: input, &context)])
      result = try context.combine(.sum, [product, try offset.value(for: input, &context)])
    }
    // Keras 2 loses the mask here.
    return [KerasValue(result.node, mask: context.generation == .third ? input.mask : nil)]
  }
}

extension KerasLayers.Rescaling.Numbers {
  fileprivate var json: JSONValue {
    switch self {
    case .one(let number): .number(number)
    case .array(_, _, let json): json
    }
  }

  /// The numbers as a value of the graph.
  fileprivate func value(
    for input: KerasValue, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    switch self {
    case .one(let number): try context.constant([Float(number)], shape: [], for: input)
    case .array(let numbers, let shape, _): try context.constant(numbers, shape: shape, for: input)
    }
  }
}

extension KerasConfiguration {
  /// A number, or an array: lists in one another, as Keras 2 writes them, or what Keras 3 makes of an array
  /// of numpy's.
  fileprivate func numbers(
    _ key: String, default fallback: KerasLayers.Rescaling.Numbers?
  ) throws(ModelFileError) -> KerasLayers.Rescaling.Numbers {
    if let fallback, !isSet(key) { return fallback }
    let found = value(key)
    let value = found?["config"]?["value"] ?? found ?? .null
    if let number = value.double { return .one(number) }
    var extents: [Int] = []
    var level = value
    while let elements = level.elements, let first = elements.first {
      extents.append(elements.count)
      level = first
    }
    guard let found = Self.flat(value, extents[...]), !found.isEmpty else {
      throw wrong(key, expected: "a number or lists of them of the same length")
    }
    return .array(found, Shape(extents), value)
  }

  /// The numbers in lists of these lengths, or `nil` if they have others.
  private static func flat(_ value: JSONValue, _ extents: ArraySlice<Int>) -> [Float]? {
    guard let count = extents.first else { return value.double.map { [Float($0)] } }
    guard let elements = value.elements, elements.count == count else { return nil }
    var result: [Float] = []
    for element in elements {
      guard let inner = flat(element, extents.dropFirst()) else { return nil }
      result += inner
    }
    return result
  }
}
