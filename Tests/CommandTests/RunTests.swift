import FileSupport
import TestSupport
import Testing

/// `nnfmt run`: what it writes, and what it says when it can't.
struct RunTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("net", Sample.plain)
    try place.putArray("x.npy", shape: [3, 8, 8])
  }

  private func run(_ more: String..., environment: [String: String] = [:]) throws -> Answer {
    try run(more, environment: environment)
  }

  private func run(_ more: [String], environment: [String: String] = [:]) throws -> Answer {
    try place.nnfmt(
      ["run", "net.weights", "--input", "x.npy", "--output", "out"] + more,
      environment: environment)
  }

  private func shape(_ name: String) throws -> [Int] {
    try NpyFile(try InputFile(path: place.url(name).path)).shape
  }

  @Test func outputs() throws {
    try expectSnapshot(try run(), code: 0, named: "run/outputs")
    #expect(try shape("out/output_0.npy") == [1, 16, 8, 8])
    try expectSnapshot(try run(), code: 73, named: "run/exists")
    #expect(try run("--force").code == 0)
  }

  @Test func chosenLayers() throws {
    #expect(try run("--layers", "all").code == 0)
    #expect(try shape("out/000.npy") == [1, 4, 8, 8])
    #expect(try place.bytes("out/001.npy").count > 4096)
    #expect(try run("--layers", "-1", "--force").code == 0)
  }

  @Test func layerThatIsNotThere() throws {
    try expectSnapshot(try run("--layers", "99"), code: 64, named: "run/layer-99")
  }

  @Test func otherShape() throws {
    try place.putArray("x.npy", shape: [3, 7, 8])
    try expectSnapshot(try run(), code: 65, named: "run/other-shape")
  }

  /// The numbers of an image in another order make wrong results that look right.
  @Test(arguments: [
    ("nhwc", [1, 8, 9, 3]), ("hwc", [8, 9, 3]), ("swapped", [3, 9, 8]), ("flat", [216]),
    ("other", [1, 6, 6, 6]),
  ])
  func otherOrder(name: String, shape: [Int]) throws {
    try place.put("net", Sample.plain.replacing("width=8", with: "width=9"))
    try place.putArray("x.npy", shape: shape)
    try expectSnapshot(try run(), code: 65, named: "run/order-\(name)")
  }

  @Test func twoInputs() throws {
    try expectSnapshot(try run("--input", "x.npy"), code: 64, named: "run/two-inputs")
  }

  @Test func badArray() throws {
    try place.write("x.npy", "no numbers")
    try expectSnapshot(try run(), code: 65, named: "run/bad-npy")
  }

  @Test func noArray() throws {
    try expectSnapshot(
      try place.nnfmt("run", "net.weights", "--input", "y.npy", "--output", "out"), code: 66,
      named: "run/no-npy")
  }

  @Test func noWeights() throws {
    try expectSnapshot(
      try place.nnfmt("run", "none.weights", "--input", "x.npy", "--output", "out"), code: 66,
      named: "run/no-weights")
  }

  @Test func largestNumbers() throws {
    try expectSnapshot(try run("--top", "2"), code: 64, named: "run/top-of-no-list")
    try place.put(
      "net", Sample.plain.replacing("width=8\nheight=8", with: "width=1\nheight=1"))
    try place.putArray("x.npy", shape: [2, 3, 1, 1])
    let options = ["--top", "2", "--engine", "reference", "--threads", "1"]
    try expectSnapshot(try run(options), code: 0, named: "run/top")
    try expectSnapshot(try run(options + ["--json", "--force"]), code: 0, named: "run/top-json")
  }

  @Test func unknownEngine() throws {
    try expectSnapshot(try run("--engine", "abacus"), code: 64, named: "run/engine")
    try expectSnapshot(
      try run(environment: ["NNFMT_ENGINE": "abacus"]), code: 64, named: "run/engine-environment")
  }

  @Test func cfgInPlaceOfWeights() throws {
    try expectSnapshot(
      try place.nnfmt("run", "net.cfg", "--input", "x.npy", "--output", "out"), code: 65,
      named: "run/cfg")
  }
}
