import Darknet
import FileSupport
import Inference
import ModelGraph

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file whose content is set anew for each input: the readers take paths. It lies in memory where
/// the system has a folder for that.
///
/// Invariant: libFuzzer calls the target from one thread; the file is removed by the script.
struct ScratchFile {
  let path: String
  private let descriptor: Int32

  init() {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(folder)/nnfmt-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    precondition(descriptor >= 0, "no temporary file")
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Sets the content.
  ///
  /// - Parameter size: the size that the file claims, if it is more than there are bytes; the rest is
  ///   a hole, which takes no memory.
  func set(_ bytes: [UInt8], size: Int = 0) {
    precondition(ftruncate(descriptor, 0) == 0)
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    precondition(written == bytes.count)
    if size > bytes.count { precondition(ftruncate(descriptor, off_t(size)) == 0) }
  }
}

/// Whatever goes wrong must be the fault of the file, and be said in words.
func check(_ error: ModelFileError) {
  precondition(error.kind != .internalFault, "\(error)")
  precondition(!error.description.isEmpty)
}

extension Network {
  /// What every caller does with a network: sizes, the plan of its weights, the graph.
  func plan() throws(ModelFileError) -> (plan: WeightsPlan, isSmall: Bool) {
    for layer in layers {
      _ = (layer.output.extents, layer.layer.summary, layer.arrays.map(\.shape.elementCount))
    }
    let plan = WeightsPlan(self)
    let layout = WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: 0))
    _ = layout.byteCount
    let graph = try graph(layout: layout)
    var work = plan.floatCount
    for node in graph.nodes {
      let inputs = node.inputs.map { graph.nodes[$0].shape }
      work = work.clampedSum(node.operation.multiplyAdds(inputs: inputs, output: node.shape))
      work = work.clampedSum(node.shape.elementCount.clampedProduct(8))
    }
    return (plan, work < 200_000)
  }
}

/// Computes a network with some numbers, those of the input among them.
func compute(_ graph: Graph) throws(ModelFileError) {
  let values: [Float] = [0, 1, -0.5, 3.25, -1e30, .infinity, .nan, 255, 1e30]
  let inputs = graph.inputs.map { port in
    let shape = graph.nodes[port.node].shape
    return Tensor(
      shape: Shape([1] + shape.extents),
      values: (0..<shape.elementCount).map { values[$0 % values.count] })
  }
  let all = Set(graph.nodes.indices)
  let engine = ReferenceEngine(memoryLimit: 64 << 20)
  try engine.run(graph, inputs: inputs, wanting: all) { node, tensor in
    precondition(tensor.sample == node.shape)
  }
}
