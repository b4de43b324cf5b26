import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// Which operations a network becomes, under which names.
struct LoweringTests {
  private func graph(_ network: Network) throws -> Graph {
    try network.graph(
      layout: WeightsLayout(plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0)))
  }

  /// `name operation shape` of each node behind the input.
  private func nodes(_ sections: String, _ dialect: Dialect = .alexeyab) throws -> [String] {
    try graph(try layers(sections, dialect)).nodes.dropFirst().map {
      "\($0.name) \(type(of: $0.operation)) \($0.shape)"
    }
  }

  @Test func convolution() throws {
    #expect(
      try nodes("[conv]\nfilters=4\nbatch_normalize=1\nactivation=mish\n") == [
        "convolutional_0 Convolution [4, 8, 8]",
        "convolutional_0_bn BatchNormalization [4, 8, 8]",
        "convolutional_0_act Activation [4, 8, 8]",
      ])
    #expect(
      try nodes("[conv]\nfilters=4\nactivation=linear\n") == [
        "convolutional_0 Convolution [4, 8, 8]"
      ])
  }

  @Test func biasesBelongToOneOperation() throws {
    for (lines, names) in [
      ("", ["weights", "biases"]),
      ("batch_normalize=1\n", ["weights", "scales", "biases", "rolling_mean", "rolling_variance"]),
    ] {
      let graph = try graph(try layers("[conv]\nfilters=4\n\(lines)"))
      #expect(graph.parameters.map(\.name) == names.map { "convolutional_0.\($0)" })
      #expect(graph.parameters.allSatisfy { $0.source == nil })
    }
  }

  @Test func divisorOfEachFork() throws {
    for (dialect, divisor) in [
      (Dialect.alexeyab, BatchNormalization.Divisor.rootOfSum(epsilon: 1e-5)),
      (.hankAI, .rootOfSum(epsilon: 1e-5)), (.pjreddie, .sumWithRoot(epsilon: 1e-6)),
    ] {
      let graph = try graph(try layers("[conv]\nbatch_normalize=1\n", dialect))
      let operation = graph.nodes.compactMap { $0.operation as? BatchNormalization }.first
      #expect(operation?.divisor == divisor)
    }
  }

  @Test func imagesAndVectors() throws {
    let nodes = try nodes(
      "[connected]\noutput=12\nactivation=linear\n[connected]\noutput=2\nactivation=linear\n"
        + "[route]\nlayers=0,0\n")
    #expect(
      nodes == [
        "input_vector Reshaping [192]", "connected_0 FullyConnected [12]",
        "connected_1 FullyConnected [2]", "route_2 Concatenation [24]",
      ])
  }

  @Test func aFlattenedImageIsMadeOnce() throws {
    let nodes = try nodes(
      "[max]\n[connected]\noutput=2\n[route]\nlayers=0\n[connected]\noutput=3\n")
    #expect(nodes.filter { $0.contains("Reshaping") }.count == 1)
  }

  /// Asymmetric padding of a pool of even size (users.md 28).
  @Test(arguments: [(2, 0, 1), (3, 1, 1), (4, 1, 2)])
  func poolPadding(size: Int, before: Int, after: Int) throws {
    let graph = try graph(try layers("[maxpool]\nsize=\(size)\nstride=1\n"))
    let pool = try #require(graph.nodes[1].operation as? Pooling)
    let padding = Padding(before: before, after: after)
    #expect(pool.window.padding == [padding, padding])
    #expect(graph.nodes[1].shape == [3, 8, 8])
  }

  @Test func shortcutOfALargerImageIsSampled() throws {
    let nodes = try nodes("[conv]\nfilters=3\n[max]\nstride=2\n[shortcut]\nfrom=0\n", .pjreddie)
    #expect(
      nodes.suffix(3) == [
        "shortcut_2_sampled Pooling [3, 4, 4]", "shortcut_2_cut Slice [3, 4, 4]",
        "shortcut_2 Elementwise [3, 4, 4]",
      ])
  }

  @Test func groupsOfARoute() throws {
    let graph = try graph(
      try layers("[conv]\nfilters=8\n[route]\nlayers=-1\ngroups=2\ngroup_id=1\n"))
    let slice = try #require(graph.nodes.last?.operation as? Slice)
    #expect(slice.axes.first == Slice.Axis(start: 4, count: 4))
  }

  @Test func outputsAreTheHeadsOrTheLastLayer() throws {
    let head = "[yolo]\nclasses=2\n"
    let two = try graph(
      try layers("[conv]\nfilters=7\n\(head)[route]\nlayers=0\n\(head)[route]\nlayers=0\n"))
    #expect(two.outputs.map { two.nodes[$0.node].name } == ["yolo_1", "yolo_3"])
    let plain = try graph(try layers("[max]\n[dropout]\n"))
    #expect(plain.outputs.map { plain.nodes[$0.node].name } == ["dropout_1"])
  }

  /// What the graph has no operation for is refused with layer and option, never left out.
  @Test(arguments: [
    ("[conv]\ndontload=1\n", "dontload"),
    ("[conv]\nbatch_normalize=1\ndontloadscales=1\n", "dontloadscales"),
    ("[conv]\nsize=3\ndilation=2\n", "dilation"),
    ("[conv]\nfilters=4\n[reorg3d]\nreverse=1\n", "reverse"),
    ("[local]\nsize=5\npad=1\n", "pad"), ("[conv_lstm]\noutput=3\n", "size"),
    ("[crnn]\npad=1\nxnor=1\n", "xnor"), ("[implicit]\ndontload=1\n", "dontload"),
  ])
  func unsupported(sections: String, option: String) throws {
    let error = try failure { try graph(try layers(sections)) }
    #expect(error.kind == .unsupported)
    #expect(error.places.last == .option(option))
    #expect(error.file == "test.cfg")
  }
}
