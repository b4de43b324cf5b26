import FileSupport
import ModelGraph

extension ComparedModel {
  /// Named tensors without the model that they are of: of these only the numbers can be compared.
  public init(_ container: TensorContainer) {
    path = container.file.path
    graph = GraphBuilder(layout: .channelsLast).finish()
    inputs = []
    outputs = []
    network = nil
    keras = nil
    expectedKeras = nil
    unproved = "the model that the tensors are of, which no file describes"
    layout = .channelsLast
    architecture = .names
    layers = container.tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      .map { tensor in
        Layer(name: tensor.name, value: nil, parameters: [ComparedParameter(tensor)])
      }
    layersLoaded = layers.count
    content = .tensors
    warnings = container.warnings
    readers = .init(
      parameters: SharedReadings.Readers.tensors, graph: SharedReadings.Readers.tensors,
      description: path)
  }
}

extension ComparedParameter {
  /// A tensor; one of a type that nothing computes with is compared byte by byte.
  fileprivate init(_ tensor: StoredTensor) {
    self.init(
      name: tensor.name, shape: tensor.shape,
      numbers: OrderedTensor(
        source: tensor.source, elementType: tensor.elementType ?? .uint8,
        view: StridedView(
          contiguous: tensor.elementType == nil
            ? Shape([tensor.source.byteCount]) : tensor.shape)))
  }
}
