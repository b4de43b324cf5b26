import FileSupport
import HDF5
import ModelGraph
import TestSupport
import Testing

@testable import Keras

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Keras 3's layout, and the layers that its groups belong to.
@Suite struct Version3LayoutTests {
  @Test(arguments: [
    ("Conv2D", "conv2d"), ("BatchNormalization", "batch_normalization"),
    ("LeakyReLU", "leaky_re_lu"), ("PReLU", "p_re_lu"), ("ReLU", "re_lu"),
    ("UpSampling2D", "up_sampling2d"), ("ZeroPadding2D", "zero_padding2d"), ("GRU", "gru"),
    ("LSTM", "lstm"), ("MultiHeadAttention", "multi_head_attention"),
    ("Conv2DTranspose", "conv2d_transpose"), ("ConvLSTM2D", "conv_lstm2d"),
  ])
  func namesOfClasses(className: String, path: String) {
    #expect(KerasPath.snakeCase(className) == path)
  }

  @Test func customClassesLoseTheirPackage() {
    #expect(KerasPath.plainClass("my>Scale") == "Scale")
  }

  @Test func layersGoByClassAndNumber() throws {
    let scratch = try LayoutFile()
    try scratch.make([
      ("layers/dense/vars/0", [4, 3]), ("layers/dense/vars/1", [3]),
      ("layers/dense_1/vars/0", [3, 2]), ("layers/dense_1/vars/1", [2]),
      ("optimizer/vars/0", []),
    ])
    let checkpoint = try KerasCheckpoint(path: scratch.path)
    #expect(checkpoint.container == .version3Weights)
    #expect(checkpoint.optimizer.count == 1)
    let assignment = try WeightAssignment(try model("dense", "Dense"), checkpoint)
    #expect(assignment.failure == nil)
    #expect(
      assignment.entries.map { $0.weights.compactMap(\.form?.name) } == [
        [], ["kernel", "bias"], ["kernel", "bias"],
      ])
  }

  @Test func keras212CountsInSteps() throws {
    let scratch = try LayoutFile()
    let root = "_layer_checkpoint_dependencies"
    try scratch.make([
      ("\(root)/dense/vars/0", [4, 3]), ("\(root)/dense/vars/1", [3]),
      ("\(root)/dense_2/vars/0", [3, 2]), ("\(root)/dense_2/vars/1", [2]),
    ])
    let checkpoint = try KerasCheckpoint(path: scratch.path)
    let assignment = try WeightAssignment(try model("dense", "Dense"), checkpoint)
    #expect(assignment.failure == nil)
    #expect(assignment.entries.map(\.weights.count) == [0, 2, 2])
  }

  @Test(arguments: [
    [("layers/dense/vars/0", [4, 3]), ("layers/dense/vars/1", [3])],
    [
      ("layers/dense/vars/0", [3, 4]), ("layers/dense/vars/1", [3]),
      ("layers/dense_1/vars/0", [3, 2]), ("layers/dense_1/vars/1", [2]),
    ],
    [
      ("layers/dense/vars/0", [4, 3]), ("layers/dense/vars/1", [3]),
      ("layers/dense/vars/2", [3]), ("layers/dense_1/vars/0", [3, 2]),
      ("layers/dense_1/vars/1", [2]),
    ],
  ])
  func contradictionsAreFound(datasets: [(String, [UInt64])]) throws {
    let scratch = try LayoutFile()
    try scratch.make(datasets)
    let checkpoint = try KerasCheckpoint(path: scratch.path)
    let assignment = try WeightAssignment(try model("dense", "Dense"), checkpoint)
    #expect(assignment.failure?.kind == .damaged)
  }

  @Test func manyVariablesStandInTheOrderOfTheirNumbers() throws {
    let scratch = try LayoutFile()
    try scratch.make((0..<12).map { ("layers/novel/vars/\($0)", [UInt64($0 + 1)]) })
    let layers = try KerasCheckpoint(path: scratch.path).layers
    #expect(layers.count == 1)
    #expect(try layers[0].weights.map { try $0.shape().elementCount } == Array(1...12))
  }

  private func model(_ name: String, _ className: String) throws -> KerasModel {
    let text = """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, 4]}},
        {"class_name": "Dense", "config": {"name": "first", "units": 3}},
        {"class_name": "Dense", "config": {"name": "second", "units": 2}}]}}
      """
    return try KerasModel(configuration: try JSONParser.parse(Array(text.utf8)))
  }
}

/// An HDF5 file of datasets without values, in a temporary folder.
private struct LayoutFile {
  private let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("m.weights.h5")
  }

  func make(_ datasets: [(String, [UInt64])]) throws {
    let file = try HDF5File.create(at: path)
    var groups: [String: Group] = ["": file.root]
    for (name, shape) in datasets {
      let parts = name.split(separator: "/").map(String.init)
      var place = ""
      var group = file.root
      for part in parts.dropLast() {
        place += "/\(part)"
        let inner = try groups[place] ?? group.createGroup(named: LinkName(part))
        groups[place] = inner
        group = inner
      }
      _ = try group.createDataset(
        named: LinkName(parts.last ?? ""), type: .float32, shape: .simple(shape))
    }
    try file.close()
  }
}
