import Darknet
import FileSupport
import ModelGraph

/// What `nnfmt inspect` says of a file, whatever its format.
public struct Summary: Sendable {
  /// The path as the user gave it.
  public var file: String
  /// The format by the file's content: `darknet-weights`, `darknet-cfg`, `keras-h5`, …
  public var format: String
  /// The size of the file in bytes.
  public var bytes: UInt64
  /// The architecture's file, where it is another one.
  public var config: String?
  /// Which darknet the file was read as.
  public var dialect: String?
  /// What wrote a Keras file.
  public var kerasVersion: String?
  /// Which Keras can load it, as far as is known: `keras-2`, `keras-3`.
  public var loadsIn: [String]?
  /// Why the others can't, by their names.
  public var doesNotLoad: [(keras: String, reason: String)] = []
  /// What a file of named tensors says of itself; `nil` for other formats.
  public var metadata: [(key: String, value: String)]?
  /// The backend that wrote a Keras file.
  public var backend: String?
  /// The header of a `.weights` file.
  public var header: Header?
  /// The size that the architecture calls for, in bytes.
  public var expectedBytes: UInt64?
  /// How much of the model is there; `nil` where nothing can be missing.
  public var status: Status?
  /// Bytes behind the last array.
  public var trailingBytes: UInt64?
  /// Layers that have their numbers, where not all do.
  public var layersLoaded: Int?
  /// The sizes that were asked for, if shapes and all that follows from them are told for these.
  public internal(set) var inputSizes: [Shape] = []
  /// What the model takes, without the batch axis.
  public var inputShape: [Int?]?
  /// How a picture is made into the input; `nil` where nothing is known.
  public var picture: PictureInput?
  /// The layers in order.
  public var layers: [Layer] = []
  /// The detection heads of the darknet network that a Keras file was made of, which are no layers of Keras's.
  public var carriedHeads: [CarriedHead] = []
  /// What an optimizer keeps beside the layers.
  public var optimizer: [StoredParameter] = []
  /// What values take while the model is computed; `nil` where it is not known.
  public var activations: ActivationMemory?
  /// Whether it is of some layers only, with their options.
  public internal(set) var isCloser = false
  /// Numbers in all parameters together.
  public var parameterCount: Int = 0
  /// Those of them that training changes; `nil` where that is not known.
  public var trainableCount: Int?
  /// The datasets of an HDF5 file, or the tensors of a file of named ones; `nil` for other formats.
  public var datasets: [StoredDataset]?
  /// The attributes of an HDF5 file's groups and datasets; `nil` where they were not asked for, or there can be none.
  public var attributes: [StoredAttribute]?
  /// How a `.weights` file fits several cfgs, the best first; `nil` if it was held against at most one.
  public var fits: [Fit]?
  /// What is odd, though the file can be used.
  public var warnings: [ModelWarning] = []

  /// A summary to be filled in.
  public init(file: String, format: String, bytes: UInt64) {
    self.file = file
    self.format = format
    self.bytes = bytes
  }

  /// How much of a model a file holds.
  public enum Status: String, Sendable {
    /// Every number.
    case complete
    /// Whole layers, then the end.
    case partial
    /// The file ends inside a layer.
    case truncated
    /// Bytes follow the last number.
    case trailing
    /// The architecture and the numbers don't belong together.
    case mismatch
    /// There is no architecture to hold the numbers against.
    case unverified

    /// Whether the file can be used as it is.
    public var isSound: Bool { self == .complete || self == .partial || self == .unverified }
  }

  /// The first bytes of a `.weights` file.
  public struct Header: Sendable {
    /// The version.
    public let major: Int32
    /// The version's second number.
    public let minor: Int32
    /// The version's third number.
    public let revision: Int32
    /// Images seen in training.
    public let seen: UInt64
    /// The header's length.
    public let bytes: Int
    /// Whether matrices are stored `[in][out]`.
    public let isTransposed: Bool
  }

  /// A layer.
  public struct Layer: Sendable {
    /// Its position.
    public var index: Int
    /// Its name.
    public var name: String
    /// darknet's name of its type.
    public var type: String?
    /// Keras's name of its type.
    public var className: String?
    /// The options that matter, short.
    public var detail: String = ""
    /// The names of the layers whose values it takes; `nil` where they are not known.
    public var sources: [String]?
    /// Its options; `nil` where they are not known.
    public var options: [LayerOption]?
    /// What it takes; `nil` where it is not known.
    public var inputShape: [Int?]?
    /// What it puts out, with `nil` for an extent that the model leaves open; `nil` where nothing is
    /// known.
    public var outputShape: [Int?]?
    /// Numbers that the file holds for it.
    public var parameterCount: Int = 0
    /// 2 × multiply-adds of one pass; `nil` where it is not known.
    public var flops: Int?
    /// Its arrays.
    public var parameters: [StoredParameter] = []
    /// How its output is made into boxes, for a detection head.
    public var head: HeadDescription?
    /// The layers inside, of a model that is a layer; `nil` for any other, and where they were not asked for.
    public var children: [Layer]?
  }

  /// A detection head that stands behind an output of a Keras model.
  public struct CarriedHead: Sendable {
    /// The output that enters it, counted from 0.
    public let output: Int
    /// Its position in the darknet network.
    public let index: Int
    /// darknet's name of its type.
    public let type: String
    /// How the output is made into boxes.
    public let head: HeadDescription

    /// The heads of a network, in the order of the outputs of the Keras model made of it.
    public static func all(of network: Network) -> [CarriedHead] {
      let heads = network.layers.compactMap { placed in
        (placed.layer as? any HeadLayer).map { (placed, $0.description) }
      }
      return heads.enumerated().map { output, entry in
        CarriedHead(output: output, index: entry.0.index, type: entry.0.type, head: entry.1)
      }
    }
  }

  /// An array of a layer as it stands in the file.
  public struct StoredParameter: Sendable {
    /// The name within the layer.
    public var name: String
    /// The shape as stored.
    public var shape: Shape
    /// How a number is stored.
    public var dtype: String
    /// Where it begins in the file, in bytes.
    public var offset: UInt64?
    /// Its length.
    public var bytes: UInt64
    /// Whether training changes it; `nil` where that is not known.
    public var isTrainable: Bool?
    /// Its first values.
    public var values: [Float]?
    /// Where its numbers are read, if they can be.
    var numbers: Numbers?
    /// SHA-256 of its bytes.
    public var sha256: String?
    /// What its numbers are like.
    public var statistics: Statistics?
  }

  /// A dataset of an HDF5 file, or a named tensor.
  public struct StoredDataset: Sendable {
    /// Its path.
    public var path: String
    /// Its extents; `nil` for a dataset without any (a null dataspace).
    public var shape: [UInt64]?
    /// Its element type.
    public var dtype: String
    /// How it is laid out.
    public var layout: String
    /// Whether its elements lie in other files.
    public var isExternal = false
    /// What its bytes went through.
    public var filters: [String]
    /// Bytes that its shape calls for.
    public var bytes: UInt64?
    /// Bytes that it takes in the file.
    public var storedBytes: UInt64?
    /// SHA-256 of its bytes, little endian, in C order.
    public var sha256: String?
    /// What its numbers are like.
    public var statistics: Statistics?
  }
}
