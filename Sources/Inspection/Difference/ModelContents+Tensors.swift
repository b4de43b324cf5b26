import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph

extension ModelContents {
  /// Named tensors.
  ///
  /// - Parameters:
  ///   - container: the file.
  ///   - format: the name of its format.
  ///   - architecture: the model that they are of, if a file tells it; a cfg tells the options, too.
  /// - Throws: `ModelFileError` of kind `damaged` if the file tells a header that is none.
  package init(
    _ container: TensorContainer, format: String, architecture: TensorInspector.Architecture?
  ) throws(ModelFileError) {
    self.init(path: container.file.path, format: format, bytes: container.file.size)
    if case .network(let network) = architecture { take(network) }
    if let dialect = TensorWeights.dialect(of: container) {
      metadata = [LayerSettings.Entry(key: "dialect", value: dialect.rawValue)]
      if let header = try TensorWeights.header(of: container, dialect: dialect) { note(header) }
    }
    hasOrder = true
    let known = Set(layers.map { LinkName($0.name) })
    for (key, value) in container.metadata where !TensorWeights.isOwn(key: key) {
      note("metadata.\(key)", value)
    }
    for tensor in container.tensors {
      let place = Self.place(of: tensor.name, in: known)
      let bytes = StridedView(contiguous: [tensor.source.byteCount])
      tensors.append(
        Tensor(
          layer: place.layer, array: place.array, shape: tensor.shape,
          typeName: tensor.elementType?.rawValue ?? tensor.typeName,
          numbers: OrderedTensor(
            source: tensor.source, elementType: tensor.elementType ?? .uint8,
            view: tensor.elementType == nil ? bytes : StridedView(contiguous: tensor.shape))))
    }
    warnings = container.warnings
  }

  /// The layer that a name begins with, the longest of those that are known, and the rest of the name.
  private static func place(
    of name: String, in layers: Set<LinkName>
  ) -> (layer: String?, array: String) {
    let dots = name.indices.filter { name[$0] == "." }
    for dot in dots.reversed() where layers.contains(LinkName(String(name[..<dot]))) {
      return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
    guard let dot = dots.last else { return (nil, name) }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }
}
