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
    /// Where the value comes from: `cfg`, `default`, `dialect`, `config`.
    public let origin: String
    /// The line of the cfg.
    public let line: Int?
    /// Whether it has a bearing on more than training.
    public let isUsed: Bool

    /// The options of a layer of a network as its cfg was read, and what the dialect adds.
    static func all(of placed: PlacedLayer, in network: Network) -> [LayerOption] {
      var options = placed.options.map { option in
        switch option.origin {
        case .line(let line):
          LayerOption(
            key: option.key, value: option.value, origin: "cfg", line: line,
            isUsed: option.isUsed)
        case .absence:
          LayerOption(
            key: option.key, value: option.value, origin: "default", line: nil, isUsed: true)
        case .dialect:
          LayerOption(
            key: option.key, value: option.value, origin: "dialect", line: nil, isUsed: true)
        }
      }
      if placed.arrays.contains(where: { $0.name.hasSuffix("rolling_variance") }) {
        options.append(
          LayerOption(
            key: "epsilon", value: "\(network.dialect.batchNormalizationEpsilon)",
            origin: "dialect", line: nil, isUsed: true))
      }
      return options
    }

    /// The options of a Keras layer, those of parts of it behind a dot.
    static func all(of layer: any KerasLayerClass) -> [LayerOption] {
      LayerSettings.entries(of: layer).map {
        LayerOption(key: $0.key, value: $0.value, origin: "config", line: nil, isUsed: true)
      }
    }

    var json: JSONValue {
      var object = JSONObject()
      object["key"] = .string(key)
      object["value"] = value.map(JSONValue.string) ?? .null
      object["origin"] = .string(origin)
      object["line"] = line.map { JSONValue($0) }
      object["used"] = .bool(isUsed)
      return .object(object)
    }
  }
}
