import TestSupport
import Testing

/// `nnfmt validate`: a match, a mismatch, and what can't be compared.
struct ValidateTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("net", Sample.plain)
    try place.prepare("convert", "net.weights", "net.h5")
    // The first weight of the first layer, behind four arrays of four numbers.
    var content = try place.bytes("net.weights")
    content.replaceSubrange(84..<88, with: bytes(of: 3))
    try place.write("other.weights", content)
  }

  /// The numbers that are told are those of the reference engine, which are the same on every processor.
  @Test(arguments: ["text", "json", "quiet"]) func match(form: String) throws {
    let answer = try place.nnfmt(
      ["validate", "net.weights", "net.h5", "--engine", "reference"]
        + (form == "text" ? [] : ["--\(form)"]))
    try expectSnapshot(answer, code: 0, named: "validate/match-\(form)")
  }

  @Test(arguments: ["text", "json", "quiet"]) func mismatch(form: String) throws {
    let answer = try place.nnfmt(
      ["validate", "net.h5", "other.weights", "--cfg", "net.cfg", "--engine", "reference"]
        + (form == "text" ? [] : ["--\(form)"]))
    try expectSnapshot(answer, code: 1, named: "validate/mismatch-\(form)")
  }

  @Test(arguments: [
    ("no-candidate", 66, ["net.weights", "none.h5"]),
    ("cfg", 65, ["net.weights", "net.cfg"]),
    ("no-cfg", 64, ["other.weights", "net.weights"]),
    ("seed-and-input", 64, ["net.weights", "net.h5", "--seed", "2", "--input", "x.npy"]),
    ("no-input", 66, ["net.weights", "net.h5", "--input", "x.npy"]),
    ("keras-cfg", 65, ["net.weights", "other.weights", "--cfg", "net.h5"]),
    ("cfg-of-cfgs", 64, ["net.cfg", "net.cfg", "--cfg", "net.cfg"]),
  ])
  func error(name: String, code: Int32, arguments: [String]) throws {
    try expectSnapshot(
      try place.nnfmt(["validate"] + arguments), code: code, named: "validate/\(name)")
  }

  @Test func otherShape() throws {
    try place.putArray("x.npy", shape: [3, 7, 8])
    try expectSnapshot(
      try place.nnfmt("validate", "net.weights", "net.h5", "--input", "x.npy"), code: 65,
      named: "validate/other-shape")
  }

  /// The reference's layout is the one that counts: a cfg's, or Keras's own where its layers are computed.
  @Test func layoutOfTheReference() throws {
    try place.putArray("chw.npy", shape: [1, 3, 8, 8])
    try place.putArray("hwc.npy", shape: [8, 8, 3])
    func code(_ reference: String, _ candidate: String, _ input: String) throws -> Int32 {
      try place.nnfmt("validate", reference, candidate, "--input", input).code
    }
    #expect(try code("net.weights", "net.h5", "chw.npy") == 0)
    #expect(try code("net.h5", "net.weights", "hwc.npy") == 0)
    #expect(try code("net.weights", "net.h5", "hwc.npy") == 65)
    #expect(try code("net.h5", "net.weights", "chw.npy") == 65)
    // As Keras models, which have to be lowered for the arrays.
    try expectSnapshot(
      try place.nnfmt(
        "validate", "net.h5", "net.h5", "--cfg", "net.h5", "--input", "chw.npy"),
      code: 65, named: "validate/channels-first")
  }

  /// The cfg that a checkpoint carries names files, too.
  @Test func treeBesideTheCheckpoint() throws {
    // The softmax is a dead end, which the Keras model does without.
    let cfg =
      "[net]\ninputs=4\n[connected]\noutput=3\n[softmax]\ntree=names.tree\n"
      + "[route]\nlayers=0\n[connected]\noutput=2\n"
    try place.put("classes", cfg)
    try place.write("names.tree", "a\nb\nc\n")
    try place.prepare("convert", "classes.weights", "classes.h5")
    #expect(try place.nnfmt("validate", "classes.weights", "classes.h5").code == 0)
  }

  /// What a `.weights` file has no place for must not get lost in silence: the epsilon of `model_config` is
  /// another one than the cfg stands for in this dialect. `validate` goes on, since the numbers tell.
  @Test(arguments: [
    (65, ["convert", "net.h5", "back.weights"]), (1, ["validate", "net.h5", "net.weights"]),
  ])
  func otherEpsilon(code: Int, arguments: [String]) throws {
    try expectSnapshot(
      try place.nnfmt(arguments + ["--cfg", "net.cfg", "--dialect", "pjreddie"]), code: Int32(code),
      named: "validate/epsilon-\(arguments[0])")
  }

  /// Two files that carry a darknet network are compared as such; without it, as Keras models.
  @Test(arguments: ["both-carry", "keras-config"]) func twoKerasFiles(name: String) throws {
    let more = name == "keras-config" ? ["--cfg", "net.h5"] : []
    try expectSnapshot(
      try place.nnfmt(["validate", "net.h5", "net.h5"] + more), code: 0,
      named: "validate/\(name)")
  }

  /// They are compared by what they say; numbers they have none.
  @Test func twoConfigs() throws {
    try place.prepare("convert", "net.cfg", "clean.cfg")
    #expect(try place.nnfmt("validate", "net.cfg", "clean.cfg").code == 0)
    try expectSnapshot(
      try place.nnfmt("validate", "clean.cfg", "net.cfg", "--json"), code: 0,
      named: "validate/configs")
    #expect(try place.nnfmt("validate", "net.cfg", "clean.cfg", "--seed", "2").code == 64)
    let text = String(decoding: try place.bytes("clean.cfg"), as: UTF8.self)
    try place.write("other.cfg", text.replacing("leaky", with: "relu6"))
    let answer = try place.nnfmt("validate", "net.cfg", "other.cfg")
    #expect(answer.code == 1 && answer.out.contains("activation"))
  }

  /// One that nnfmt can't compute is compared all the same; there every option counts.
  @Test func configsOfWhatIsNotComputed() throws {
    let cfg = "[net]\nwidth=8\nheight=8\nchannels=3\n[convolutional]\nfilters=2\nnumload=1\n"
    try place.write("a.cfg", cfg)
    try place.write("b.cfg", "# more\n" + cfg)
    try place.write("c.cfg", cfg + "stride=2\n")
    #expect(try place.nnfmt("run", "a.cfg", "--input", "x.npy", "--output", "o").code != 0)
    #expect(try place.nnfmt("validate", "a.cfg", "b.cfg").code == 0)
    #expect(try place.nnfmt("validate", "a.cfg", "c.cfg").code == 1)
  }

  /// What `convert --dialect` made says so itself, or nothing else can have been meant.
  @Test func dialectIsNotSaidAgain() throws {
    try place.put(
      "other", "[net]\ninputs=4\n[connected]\noutput=3\n[logistic]\n", dialect: .pjreddie)
    try place.prepare("convert", "other.cfg", "clean.cfg", "--dialect", "pjreddie")
    let text = String(decoding: try place.bytes("clean.cfg"), as: UTF8.self)
    #expect(text.hasPrefix("# nnfmt: dialect=pjreddie\n"))
    #expect(try place.nnfmt("validate", "other.cfg", "clean.cfg").code == 0)
    #expect(try place.nnfmt("inspect", "clean.cfg").out.contains("pjreddie's darknet"))
    try place.prepare(
      "convert", "other.weights", "new.weights", "--header", "0.1", "--dialect", "pjreddie")
    let answer = try place.nnfmt("validate", "other.weights", "new.weights")
    #expect(answer.code == 0)
    #expect(answer.err.contains("read as pjreddie's darknet, since alexeyab's can't read it"))
  }

  @Test func dialectOfKeras() throws {
    try expectSnapshot(
      try place.nnfmt(
        "validate", "net.h5", "net.h5", "--cfg", "net.h5", "--dialect", "pjreddie"), code: 64,
      named: "validate/keras-dialect")
  }
}

/// `nnfmt layers`
struct LayersTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test(arguments: [
    ("some", 0, ["shortcut", "sam"]), ("json", 0, ["upsample", "--json"]),
    ("none", 64, ["shortcat"]), ("keras", 0, ["StringLookup", "GRU", "--format", "keras"]),
    ("keras-json", 0, ["Dense", "--json"]), ("other-side", 64, ["Dense", "--format", "darknet"]),
  ])
  func layers(name: String, code: Int32, arguments: [String]) throws {
    try expectSnapshot(
      try place.nnfmt(["layers"] + arguments), code: code, named: "layers/\(name)")
  }

  @Test func everyLayer() throws {
    let answer = try place.nnfmt("layers")
    #expect(answer.code == 0)
    for text in [
      "convolutional, conv", "every layer", "normalize_channels", "unverified", "Conv2D",
      "keras function",
    ] {
      #expect(answer.out.contains(text), "\(text)")
    }
  }
}
