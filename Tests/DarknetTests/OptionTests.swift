import FileSupport
import TestSupport
import Testing

@testable import Darknet

/// Options: which of several counts, what is warned of, what each fork knows.
struct OptionTests {
  private func conv(_ lines: String, _ dialect: Dialect = .alexeyab) throws -> Network {
    try layers("[convolutional]\n\(lines)", dialect)
  }

  private func warnings(_ lines: String, _ dialect: Dialect = .alexeyab) throws -> [String] {
    try conv(lines, dialect).warnings.map(\.message)
  }

  @Test func theFirstOfTwoCounts() throws {
    let network = try conv("filters=4\nfilters=9\n")
    #expect(network.layers[0].output.channels == 4)
    #expect(network.warnings.map(\.message) == ["'filters' is given twice; the first counts"])
    #expect(network.warnings[0].places.first == .line(7))
  }

  @Test func hankAIRefusesTwo() throws {
    let error = try failure { try conv("filters=4\nfilters=9\n", .hankAI) }
    #expect(error.kind == .damaged)
    #expect(error.places.first == .line(7))
    #expect(error.places.last == .option("filters"))
  }

  /// users.md 17: an unknown key in a known section is a warning, never silence.
  @Test func unknownKey() throws {
    let network = try conv("filters=4\nfilterz=9\n")
    #expect(network.warnings.count == 1)
    #expect(network.warnings[0].message.contains("'filterz'"))
    #expect(network.warnings[0].places == [.line(7), .layer(index: 0, type: "convolutional")])
  }

  @Test func keysOfAnotherForkAreUnknown() throws {
    #expect(try warnings("stride_x=1\n", .alexeyab) == [])
    #expect(try warnings("stride_x=1\n", .pjreddie).count == 1)
    #expect(try conv("stride_x=2\n", .pjreddie).layers[0].output.width == 8)
    #expect(try conv("stride_x=2\n", .alexeyab).layers[0].output.width == 4)
  }

  @Test func numbersThatAreNotWholeAreReported() throws {
    #expect(try warnings("filters=3.9\n") == ["'filters=3.9' is read as 3"])
    #expect(try warnings("filters=3#x\n") == ["'filters=3#x' is read as 3"])
    #expect(try warnings("filters=3 # x\n", .hankAI) == [])
  }

  /// hank-ai's cfgs keep the blanks inside a value.
  @Test(arguments: Dialect.allCases) func blanksInLists(dialect: Dialect) throws {
    let text =
      "[conv]\nfilters = 21\n[yolo]\nclasses = 2\nnum = 6\nmask = 3, 4 ,5\n"
      + "anchors = 10,14,  23, 27.5\n"
    let network = try layers(text, dialect)
    let yolo = try #require(network.layers[1].layer as? Yolo)
    #expect(yolo.head.mask == [3, 4, 5])
    #expect(yolo.head.anchors == [10, 14, 23, 27.5] + Array(repeating: 0.5, count: 8))
    #expect(network.warnings == [])
  }

  @Test func optionsOfNet() throws {
    let network = try network(
      "[net]\nbatch=64\nsubdivisions=16\ntime_steps=3\nwidth=4\nheight=5\nchannels=2\n[max]\n")
    #expect(network.options.batch == 64)
    #expect(network.options.subdivisions == 16)
    #expect(network.options.timeSteps == 3)
    #expect(network.options.input.extents == [2, 5, 4])
    #expect(network.warnings == [])
  }

  @Test func inputsAlone() throws {
    let flat = try network("[net]\ninputs=256\n[connected]\noutput=3\n")
    #expect(flat.options.input.extents == [256])
    #expect(flat.weightCount == 3 * 257)
    let error = try failure { try network("[net]\ninputs=256\n[convolutional]\n") }
    #expect(error.remedy == "give width, height and channels in [net]")
  }

  @Test(arguments: [
    "", "width=4\nheight=4", "inputs=0", "inputs=-5", "width=-4\nheight=4\nchannels=1",
    "width=2147483647\nheight=2147483647\nchannels=2147483647",
    "width=2147483647\nheight=2147483647\nchannels=2147483647\ninputs=10",
    "inputs=99999999999999999999", "inputs=4\nbatch=99999999999",
  ])
  func noInput(lines: String) throws {
    #expect(try failure { try network("[net]\n\(lines)\n[dropout]\n") }.kind == .damaged)
  }

  @Test(arguments: [
    ("[convolutional]\nfilters=1\n", "the first section describes no network"),
    ("[net]\ninputs=4\n", "the network has no layers"),
    ("[net]\ninputs=4\n[wat]\n", "no layer type that nnfmt knows"),
    ("[net]\ninputs=4\n[connected]\n[net]\ninputs=5\n", "the network is described a second time"),
    ("[net]\ninputs=4\n[network]\ninputs=5\n", "the network is described a second time"),
    ("[net]\ninputs=4\n[Connected]\n", "no layer type that nnfmt knows"),
    ("[net]\ninputs=4\n[logistic]\n", "no layer type of alexeyab's darknet"),
  ])
  func refused(text: String, problem: String) throws {
    #expect(try failure { try network(text) }.problem == problem)
  }

