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

  private let scan: ValueScan

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
    var rows: [String: Summary.StoredParameter] = [:]
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
      summary.layers = Self.layers(byNamesOf: container)
      summary.status = .unverified
      failure = nil
    case .network(let network): failure = describe(network, container, in: &summary)
    case .keras(let keras): failure = try describe(keras, container, in: &summary)
    }
    for position in summary.layers.indices {
      let layer = summary.layers[position]
      let stored = layer.parameters.compactMap { parameter -> Summary.StoredParameter? in
        guard var row = rows["\(layer.name).\(parameter.name)"] ?? rows[parameter.name] else {
          return nil
        }
        row.name = parameter.name
        return row
      }
      summary.layers[position].parameters = stored
      summary.layers[position].parameterCount = stored.reduce(0) {
        $0.clampedSum($1.shape.elementCount)
      }
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
  private static func layers(byNamesOf container: TensorContainer) -> [Summary.Layer] {
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
      layers[position].parameters.append(
        Summary.StoredParameter(
          name: dot.map { String(tensor.name[tensor.name.index(after: $0)...]) } ?? tensor.name,
          shape: tensor.shape, dtype: tensor.typeName, bytes: 0))
    }
    return layers
  }

  private func describe(
    _ network: Network, _ container: TensorContainer, in summary: inout Summary
  ) -> ModelFileError? {
    DarknetInspector.describe(network, in: &summary)
    summary.config = network.config.path
    do throws(ModelFileError) {
      summary.layers = zip(network.layers, try network.multiplyAdds()).map { placed, work in
        DarknetInspector.layer(of: placed, multiplyAdds: work) { $0.shape }
      }
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
    _ architecture: KerasArchitecture, _ container: TensorContainer, in summary: inout Summary
  ) throws(ModelFileError) -> ModelFileError? {
    summary.config = architecture.path
    let model: KerasModel
    let multiplyAdds: [Int?]
    do {
      model = try KerasModel(configuration: architecture.configuration)
      multiplyAdds = try model.multiplyAdds(
        by: KerasGeneration(
          version: architecture.kerasVersion, configuration: architecture.configuration))
    } catch {
      throw error.inFile(architecture.path)
    }
    summary.inputShape = model.inputShape
    summary.picture = model.picture
    summary.layers = zip(model.layers, multiplyAdds).enumerated().map { index, entry in
      let (layer, work) = entry
      var row = Summary.Layer(index: index, name: layer.name)
      row.className = layer.className
      row.outputShape = layer.outputShape?.extents
      row.flops = work?.clampedProduct(2)
      row.parameters = (layer.forms ?? []).map { form in
        Summary.StoredParameter(name: form.name, shape: form.shape, dtype: "", bytes: 0)
      }
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

extension KerasModel {
  /// What its first input takes, without the batch axis.
  var inputShape: [Int?]? {
    inputs.first.flatMap { input in
      layers.first { $0.name == input.layer }?.outputShape?.extents
    }
  }
}
