import Conversion
import FileSupport
import Inference
import ModelGraph

/// Runs a model and keeps what it was given and what its layers give, to hold it, or another one, against that later.
public struct Recorder {
  private let model: RunnableModel
  private let path: String

  /// A recorder of a model that was read from a file.
  public init(_ model: RunnableModel, path: String) {
    self.model = model
    self.path = path
  }

  /// Runs the model and writes an array for each input, each layer and each output that is no layer's value, with an
  /// index of them.
  ///
  /// - Parameters:
  ///   - inputs: what the model is given, in its own layout and order.
  ///   - engine: what computes.
  ///   - folder: where the files go; the caller commits it.
  ///   - overwrites: whether files there may be replaced.
  ///   - onProgress: is told how many of how many arrays have been written.
  /// - Returns: how many arrays were written.
  /// - Throws: `ModelFileError` if the inputs don't fit, if a file can't be made or written, or of the model.
  public func record(
    _ inputs: [Tensor], engine: any Engine, into folder: OutputFolder, overwrites: Bool,
    onProgress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(ModelFileError) -> Int {
    var index = RecordingIndex(model.graph.layout == .channelsFirst ? .darknet : .keras)
    var files: [Int: [String]] = [:]
    var taken: Set<String> = []
    func unused(_ wanted: String) -> String {
      var name = wanted
      while !taken.insert(name).inserted { name += "_" }
      return "\(name).npy"
    }
    let taking = Set(model.graph.inputs.map(\.node))
    for layer in model.layers where !taking.contains(layer.node) {
      let file = unused(layer.fileStem)
      index.layers.append(.init(name: layer.name, file: file))
      files[layer.node, default: []].append(file)
    }
    for (position, port) in model.graph.outputs.enumerated() {
      if let file = files[port.node]?.first {
        index.outputs.append(.init(name: port.name, file: file))
        continue
      }
      let file = unused("output_\(position)")
      index.outputs.append(.init(name: port.name, file: file))
      files[port.node, default: []].append(file)
    }
    let total = model.graph.inputs.count + files.values.reduce(0) { $0 + $1.count }
    var done = 0
    func write(_ name: String, _ tensor: Tensor) throws(ModelFileError) {
      let output = try folder.add(name, overwrites: overwrites)
      try output.appendNpy(shape: tensor.shape.extents, values: tensor.values)
      try output.seal()
      done += 1
      onProgress?(done, total)
    }
    for (position, (port, tensor)) in zip(model.graph.inputs, inputs).enumerated() {
      let file = unused("input_\(position)")
      index.inputs.append(.init(name: port.name, file: file))
      try write(file, tensor)
    }
    do {
      try engine.run(model.graph, inputs: inputs, wanting: Set(files.keys)) {
        (node, tensor) throws(ModelFileError) in
        for file in files[node.id] ?? [] { try write(file, tensor) }
      }
    } catch {
      throw error.inFile(path)
    }
    let list = try folder.add(RecordingIndex.fileName, overwrites: overwrites)
    try list.append(JSONWriter(style: .pretty).bytes(of: index.json) + [UInt8(ascii: "\n")])
    try list.seal()
    return total
  }
}