  /// What darknet goes on with as another number, or as none, is refused by name.
  @Test(arguments: [
    ("[upsample]\nscale=inf", ModelFileError.Kind.unsupported, "scale"),
    ("[upsample]\nscale=-nan", .unsupported, "scale"),
    ("[upsample]\nscale=1e39", .unsupported, "scale"),
    ("[upsample]\nstride=4294967298", .damaged, "stride"),
    ("[yolo]\nclasses=1\nnum=1\nmask=0\nanchors=1,inf", .unsupported, "anchors"),
  ])
  func notGoneOnWith(section: String, kind: ModelFileError.Kind, key: String) throws {
    let error = try failure { try layers("[conv]\nfilters=6\n\(section)\n") }
    #expect(error.kind == kind)
    #expect(error.places.contains(.option(key)) && error.places.contains { $0 != .line(0) })
  }

  @Test func hexadecimalNumbers() throws {
    let layer = try #require(try layers("[upsample]\nscale=0x1.8p1\n").layers[0].layer as? Upsample)
    #expect(layer.scale == 3)
    // An int's reader knows none: 0 with a warning, as darknet takes it.
    let padded = try layers("[maxpool]\nsize=2\nstride=1\npadding=0x2\n")
    #expect(padded.warnings.contains { $0.message.contains("'padding=0x2' is read as 0") })
  }

  @Test func networkIsNetToo() throws {
    #expect(try network("[network]\ninputs=4\n[dropout]\n").layers.count == 1)
  }

  @Test func dropoutDefaultOfEachFork() throws {
    for (dialect, expected) in [(Dialect.alexeyab, 0.2), (.hankAI, 0.2), (.pjreddie, 0.5)] {
      let layer = try #require(
        try layers("[dropout]\n", dialect).layers[0].layer as? DropoutLayer)
      #expect(layer.probability == expected)
      #expect(try layers("[dropout]\nprobability=.3\n", dialect).warnings == [])
    }
  }

  /// users.md 19: darknet takes relu for a name that it does not know, in silence.
  @Test func unknownActivation() throws {
    let network = try conv("activation=swoosh\n")
    let layer = try #require(network.layers[0].layer as? Convolutional)
    #expect(layer.activation == .relu)
    #expect(network.warnings.count == 1)
    #expect(network.warnings[0].message.contains("'swoosh'"))
    #expect(network.warnings[0].places.first == .line(6))
  }

  @Test(arguments: [("mish", Dialect.alexeyab, true), ("mish", .pjreddie, false)])
  func activationsOfAFork(name: String, dialect: Dialect, isKnown: Bool) throws {
    let network = try conv("activation=\(name)\n", dialect)
    let layer = try #require(network.layers[0].layer as? Convolutional)
    #expect(layer.activation == (isKnown ? .mish : .relu))
    #expect(network.warnings.isEmpty == isKnown)
  }

  @Test func everyActivationHasAFormula() throws {
    for name in ActivationName.allCases {
      let layer = try #require(
        try conv("activation=\(name.rawValue)\n").layers[0].layer as? Convolutional)
      #expect(layer.activation == name)
    }
    #expect(ActivationName.hardMish.function == .hardMish)
    #expect(ActivationName.relu6.function == .relu(maximum: 6))
  }

  /// users.md 24: an option called `type` is no section's type.
  @Test func costTypeIsNoLayerType() throws {
    let network = try layers("[cost]\ntype=sse\n")
    #expect(network.layers[0].type == "cost")
    #expect(network.layers[0].layer.summary == "sse")
  }

  @Test func namesOfTypesAndAliases() {
    var names: Set<String> = []
    for type in LayerTypes.all {
      for name in [type.type] + type.aliases {
        #expect(names.insert(name).inserted, "\(name) twice")
        #expect(LayerTypes.named(name)?.type == type.type)
      }
      let keys = type.options.map { "\($0.key) \($0.dialects.map(\.rawValue).sorted())" }
      #expect(Set(keys).count == keys.count, "\(type.type) lists an option twice")
    }
    for (alias, type) in [
      ("conv", "convolutional"), ("conn", "connected"), ("max", "maxpool"), ("avg", "avgpool"),
      ("soft", "softmax"), ("local_avg", "local_avgpool"), ("silence", "empty"),
      ("deconv", "deconvolutional"),
    ] {
      #expect(LayerTypes.named(alias)?.type == type)
    }
  }
}
