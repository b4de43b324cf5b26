import Darknet
import FileSupport
import Keras
import ModelGraph

/// Summaries of files of named tensors.
public struct TensorInspector {
  /// What the tensors are held against.
  public enum Architecture: Sendable {
    /// A darknet network, by its cfg.
    case network(Network)
    /// A Keras model.
    case keras(KerasArchitecture)
  }

  /// What is told of each tensor, by its name.
  private typealias Rows = [String: Summary.StoredParameter]

  private let scan: ValueScan
  /// The sizes of a Keras model's inputs, where it leaves extents open; none for what the model says.
  public var inputSizes: [Shape] = []

  /// An inspector.
  ///
  /// - Parameters:
  ///   - computesDigests: whether each tensor gets a SHA-256.
  ///   - computesStatistics: whether each tensor gets statistics, and the odd ones a warning.
  public init(computesDigests: Bool, computesStatistics: Bool) {
    scan = ValueScan(.init(digest: computesDigests, statistics: computesStatistics))
  }

  /// A file: its tensors, by the layers that their names tell or that an architecture has.
  ///
  /// - Parameters:
  ///   - container: the file.
  ///   - format: the name of its format.
  ///   - architecture: the model that the tensors are of, if one is named.
  /// - Returns: the summary and, if the tensors don't fit the architecture, why.
  /// - Throws: `ModelFileError` if the file or the architecture can't be read.
  public func summary(
    of container: TensorContainer, format: String, architecture: Architecture? = nil
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    let path = container.file.path
    var summary = Summary(file: path, format: format, bytes: container.file.size)
    summary.metadata = container.metadata
    summary.warnings = container.warnings
    var rows: Rows = [:]
    var datasets: [Summary.StoredDataset] = []
    for tensor in container.tensors {
      let row = try self.row(tensor, path: path, &summary.warnings)
      rows[tensor.name] = row
      datasets.append(
        Summary.StoredDataset(
          path: tensor.name, shape: row.shape.extents.map { UInt64(clamping: $0) },
          dtype: row.dtype, layout: "contiguous", filters: [], bytes: row.bytes,
          storedBytes: row.bytes, sha256: row.sha256, statistics: row.statistics))
    }
    summary.datasets = datasets
    summary.parameterCount = container.tensors.reduce(0) { $0.clampedSum($1.shape.elementCount) }
    let failure: ModelFileError?
    switch architecture {
    case nil:
      summary.layers = Self.layers(byNamesOf: container, rows)
      summary.status = .unverified
      failure = nil
    case .network(let network): failure = try describe(network, container, rows, in: &summary)
    case .keras(let keras): failure = try describe(keras, container, rows, in: &summary)
    }
    return (summary, failure)
  }

  private func row(
    _ tensor: StoredTensor, path: String, _ warnings: inout [ModelWarning]
  ) throws(ModelFileError) -> Summary.StoredParameter {
    var row = Summary.StoredParameter(
      name: tensor.name, shape: tensor.shape,
      dtype: tensor.elementType?.rawValue ?? tensor.typeName,
      offset: tensor.offset, bytes: UInt64(tensor.source.byteCount))
    row.numbers = Summary.Numbers(elementType: tensor.elementType) { tensor.source }
    guard !scan.wishes.isEmpty else { return row }
    let found = try scan.scan(tensor.source, elementType: tensor.elementType)
    row.sha256 = found.sha256
    row.statistics = found.statistics
    let name = tensor.name.split(separator: ".").last.map(String.init) ?? tensor.name
    for complaint in found.statistics.map({ Health.complaints(name: name, $0) }) ?? [] {
      warnings.append(ModelWarning(file: path, at: [.array(tensor.name)], complaint))
    }
    return row
  }

  // MARK: Layers

  /// A layer for all tensors whose names are the same up to the last dot.
  private static func layers(
    byNamesOf container: TensorContainer, _ rows: Rows
  ) -> [Summary.Layer] {
    var layers: [Summary.Layer] = []
    var positions: [String: Int] = [:]
    for tensor in container.tensors {
      let dot = tensor.name.lastIndex(of: ".")
      let name = dot.map { String(tensor.name[..<$0]) } ?? tensor.name
      let position = positions[name] ?? layers.count
      if position == layers.count {
        positions[name] = position
        layers.append(Summary.Layer(index: position, name: name))
      }
      layers[position].take(
        rows[tensor.name],
        as: dot.map { String(tensor.name[tensor.name.index(after: $0)...]) } ?? tensor.name)
    }
    return layers
  }

  private func describe(
    _ network: Network, _ container: TensorContainer, _ rows: Rows, in summary: inout Summary
  ) throws(ModelFileError) -> ModelFileError? {
    DarknetInspector.describe(network, in: &summary)
    summary.config = network.config.path
    let work = try network.work()
    summary.activations = Summary.ActivationMemory(work.lifetimes)
    summary.layers = network.layers.map { placed in
      var layer = DarknetInspector.layer(of: placed, in: network, work) { $0.shape }
      let names = layer.parameters.map(\.name)
      (layer.parameters, layer.parameterCount) = ([], 0)
      for name in names { layer.take(rows["\(layer.name).\(name)"], as: name) }
      return layer
    }
    do throws(ModelFileError) {
      let weights = try TensorWeights(container, network: network)
      summary.status = Summary.Status(weights.status)
      if case .partial(let layers) = weights.status { summary.layersLoaded = layers }
      return nil
    } catch {
      summary.status = .mismatch
      return error.inFile(container.file.path)
    }
  }

  private func describe(
    _ architecture: KerasArchitecture, _ container: TensorContainer, _ rows: Rows,
    in summary: inout Summary
  ) throws(ModelFileError) -> ModelFileError? {
    summary.config = architecture.path
    let model: KerasModel
    let work: KerasModel.Work
    do {
      model = try KerasModel(
        configuration: architecture.configuration, inputSizes: inputSizes)
      work = try model.work(
        by: KerasGeneration(
          version: architecture.kerasVersion, configuration: architecture.configuration))
    } catch {
      throw error.inFile(architecture.path)
    }
    summary.inputSizes = inputSizes
    summary.inputShape = model.inputShape
    summary.picture = model.picture
    summary.activations = Summary.ActivationMemory(work.lifetimes)
    summary.layers = zip(model.layers, work.multiplyAdds).enumerated().map { index, entry in
      let (layer, count) = entry
      var row = Summary.Layer(index: index, name: layer.name)
      row.sources = layer.inbound
      row.options = Summary.LayerOption.all(
        of: layer.layerClass, windows: work.windows[index])
      row.className = layer.className
      row.outputShape = layer.outputShape?.extents
      row.flops = count?.clampedProduct(2)
      for form in layer.forms ?? [] { row.take(rows["\(layer.name).\(form.name)"], as: form.name) }
      return row
    }
    do throws(ModelFileError) {
      _ = try KerasNetwork(container, architecture: architecture).namedTensors()
      summary.status = .complete
      return nil
    } catch {
      guard error.kind == .damaged else { throw error }
      summary.status = .mismatch
      return error
    }
  }
}

extension Summary.Layer {
  /// Takes a tensor by its name within the layer, if the file has it.
  fileprivate mutating func take(_ row: Summary.StoredParameter?, as name: String) {
    guard var row else { return }
    row.name = name
    parameters.append(row)
    parameterCount = parameterCount.clampedSum(row.shape.elementCount)
  }
}

extension KerasModel {
  /// What its first input takes, without the batch axis.
  var inputShape: [Int?]? {
    inputs.first.flatMap { input in
      layers.first { $0.name == input.layer }?.outputShape?.extents
    }
  }
}
