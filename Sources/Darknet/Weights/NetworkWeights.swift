import FileSupport
import ModelGraph

/// The numbers of a network, in whatever file they lie: a `.weights` file, or named tensors.
public protocol NetworkWeights: Sendable {
  /// The file.
  var file: InputFile { get }
  /// The network.
  var network: Network { get }
  /// How the arrays lie in what ``source(_:)`` gives, and the header of the `.weights` file that they make up.
  var layout: WeightsLayout { get }
  /// How much of the network is there.
  var status: WeightsStatus { get }
  /// What is odd about the file.
  var warnings: [ModelWarning] { get }

  /// The bytes of a planned array as float32, `nil` if the file does not hold all of it.
  func source(_ entry: WeightsPlan.Entry) -> (any TensorSource)?

  /// The bytes of the header.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  func headerBytes() throws(ModelFileError) -> [UInt8]

  /// Checks that the file holds numbers to compute with: all of the network's, or those of its first layers.
  ///
  /// - Parameters:
  ///   - allowsPartial: whether the last layers may lack theirs.
  /// - Throws: `ModelFileError` of kind `damaged` that says why it does not.
  func requireNumbers(allowsPartial: Bool) throws(ModelFileError)
}

extension NetworkWeights {
  /// The arrays in file order.
  public var plan: WeightsPlan { layout.plan }
  /// The header.
  public var header: WeightsHeader { layout.header }

  /// The arrays by name, in the shapes of the network, each with the walk that brings it into C order: as every other
  /// container has them.
  public var namedTensors: [NamedTensor] {
    plan.entries.compactMap { entry in
      tensor(entry).map {
        NamedTensor(name: network.name(of: entry), shape: entry.array.shape, tensor: $0)
      }
    }
  }

  /// An array in the C order of its shape in the network; `nil` if the file does not hold all of it.
  public func tensor(_ entry: WeightsPlan.Entry) -> OrderedTensor? {
    let plain = WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: 0))
    return source(entry).map {
      OrderedTensor(
        source: $0, elementType: .float32,
        view: layout.view(of: entry.array, writtenAs: plain))
    }
  }
}
