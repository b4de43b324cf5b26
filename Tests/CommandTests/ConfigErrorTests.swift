import TestSupport
import Testing

/// What is wrong with a cfg: its line, the layer, what was expected and found, and what to do.
struct ConfigErrorTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// A change of `tiny` with the exit code that it leads to.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let code: Int32
    let old: String
    let new: String

    var testDescription: String { name }

    init(_ name: String, _ code: Int32, _ old: String, _ new: String) {
      (self.name, self.code, self.old, self.new) = (name, code, old, new)
    }
  }

  @Test(arguments: [
    Change("unknown-section", 69, "[yolo]", "[yoloo]"),
    Change("first-section", 65, "[net]", "[nett]"),
    Change("section-without-end", 65, "[yolo]", "[yolo"),
    Change("text-after-section", 65, "[yolo]", "[yolo] # the head"),
    Change("option-before-section", 65, "[net]", "width=8\n[net]"),
    Change("no-input", 65, "width=8", "width=0"),
    Change("negative-size", 65, "size=3", "size=-3"),
    Change("zero-stride", 65, "stride=1", "stride=0"),
    Change("huge-filters", 65, "filters=4", "filters=2000000000"),
    Change("yolo-filters", 65, "filters=16", "filters=255"),
    Change("yolo-mask", 65, "mask=0,1", "mask=0,-7"),
    Change("groups", 65, "filters=4", "filters=4\ngroups=2"),
    Change("route-to-later", 65, "[yolo]", "[route]\nlayers=7\n\n[yolo]"),
    Change("route-before-first", 65, "[yolo]", "[route]\nlayers=-9\n\n[yolo]"),
    Change("route-to-itself", 65, "[yolo]", "[route]\nlayers=2\n\n[yolo]"),
    Change("route-nowhere", 65, "[yolo]", "[route]\n\n[yolo]"),
    Change("shortcut-first", 65, "[convolutional]", "[shortcut]\nfrom=-1\n\n[convolutional]"),
    Change("shortcut-without-from", 65, "[yolo]", "[shortcut]\n\n[yolo]"),
    Change("shortcut-weights", 65, "[yolo]", "[shortcut]\nfrom=-2\nweights_type=each\n\n[yolo]"),
    Change(
      "shortcut-unequal", 69, "[yolo]",
      "[maxpool]\nstride=2\nsize=2\n\n[shortcut]\nfrom=-3\n\n[yolo]"),
    Change("layer-of-pjreddie", 69, "[yolo]", "[logistic]\n\n[yolo]"),
    Change("misspelt-option", 65, "[yolo]", "[route]\nlayers=-1\ngrups=2\ngroup_id=1\n\n[yolo]"),
    Change("misspelt-net", 65, "width=8", "widht=8"),
    Change(
      "route-unequal", 65, "[yolo]",
      "[maxpool]\nstride=2\nsize=2\n\n[route]\nlayers=0,2\n\n[yolo]"),
    Change("deconvolutional", 69, "[yolo]", "[deconvolutional]\nfilters=16\n\n[yolo]"),
    Change("share-other-type", 65, "filters=16", "filters=16\nshare_index=1"),
    Change("share-index", 65, "filters=16", "filters=16\nshare_index=0"),
  ])
  func change(_ change: Change) throws {
    try place.write("x.cfg", try Sample.tiny(change.old, change.new))
    try expectSnapshot(
      try place.nnfmt("inspect", "x.cfg"), code: change.code, named: "cfg/\(change.name)")
  }

  @Test func layerOfAnotherDialect() throws {
    try place.write("x.cfg", Sample.network("[Gaussian_yolo]\nclasses=1\nnum=1"))
    try expectSnapshot(
      try place.nnfmt("inspect", "x.cfg", "--dialect", "pjreddie"), code: 69,
      named: "cfg/layer-of-alexeyab")
  }

  /// What the other dialect would only pass over is no hint at it.
  @Test func noHintAtADialectThatPassesOver() throws {
    try place.write("x.cfg", try Sample.tiny("filters=16", "filters=16\nshare_index=0"))
    #expect(try !place.nnfmt("inspect", "x.cfg").err.contains("--dialect"))
  }

  /// darknet reads behind its anchors, and shapes don't depend on them (`cspx-p7-mish.cfg`).
  @Test func maskBeyondNum() throws {
    let beyond = try Sample.tiny("mask=0,1", "mask=0,2")
    try place.put(
      "listed", beyond.replacing("1,2, 3,4", with: "1,2, 3,4, 5,6"), madeFor: Sample.tiny)
    let listed = try place.nnfmt("inspect", "listed.weights")
    #expect(listed.code == 0, "\(listed.transcript)")
    #expect(listed.err.contains("mask names anchor 2, but num=2"))
    #expect(listed.out.contains("1×2 5×6"))
    try place.put("lacking", beyond, madeFor: Sample.tiny)
    #expect(try place.nnfmt("inspect", "lacking.weights").code == 0)
    try place.prepare("convert", "lacking.weights", "lacking.h5")
    try place.putArray("x.npy", shape: [3, 8, 8])
    try place.putArray("y.npy", shape: [1, 1200])
    try place.prepare("run", "lacking.weights", "--input", "x.npy", "--output", "o")
    let trained = try place.nnfmt(
      "train", "lacking.cfg", "--weights", "lacking.weights", "--x", "x.npy", "--y", "y.npy",
      "--steps", "1", "--output", "t.weights")
    #expect(trained.code == 65, "\(trained.transcript)")
    #expect(trained.err.contains("2, of 2 listed"))
  }

  @Test func numberThatIsNone() throws {
    try place.write("x.cfg", try Sample.tiny("stride=1", "stride=one"))
    try expectSnapshot(try place.nnfmt("inspect", "x.cfg"), code: 65, named: "cfg/no-number")
  }

  @Test func noSections() throws {
    try place.put("tiny", Sample.tiny)
    try place.write("x.cfg", "width=8\nheight=8\n")
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.weights", "--cfg", "x.cfg"), code: 65,
      named: "cfg/no-sections")
  }

  @Test func empty() throws {
    try place.put("tiny", Sample.tiny)
    try place.write("x.cfg", "")
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.weights", "--cfg", "x.cfg"), code: 65, named: "cfg/empty")
    try expectSnapshot(try place.nnfmt("inspect", "x.cfg"), code: 65, named: "cfg/empty-alone")
  }

  @Test func noLayers() throws {
    try place.write("x.cfg", "[net]\nwidth=8\nheight=8\nchannels=3\n")
    try expectSnapshot(try place.nnfmt("inspect", "x.cfg"), code: 65, named: "cfg/no-layers")
  }

  @Test func zeroByte() throws {
    try place.put("tiny", Sample.tiny)
    try place.write("x.cfg", Array(Sample.tiny.utf8) + [0])
    try expectSnapshot(
      try place.nnfmt("inspect", "tiny.weights", "--cfg", "x.cfg"), code: 65, named: "cfg/zero-byte"
    )
  }
}
