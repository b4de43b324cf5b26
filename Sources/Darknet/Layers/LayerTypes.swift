import FileSupport
import ModelGraph

/// Every layer type that nnfmt knows. Adding one means a file for it and a line here.
enum LayerTypes {
  static let all: [any ReadableLayer.Type] = [
    Convolutional.self, Deconvolutional.self, Connected.self, BatchNorm.self,
    MaxPool.self, AveragePool.self, LocalAveragePool.self,
    Upsample.self, Reorg.self, Reorg3D.self, CropLayer.self,
    Route.self, Shortcut.self, ScaleChannels.self, SpatialAttention.self,
    ActivationLayer.self, LogisticLayer.self, SoftmaxLayer.self, DropoutLayer.self,
    Cost.self, Empty.self,
    Local.self,
    ResponseNormalization.self, L2Norm.self,
    RNN.self, GRU.self, LSTM.self,
    CRNN.self, ConvLSTMLayer.self, HistoryLayer.self,
    Implicit.self,
    InstanceSegmentation.self, Contrastive.self,
    Yolo.self, GaussianYolo.self, Region.self, Detection.self,
  ]

  private static let byName: [String: any ReadableLayer.Type] = {
    var table: [String: any ReadableLayer.Type] = [:]
    for type in all {
      for name in [type.type] + type.aliases { table[name] = type }
    }
    return table
  }()

  /// The type that a section's name stands for, in any dialect.
  static func named(_ name: String) -> (any ReadableLayer.Type)? { byName[name] }

  /// The name that a misspelt one is nearest to.
  static func nearest(to name: String) -> String? {
    Spelling.nearest(to: name, among: byName.keys.sorted() + Network.netSections)
  }
}

/// A layer type as `nnfmt layers` tells of it.
public struct LayerSupport: Sendable {
  /// darknet's name of the type.
  public let type: String
  /// Other names that a section may have.
  public let aliases: [String]
  /// The forks that know it.
  public let dialects: Set<Dialect>
  /// The operations that it can become.
  public let operations: [any Operation.Type]
  /// Its own options.
  public let options: [OptionDescription]
  /// Whether its cost and gradient are known; what it becomes at inference does not tell.
  public let hasTraining: Bool

  /// Every layer type that can be read and written.
  public static let all: [LayerSupport] = LayerTypes.all.map { type in
    LayerSupport(
      type: type.type, aliases: type.aliases, dialects: type.dialects,
      operations: type.operations, options: type.options, hasTraining: type.hasTraining)
  }

  /// Whether a layer's type says that it can become an operation.
  static func isDeclared(_ operation: any Operation, by layer: any DarknetLayer) -> Bool {
    let type = Swift.type(of: layer)
    let declared = type.operations + type.options.compactMap(\.operation)
    return operation is Reshaping
      || declared.contains { ObjectIdentifier($0) == ObjectIdentifier(Swift.type(of: operation)) }
  }

  /// The options that every layer has.
  public static let commonOptions = CommonOptions.options
}
