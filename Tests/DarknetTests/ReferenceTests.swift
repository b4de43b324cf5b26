import FileSupport
import TestSupport
import Testing

@testable import Darknet

/// Layers that name other layers, and what they refuse.
struct ReferenceTests {
  /// Three layers to refer to.
  private let three = "[conv]\nfilters=3\n[conv]\nfilters=5\n[conv]\nfilters=7\n"

  @Test(arguments: [
    ("-1", 7), ("-3", 3), ("0", 3), ("2", 7), ("-1,0", 10), ("0,1,2", 15), ("1#,2", 5),
  ])
  func absoluteAndRelative(layers text: String, channels: Int) throws {
    let network = try layers("\(three)[route]\nlayers=\(text)\n")
    #expect(network.layers[3].output.extents == [channels, 8, 8])
  }

  @Test(arguments: [
    "3", "4", "-4", "-99", "99999999999999999999", "-99999999999999999999", "-1,3",
  ])
  func outOfRange(reference: String) throws {
    let error = try failure { try layers("\(three)[route]\nlayers=\(reference)\n") }
    #expect(error.kind == .damaged)
    #expect(
      error.expected
        == (reference.count > 10 ? "-2147483648 to 2147483647" : "a layer from 0 to 2"))
    #expect(error.places == [.line(12), .layer(index: 3, type: "route"), .option("layers")])
    for type in ["shortcut", "scale_channels", "sam"] where !reference.contains(",") {
      let error = try failure { try layers("\(three)[\(type)]\nfrom=\(reference)\n") }
      #expect(error.places.last == .option("from"))
    }
  }

  @Test func nothingComesBeforeTheFirst() throws {
    for section in ["[route]\nlayers=-1\n", "[route]\nlayers=0\n", "[sam]\nfrom=-1\n"] {
      #expect(try failure { try layers(section) }.kind == .damaged)
    }
    #expect(try failure { try layers("[shortcut]\nfrom=0\n") }.problem == "stands first")
  }

  @Test(arguments: ["route", "shortcut", "scale_channels", "sam"])
  func theReferenceIsMissing(type: String) throws {
    let error = try failure { try layers("\(three)[\(type)]\nactivation=linear\n") }
    #expect(error.kind == .damaged)
    #expect(error.expected?.hasSuffix("=…") == true)
  }

  @Test func routeOfUnequalImagesIsAVectorWithAWarning() throws {
    let network = try layers("\(three)[max]\nstride=2\n[route]\nlayers=2,3\n")
    #expect(network.layers[4].output.extents == [7 * 64 + 7 * 16])
    #expect(network.warnings.count == 1)
  }

  /// users.md 17: the groups of a route halve the channels.
  @Test func routeGroups() throws {
    let sections = "[conv]\nfilters=8\n[route]\nlayers=-1\ngroups=2\ngroup_id="
    for id in ["0", "1"] {
      #expect(try layers(sections + id + "\n").layers[1].output.channels == 4)
    }
    let error = try failure { try layers(sections + "2\n") }
    #expect(error.expected == "0 to 1")
    #expect(try layers(sections + "1\n", .pjreddie).layers[1].output.channels == 8)
  }

  @Test func unequalShortcut() throws {
    let sections = "[conv]\nfilters=3\n[max]\nstride=2\n[shortcut]\nfrom=0\n"
    for dialect in [Dialect.alexeyab, .hankAI] {
      let error = try failure { try layers(sections, dialect) }
      #expect(error.kind == .unsupported)
      #expect(error.expected?.contains("height 4") == true)
      #expect(error.found == "height 8 of layer 0; width 8 of layer 0")
    }
    #expect(try layers(sections, .pjreddie).layers[2].output.extents == [3, 4, 4])
  }

  @Test(arguments: [
    ("weights_type=per_pixel\nweights_normalization=relu\n", "weights_type"),
    ("weights_type=per_feature\n", "weights_normalization"),
    ("weights_type=per_channel\nweights_normalization=none\n", "weights_normalization"),
  ])
  func weightedShortcutsThatDarknetRefuses(lines: String, key: String) throws {
    let error = try failure { try layers("\(three)[shortcut]\nfrom=-2\n\(lines)") }
    #expect(error.kind == .damaged)
    #expect(error.places.last == .option(key))
  }

  @Test func factorsThatDontFit() throws {
    let avg = "[conv]\nfilters=3\n[conv]\nfilters=5\n[avg]\n"
    #expect(try failure { try layers("\(avg)[scale_channels]\nfrom=0\n") }.kind == .damaged)
    #expect(try layers("\(avg)[scale_channels]\nfrom=1\n").layers[3].output.channels == 5)
    #expect(
      try failure { try layers("\(avg)[scale_channels]\nfrom=1\nscale_wh=1\n") }.kind == .damaged)
    #expect(try failure { try layers("\(three)[sam]\nfrom=0\n") }.kind == .damaged)
  }

  @Test func sharedWeights() throws {
    let first = "[conv]\nfilters=3\nsize=3\npad=1\nbatch_normalize=1\n"
    let network = try layers(
      "\(first)\(first)share_index=-1\n[conv]\nfilters=3\nsize=3\npad=1\nbatch_normalize=1\n"
        + "share_index=1\n")
    // The second owner is the first layer, however long the chain.
    let last = try #require(network.layers[2].layer as? Convolutional)
    #expect(last.sharedLayer == 0)
    #expect(network.weightCount == 3 * 4 + 81)
    let graph = try network.graph(
      layout: WeightsLayout(
        plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0)))
    #expect(Set(graph.parameters.map(\.name)).count == 5)
    #expect(graph.parameters.count == 15)
    for other in ["filters=4\nsize=3", "filters=3\nsize=1", "filters=3\nsize=3"] {
      let error = try failure { try layers("\(first)[conv]\n\(other)\nshare_index=0\n") }
      #expect(error.places.last == .option("share_index"))
    }
    #expect(
      try failure { try layers("[max]\n[conv]\nshare_index=0\n") }.found == "layer 0 [maxpool]")
    #expect(try failure { try layers("[conv]\nshare_index=0\n") }.kind == .damaged)
  }
}
