import Conversion
import Darknet
import FileSupport
import ModelGraph

/// A model as a comparison sees it: its graph, and its arrays in the order of a weights file.
public struct ComparedModel {
  /// The file.
  public let path: String
  /// The network that the numbers belong to.
  public let network: Network
  /// The graph with the numbers.
  public let model: RunnableModel
  private let array: (WeightsPlan.Entry) -> (source: any TensorSource, view: StridedView)?
  /// Whether an array was worked out of numbers that a conversion had to round.
  let isRounded: (WeightsPlan.Entry) -> Bool

  /// A `.weights` file.
  ///
  /// - Throws: `ModelFileError` if it is not whole or can't be computed.
  public init(_ weights: WeightsFile, allowsPartial: Bool = false) throws(ModelFileError) {
    path = weights.file.path
    network = weights.network
    model = try RunnableModel(weights, allowsPartial: allowsPartial)
    isRounded = { _ in false }
    let plain = WeightsLayout(plan: weights.plan, header: WeightsHeader(.third, seen: 0))
    array = { entry in
      weights.source(entry).map { ($0, weights.layout.view(of: entry.array, writtenAs: plain)) }
    }
  }

  /// A Keras checkpoint that holds the numbers of a darknet network.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint, read for a network.
  ///   - path: the file.
  /// - Throws: `ModelFileError` if it can't be computed.
  public init(_ checkpoint: KerasToDarknet, path: String) throws(ModelFileError) {
    self.path = path
    network = checkpoint.network
    model = try RunnableModel(checkpoint)
    array = { checkpoint.array($0) }
    isRounded = { checkpoint.isRounded($0) }
  }

  /// The numbers of an array in the order of a weights file whose matrices are not transposed.
  ///
  /// - Returns: `nil` if the file does not have it.
  /// - Throws: `ModelFileError` of the file.
  func values(
    of entry: WeightsPlan.Entry, with stream: TensorStream
  ) throws(ModelFileError) -> [Float]? {
    guard let (source, view) = array(entry) else { return nil }
    var values: [Float] = []
    values.reserveCapacity(entry.array.count)
    try stream.forEachBand(of: source, elementType: .float32, view: view) { band in
      values += band.bindMemory(to: Float.self)
    }
    return values
  }
}
