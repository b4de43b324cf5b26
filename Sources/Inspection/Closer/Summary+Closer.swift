import Darknet
import FileSupport
import Keras
import ModelGraph

extension Summary {
  /// Where the numbers of an array are read.
  struct Numbers: Sendable {
    /// How a number is stored; `nil` if that is not known.
    let elementType: ElementType?
    /// Gives the bytes.
    let source: @Sendable () throws(ModelFileError) -> any TensorSource
  }

  /// The memory that values take while a model is computed layer by layer, as float32, for one sample.
  public struct ActivationMemory: Sendable {
    /// The most bytes that are alive at one time, each value from the operation that makes it to the last one that
    /// takes it.
    public let peakBytes: Int
    /// The layer that is computed then.
    public let peakLayer: String
    /// The bytes of the largest value.
    public let largestBytes: Int
    /// The layer that makes it.
    public let largestLayer: String

    /// The memory for values of these lifetimes; `nil` where there are none.
    init?(_ lifetimes: Lifetimes?) {
      guard let lifetimes, let peak = lifetimes.peak, let largest = lifetimes.largest else {
        return nil
      }
      func name(_ node: Node) -> String { node.layer?.name ?? node.name }
      let width = ElementType.float32.byteCount
      peakBytes = lifetimes.peakElements.clampedProduct(width)
      peakLayer = name(lifetimes.nodes[peak])
      largestBytes = largest.elementCount.clampedProduct(width)
      largestLayer = name(largest)
    }

    var json: JSONValue {
      [
        "peak_bytes": JSONValue(peakBytes), "peak_layer": .string(peakLayer),
        "largest_bytes": JSONValue(largestBytes), "largest_layer": .string(largestLayer),
      ]
    }
  }

  /// An option of a layer.
  public struct LayerOption: Sendable {
    /// The key.
    public let key: String
    /// The value as text; `nil` if nothing stands in its place.
    public let value: String?
    /// Where the value comes from.
    public let origin: Origin
    /// The line of the cfg.
    public var line: Int?
    /// Whether it has a bearing on more than training.
    public var isUsed = true

    /// Where a value comes from.
    public enum Origin: String, Sendable {
      /// A line of the cfg.
      case cfg
      /// The key is missing.
      case absence = "default"
      /// The dialect, whatever the cfg says.
      case dialect
      /// The configuration of a Keras layer.
      case config
      /// It stands in no file, but follows from what does.
      case computed
    }

    /// The options of a layer of a network as its cfg was read, and what the dialect adds.
    ///
    /// - Parameters:
    ///   - placed: the layer.
    ///   - network: its network.
    ///   - windows: how its windows move.
    static func all(
      of placed: PlacedLayer, in network: Network, windows: [Window]
    ) -> [LayerOption] {
      var options = placed.options.map { option in
        switch option.origin {
        case .line(let line):
          LayerOption(
            key: option.key, value: option.value, origin: .cfg, line: line, isUsed: option.isUsed)
        case .absence: LayerOption(key: option.key, value: option.value, origin: .absence)
        case .dialect: LayerOption(key: option.key, value: option.value, origin: .dialect)
        }
      }
      if placed.arrays.contains(where: { $0.name.hasSuffix("rolling_variance") }) {
        options.append(
          LayerOption(
            key: "epsilon", value: "\(network.dialect.batchNormalizationEpsilon)",
            origin: .dialect))
      }
      if let anchors = (placed.layer as? any HeadLayer)?.description.usedAnchors {
        options.append(LayerOption(key: "anchors_used", value: anchors, origin: .computed))
      }
      return options + padding(windows)
    }

    /// The options of a Keras layer, those of parts of it behind a dot.
    ///
    /// - Parameters:
    ///   - layer: the layer.
    ///   - windows: how its windows move.
    static func all(of layer: any KerasLayerClass, windows: [Window]) -> [LayerOption] {
      let options = LayerSettings.entries(of: layer).map {
        LayerOption(key: $0.key, value: $0.value, origin: .config)
      }
      return options + padding(windows)
    }

    /// The cells that are put around the image, of a layer that moves a window over one.
    private static func padding(_ windows: [Window]) -> [LayerOption] {
      var texts: [String] = []
      for window in windows where !window.padding.isEmpty && !texts.contains(window.paddingText) {
        texts.append(window.paddingText)
      }
      guard !texts.isEmpty else { return [] }
      return [
        LayerOption(key: "padding_used", value: texts.joined(separator: "; "), origin: .computed)
      ]
    }

    var json: JSONValue {
      var object = JSONObject()
      object["key"] = .string(key)
      object["value"] = value.map(JSONValue.string) ?? .null
      object["origin"] = .string(origin.rawValue)
      object["line"] = line.map { JSONValue($0) }
      object["used"] = .bool(isUsed)
      return .object(object)
    }
  }
}

extension HeadDescription {
  /// The anchors that the boxes have, by the mask; `nil` for a head without anchors.
  public var usedAnchors: String? {
    guard !anchors.isEmpty else { return nil }
    let all = anchors.map { "\($0.width.plainText)×\($0.height.plainText)" }
    let used = mask.map { $0.map { all.indices.contains($0) ? all[$0] : "?" } } ?? all
    return used.joined(separator: " ") + (countsCells ? " cells" : "")
  }
}

extension Double {
  /// A whole number without a point.
  package var plainText: String {
    self == rounded() && abs(self) < 1e9 ? "\(Int(self))" : "\(self)"
  }
}

extension Window {
  /// `1` for a cell on every side; else what stands on each.
  fileprivate var paddingText: String {
    if let first = padding.first, first.before == first.after,
      padding.allSatisfy({ $0 == first })
    {
      return "\(first.before)"
    }
    let sides = padding.count == 2 ? [("top", "bottom"), ("left", "right")] : []
    return padding.enumerated().map { axis, cells in
      let (before, after) = sides.indices.contains(axis) ? sides[axis] : ("before", "after")
      return "\(before) \(cells.before), \(after) \(cells.after)"
    }.joined(separator: padding.count == 2 ? ", " : "; ")
  }
}
