import Darknet
import FileSupport
import HDF5
import Keras
import TestSupport
import Testing

/// What has no form in Keras, and .h5 files that can't be made into weights.
struct KerasErrorTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  @Test(arguments: [
    ("stair", "[convolutional]\nfilters=2\nactivation=stair"),
    ("normalization", "[normalization]\nsize=3"),
    ("xnor", "[convolutional]\nfilters=2\nxnor=1"),
  ])
  func unsupported(name: String, sections: String) throws {
    try place.put("x", Sample.network(sections))
    try expectSnapshot(
      try place.nnfmt("convert", "x.weights", "a.h5"), code: 69, named: "keras/\(name)")
  }

  /// A model that carries nothing of darknet, as Keras itself writes it.
  private func foreignModel() throws {
    let network = try Network(contentsOf: place.url("tiny.cfg").path, dialect: .alexeyab)
    let weights = try WeightsFile(path: place.url("tiny.weights").path, network: network)
    let graph = try network.graph(layout: weights.layout) { weights.source($0) }
    let output = try OutputFile(path: place.url("foreign.h5").path, overwrites: false)
    try KerasWriter(try RewrittenModel(try KerasRaising(graph).model(named: "model"))).write(
      to: output
    ) { _ in }
    try OutputFile.commit([output])
  }

  @Test func nothingCarried() throws {
    try foreignModel()
    try expectSnapshot(
      try place.nnfmt("convert", "foreign.h5", "made.weights"), code: 0,
      named: "keras/nothing-carried")
    #expect(try place.text("made.cfg").hasPrefix("# made by nnfmt from foreign.h5\n[net]\n"))
    try expectSnapshot(
      try place.nnfmt("convert", "foreign.h5", "a.weights", "--cfg", "tiny.cfg"), code: 0,
      named: "keras/nothing-carried-cfg")
  }

  @Test(arguments: [
    ("more-layers", "[yolo]", "[convolutional]\nfilters=16\nactivation=linear\n[yolo]"),
    ("other-filters", "filters=4", "filters=5"),
    ("other-normalization", "batch_normalize=1\n", ""),
  ])
  func cfgOfAnotherNetwork(name: String, old: String, new: String) throws {
    try place.prepare("convert", "tiny.weights", "model.h5")
    try place.write("other.cfg", try Sample.tiny(old, new))
    try expectSnapshot(
      try place.nnfmt("convert", "model.h5", "a.weights", "--cfg", "other.cfg"), code: 65,
      named: "keras/cfg-\(name)")
  }

  @Test(arguments: ["inspect", "convert"]) func truncated(command: String) throws {
    try place.prepare("convert", "tiny.weights", "model.h5")
    try place.write("cut.h5", Array(try place.bytes("model.h5").dropLast(3000)))
    let rest = command == "convert" ? ["a.weights"] : []
    try expectSnapshot(
      try place.nnfmt([command, "cut.h5"] + rest), code: 65, named: "keras/truncated-\(command)")
  }

  @Test func randomBytesBehindTheSignature() throws {
    let signature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]
    try place.write("random.h5", signature + floats(500))
    try expectSnapshot(
      try place.nnfmt("inspect", "random.h5"), code: 65, named: "keras/random-bytes")
  }

  @Test func signatureAlone() throws {
    try place.write("short.h5", [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A])
    try expectSnapshot(
      try place.nnfmt("inspect", "short.h5"), code: 65, named: "keras/signature-alone")
  }

  @Test func noHDF5() throws {
    try place.write("model.h5", floats(20))
    let answer = try place.nnfmt("convert", "model.h5", "a.weights", "--cfg", "tiny.cfg")
    try expectSnapshot(answer, code: 65, named: "keras/no-hdf5")
    #expect(try place.nnfmt("inspect", "model.h5").code == 65)
  }

  @Test func uptoOfAModel() throws {
    try place.prepare("convert", "tiny.weights", "model.h5")
    try expectSnapshot(
      try place.nnfmt("convert", "model.h5", "a.weights", "--upto", "1"), code: 0,
      named: "keras/upto")
    #expect(try place.bytes("a.weights") == Array(place.bytes("tiny.weights").prefix(516)))
  }
}
