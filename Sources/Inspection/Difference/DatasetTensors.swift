import FileSupport
import HDF5
import Keras
import ModelGraph

/// The datasets of a checkpoint as tensors: the variables of layers by the names that the graph gives them, where
/// the model is known, the rest by their paths.
struct DatasetTensors {
  private let checkpoint: KerasCheckpoint
  private var names: [Place: Name] = [:]

  /// A dataset in one of a checkpoint's files.
  private struct Place: Hashable {
    let store: String?
    let path: [LinkName]

    init(_ weight: StoredWeight) {
      store = weight.store.name
      path = weight.dataset.path
    }
  }

  private struct Name {
    let layer: String?
    let array: String
    let weight: StoredWeight
    let role: ModelContents.Role
    /// The place among the variables of the model, in its order.
    let position: Int
  }

  init(_ checkpoint: KerasCheckpoint, configuration: JSONValue?) throws(ModelFileError) {
    self.checkpoint = checkpoint
    if let configuration, let model = try? KerasModel(configuration: configuration) {
      let assignment = try WeightAssignment(model, checkpoint)
      for entry in assignment.entries {
        for (weight, form) in entry.weights {
          take(weight, of: entry.layer.name, as: form?.name ?? weight.name.description)
        }
      }
    }
    for layer in checkpoint.layers {
      for weight in layer.weights {
        take(weight, of: layer.name.description, as: weight.name.description)
      }
    }
    for weight in checkpoint.optimizer {
      names[Place(weight)] = Name(
        layer: nil, array: weight.path, weight: weight, role: .optimizer, position: names.count)
    }
  }

  /// A weight that has a name keeps it.
  private mutating func take(_ weight: StoredWeight, of layer: String, as array: String) {
    let place = Place(weight)
    guard names[place] == nil else { return }
    names[place] = Name(
      layer: layer, array: array, weight: weight, role: .parameter, position: names.count)
  }

  /// All datasets: first the variables in the model's order, then the others in that of their paths.
  ///
  /// - Throws: `ModelFileError` if one is damaged.
  func tensors() throws(ModelFileError) -> [ModelContents.Tensor] {
    var named: [(position: Int, tensor: ModelContents.Tensor)] = []
    var others: [ModelContents.Tensor] = []
    for store in checkpoint.stores {
      var rows: [WalkRow] = []
      do throws(ModelFileError) {
        try store.file.walk { row throws(ModelFileError) in rows.append(row) }
        for row in rows {
          guard case .hard(.dataset, _) = row.link.target else { continue }
          let dataset = try row.parent.dataset(named: row.link.name)
          let found = checkpoint.weight(named: row.link.name, dataset: dataset, in: store)
          if let name = names[Place(found)] {
            named.append((name.position, try tensor(name)))
          } else {
            others.append(
              try tensor(
                Name(layer: nil, array: found.path, weight: found, role: .other, position: 0)))
          }
        }
      } catch {
        throw store.renaming(error)
      }
    }
    return named.sorted { $0.position < $1.position }.map(\.tensor) + others
  }

  private func tensor(_ name: Name) throws(ModelFileError) -> ModelContents.Tensor {
    let weight = name.weight
    let dataset = weight.dataset
    var tensor = ModelContents.Tensor(
      layer: name.layer, array: name.array, shape: [0], typeName: weight.typeName)
    tensor.role = name.role
    tensor.storage = Self.storage(of: dataset)
    // The null space has no elements.
    guard dataset.shape.extents != nil else { return tensor }
    tensor.shape = try weight.shape()
    do throws(ModelFileError) {
      let type = try Self.elementType(of: weight)
      let source = try weight.source()
      tensor.numbers = OrderedTensor(
        source: source, elementType: type ?? .uint8,
        view: StridedView(
          contiguous: type == nil ? [source.byteCount] : tensor.shape))
    } catch {
      let isElsewhere = dataset.layout == .virtual || dataset.layout == .external
      guard error.kind == .unsupported || isElsewhere else { throw error }
      tensor.unread = error.problem
    }
    return tensor
  }

  /// The type of the numbers; `nil` for elements that are bytes and no more.
  private static func elementType(of weight: StoredWeight) throws(ModelFileError) -> ElementType? {
    switch weight.dataset.datatype.kind {
    case .opaque, .fixedText: try? weight.elementType()
    default: try weight.elementType()
    }
  }

  /// How the bytes lie in the file: `chunked [64, 64], deflate, big-endian`.
  private static func storage(of dataset: Dataset) -> String {
    let chunks = dataset.chunkShape.map { " [\($0.map(String.init).joined(separator: ", "))]" }
    let parts = ["\(dataset.layout.rawValue)\(chunks ?? "")"] + dataset.filters.map(\.name)
    return (parts + (dataset.datatype.order == .big ? ["big-endian"] : []))
      .joined(separator: ", ")
  }
}
