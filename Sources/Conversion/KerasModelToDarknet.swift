import Darknet
import FileSupport
import Keras
import ModelGraph

/// A Keras model of any origin made into a darknet model: its layers become the sections of a cfg
/// (`spec/keras-to-darknet.md`).
///
/// Numbers are copied, in darknet's order. The only ones that change are those of normalizations, whose ε
/// darknet has fixed.
public struct KerasModelToDarknet: DarknetConversion {
  /// The network that is written.
  public let network: Network
  /// What the user should know.
  public let warnings: [ModelWarning]
  /// The Keras model as a graph.
  public let graph: Graph
  /// The node of the graph whose value each layer of the network puts out, plane by plane where the node has
  /// it pixel by pixel; a layer that only leads to another one has none.
  public let nodes: [Int?]
  /// The cfg, unless it was named.
  public let companion: [UInt8]?
  private let writer: WeightsWriter
  /// What a darknet file has no place for.
  private let lost: [ModelWarning]

  /// Works out the network of a model; nothing is written yet.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - path: its file.
  ///   - options: how the network is written.
  /// - Throws: `ModelFileError`: `unsupported`, with the layer, for what darknet can't compute exactly;
  ///   `damaged` if the model is broken; `usage` if nothing tells the architecture.
  public init(
    _ model: KerasNetwork, path: String, _ options: KerasToDarknet.Options = .init()
  ) throws(ModelFileError) {
    lost = model.lostState
    var shapes: [Shape] = []
    for input in model.inputs {
      guard let shape = input.shape?.known else {
        throw ModelFileError(
          .unsupported, file: path, at: [.path(input.name)],
          "the model leaves the extents of its input open, which a cfg has to tell",
          expected: "a fixed height and width", found: input.shape.map { "\($0)" },
          remedy: "save the model with an Input of fixed shape")
      }
      shapes.append(shape)
    }
    let lowered = try model.lowered(for: shapes)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    do throws(ModelFileError) {
      let raised = try NetworkRaising(lowered.graph, dialect: options.dialect ?? .standard)
        .network(from: "made by nnfmt from \(name)", path: path)
      network = raised.network
      companion = options.config == nil ? network.config.bytes : nil
      graph = lowered.graph
      nodes = raised.nodes
      let header = WeightsHeader(options.header ?? .third, seen: 0)
      let layout = WeightsLayout(
        plan: WeightsPlan(network, upTo: options.limit ?? network.layers.count), header: header)
      var tensors: [OrderedTensor] = []
      for entry in layout.plan.entries {
        guard let tensor = raised.array(entry), tensor.view.elementCount == entry.array.count else {
          throw ModelFileError(
            .internalFault, at: [.array(network.name(of: entry))],
            "the array has other numbers than the network needs", expected: "\(entry.array.shape)")
        }
        tensors.append(tensor)
      }
      writer = WeightsWriter(layout: layout, header: header.bytes, tensors: tensors)
      warnings = lowered.warnings + raised.warnings
    } catch {
      throw error.inFile(path)
    }
  }

  /// The numbers that the weights file holds of an array, in its order.
  public func array(_ entry: WeightsPlan.Entry) -> OrderedTensor? {
    writer.tensor(entry)
  }

  /// Writes the weights.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to file: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    try writer.write(to: file, warnings: warnings + lost, progress: progress)
  }
}
