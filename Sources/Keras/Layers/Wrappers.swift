import FileSupport
import ModelGraph

extension KerasLayers {
  /// A layer that is applied to each step of a sequence for itself.
  public struct TimeDistributed: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "TimeDistributed"
    /// The layer.
    public let inner: any KerasLayerClass
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `layer`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      inner = try configuration.innerLayer("layer")
      self.configuration = configuration.members
    }

    /// The layer's shape behind the steps.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inner.outputShape(of: [try step(of: inputs)])
      return KerasShape([inputs[0].extents[0]] + image.extents)
    }

    /// The layer's variables.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      try inner.variables(for: [try step(of: inputs)]).map { $0.inside(["layer"]) }
    }

    private func step(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.main()
      guard input.rank >= 1 else {
        throw ModelFileError(.damaged, "takes a sequence", found: "\(input)")
      }
      return KerasShape(Array(input.extents.dropFirst()))
    }
  }

  /// A recurrent layer and another one that runs along the sequence from its end.
  public struct Bidirectional: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Bidirectional"
    /// How the two outputs are put together: `concat`, `sum`, `mul`, `ave`; `nil` leaves them apart.
    public let mergeMode: String?
    /// The layer that runs from the beginning.
    public let forward: any KerasLayerClass
    /// The layer that runs from the end.
    public let backward: any KerasLayerClass
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `layer`, `backward_layer` and `merge_mode`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      forward = try configuration.innerLayer("layer")
      backward =
        configuration.isSet("backward_layer")
        ? try configuration.innerLayer("backward_layer") : forward
      let isApart = configuration.members["merge_mode"] == .null
      let mode = try configuration.text("merge_mode", default: "concat")
      guard ["concat", "sum", "mul", "ave"].contains(mode) else {
        throw configuration.wrong("merge_mode", expected: "concat, sum, mul or ave")
      }
      mergeMode = isApart ? nil : mode
      self.configuration = configuration.members
    }

    /// The layer's shape; the last extents add up for `concat`.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try outputShapes(of: inputs).main()
    }

    /// The outputs, and the states of both layers if they are asked for.
    public func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
      let first = try forward.outputShapes(of: inputs)
      let second = try backward.outputShapes(of: inputs)
      let (one, other) = (try first.main(), try second.main())
      let states = first.dropFirst() + second.dropFirst()
      switch mergeMode {
      case nil: return [one, other] + states
      case "concat":
        let width = one.extents.last.flatMap { one in
          other.extents.last.flatMap { other in one.flatMap { one in other.map { one + $0 } } }
        }
        return [KerasShape(one.extents.dropLast() + [width])] + states
      default: return [one] + states
      }
    }

    /// The variables of both layers.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let one = try forward.variables(for: inputs)
      let other = try backward.variables(for: inputs)
      return one.map { $0.inside(["forward_layer"], prefix: "forward") }
        + other.map { $0.inside(["backward_layer"], prefix: "backward") }
    }
  }
}
