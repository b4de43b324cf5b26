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
    CRNN.self, ConvLSTM.self, HistoryLayer.self,
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
}
