import FileSupport
import Foundation
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

private func network(
  _ text: String, _ dialect: Dialect = .alexeyab, path: String = "x.cfg"
) throws -> Network {
  try Network(
    ConfigFile(path: path, bytes: Array(text.utf8), dialect: dialect), dialect: dialect)
}

extension Network {
  fileprivate func lowered() throws -> Graph {
    try graph(
      layout: WeightsLayout(plan: WeightsPlan(self), header: WeightsHeader(.third, seen: 0)))
  }

  fileprivate func arrays(_ index: Int = 0) -> [String] {
    layers[index].arrays.map { "\($0.name) \($0.count)" }
  }
}

private let vector = "[net]\ninputs=6\ntime_steps=3\n"
private let image = "[net]\nwidth=8\nheight=6\nchannels=3\ntime_steps=3\n"

/// The recurrent layers: which arrays, in which order, in which fork.
struct RecurrentLayerTests {
  @Test func orderOfGates() throws {
    func parts(_ section: String, _ dialect: Dialect) throws -> [String] {
      try network("\(vector)[\(section)]\noutput=5\n", dialect).layers[0].arrays
        .map(\.name).filter { $0.hasSuffix("weights") }.map { String($0.dropLast(8)) }
    }
    #expect(try parts("lstm", .alexeyab) == ["wf", "wi", "wg", "wo", "uf", "ui", "ug", "uo"])
    #expect(try parts("lstm", .hankAI) == ["wf", "wi", "wg", "wo", "uf", "ui", "ug", "uo"])
    #expect(try parts("lstm", .pjreddie) == ["wi", "wf", "wo", "wg", "ui", "uf", "uo", "ug"])
    #expect(
      try parts("gru", .alexeyab)
        == ["input_z", "input_r", "input_h", "state_z", "state_r", "state_h"])
    #expect(try parts("gru", .pjreddie) == ["wz", "wr", "wh", "uz", "ur", "uh"])
  }

  @Test func aHalfOfAGateSeesTheStateOrTheInput() throws {
    for dialect in [Dialect.alexeyab, .pjreddie] {
      let graph = try network("\(vector)[gru]\noutput=5\n", dialect).lowered()
      let gru = try #require(graph.nodes.last?.operation as? GatedRecurrence)
      #expect(gru.reset.ofState.product.weights.shape == [5, 5])
      #expect(gru.reset.ofInput.product.weights.shape == [5, 6])
      #expect(gru.timeSteps == 3)
    }
    let graph = try network("\(vector)[lstm]\noutput=5\n", .pjreddie).lowered()
    let lstm = try #require(graph.nodes.last?.operation as? LongShortTermMemory)
    #expect(lstm.forget.ofState.product.weights.name == "lstm_0.wf.weights")
    #expect(lstm.candidate.ofInput.product.weights.name == "lstm_0.ug.weights")
  }

  @Test func statisticsFollowTheWeightsOfAConnectedPart() throws {
    let net = try network("\(vector)[rnn]\nhidden=5\noutput=4\nbatch_normalize=1\n")
    #expect(
      net.arrays().prefix(6) == [
        "input.biases 5", "input.weights 30", "input.scales 5", "input.rolling_mean 5",
        "input.rolling_variance 5", "self.biases 5",
      ])
    #expect(net.layers[0].output == LayerShape(vector: 4))
  }

  @Test func pjreddiesRnnHidesAsManyAsItPutsOut() throws {
    let net = try network("\(vector)[rnn]\nhidden=5\noutput=4\n", .pjreddie)
    #expect(net.arrays().contains("self.weights 16"))
    #expect(!net.layers[0].output.isImage)
  }

  @Test func crnnOfEachFork() throws {
    let own = try network("\(image)[crnn]\nhidden=4\noutput=5\npad=1\nbatch_normalize=1\n")
    #expect(own.arrays().first == "input.biases 4")
    #expect(own.arrays()[4] == "input.weights 108")
    let other = try network(
      "\(image)[crnn]\nhidden_filters=4\noutput_filters=5\n", .pjreddie)
    // pjreddie's changes height and width over, without moving a number.
    #expect(other.layers[0].output == LayerShape(channels: 5, height: 8, width: 6))
    let lowered = try other.lowered().nodes.map { ("\(type(of: $0.operation))", $0.shape) }
    #expect(lowered.dropFirst().first ?? ("", []) == ("Reshaping", [3, 8, 6]))
    #expect(lowered.last?.1 == [5, 8, 6])
    #expect(throws: ModelFileError.self) {
      try network("\(image)[crnn]\nhidden=4\noutput=5\n")
    }
  }

  @Test func convolutionalMemory() throws {
    let section = "[conv_lstm]\noutput=3\npad=1\npeephole=1\nbottleneck=1\n"
    let net = try network(image + section)
    let names = net.layers[0].arrays.map(\.name).filter { $0.hasSuffix("weights") }
    #expect(
      names == [
        "vf.weights", "vi.weights", "vo.weights", "wf.weights", "uf.weights", "ui.weights",
        "ug.weights", "uo.weights",
      ])
    let memory = try #require(try net.lowered().nodes.last?.operation as? ConvLSTM)
    #expect(memory.stateLimit == 96)
    guard case .bottleneck(let unit) = memory.recurrence else {
      Issue.record("no bottleneck")
      return
    }
    #expect(unit.product.weights.shape == [3, 6, 3, 3])
    #expect(try net.work().multiplyAdds.first == 48 * (3 * 3 * 27 + 3 * 54 + 4 * 3 * 27))
  }
}

/// What the other layers become in the graph.
struct RemainingLayerTests {
  @Test func antialiasing() throws {
    let net = try network(
      "\(image)[conv]\nfilters=4\nsize=3\nstride=2\npad=1\nantialiasing=1\n[max]\nstride=1\n")
    #expect(net.layers[0].output == LayerShape(channels: 4, height: 3, width: 4))
    #expect(net.layers[0].buffer == LayerShape(channels: 4, height: 6, width: 8))
    #expect(net.layers[1].input == net.layers[0].output)
    let operations = try net.lowered().nodes.map { "\(type(of: $0.operation))" }
    #expect(operations == ["Input", "Convolution", "Activation", "Blur", "Pooling"])
    let named = try network(
      "\(image)[conv]\nsize=3\nstride=2\npad=1\nantialiasing=2\n[route]\nlayers=-1\n")
    #expect(named.layers[1].output == LayerShape(channels: 1, height: 6, width: 8))
    #expect(throws: ModelFileError.self) { try named.lowered() }
  }

  @Test func twoValuedWeights() throws {
    for (key, binarizesInput) in [("xnor", true), ("binary", false)] {
      let graph = try network("\(image)[conv]\n\(key)=1\nactivation=linear\n").lowered()
      let operation = try #require(graph.nodes.last?.operation as? BinaryConvolution)
      #expect(operation.binarizesInput == binarizesInput)
    }
  }

  /// pjreddie's has groups.
  @Test(arguments: [(Dialect.alexeyab, 4 + 16), (.pjreddie, 4 + 8)])
  func groupsOfXnor(dialect: Dialect, floats: Int) throws {
    let text = "[net]\nwidth=4\nheight=4\nchannels=4\n[conv]\nfilters=4\ngroups=2\nxnor=1\n"
    #expect(try network(text, dialect).weightCount == floats)
  }

  @Test func weightedShortcut() throws {
    let layers = "[conv]\nfilters=4\nactivation=linear\n[conv]\nfilters=4\nactivation=linear\n"
    let options = "weights_type=per_channel\nweights_normalization=softmax\n"
    let graph = try network("\(image)\(layers)[shortcut]\nfrom=-2\n\(options)").lowered()
    let sum = try #require(graph.nodes.last?.operation as? WeightedAddition)
    #expect(sum.weights.shape == [2, 4])
    #expect(sum.normalization == .softmax)
  }

  @Test func unequalShortcut() throws {
    let small = "[conv]\nfilters=4\nsize=3\nstride=2\npad=1\n"
    let graph = try network(
      "\(image)\(small)[upsample]\n[shortcut]\nfrom=-2\nbeta=2\n", .pjreddie
    ).lowered()
    let sum = try #require(graph.nodes.last?.operation as? SampledAddition)
    #expect(sum.beta == 2)
    #expect(SampledAddition.steps(of: [6, 8], and: [3, 4])?.sample == 2)
    #expect(SampledAddition.steps(of: [3, 4], and: [6, 8])?.stride == 2)
    // darknet stops where the heights ask for other steps than the widths.
    #expect(SampledAddition.steps(of: [8, 8], and: [8, 10]) == nil)
  }

  @Test func aLossAtTheEndIsNoOutput() throws {
    let net = try network("[net]\ninputs=4\n[conn]\noutput=2\nactivation=linear\n[cost]\n")
    let graph = try net.lowered()
    #expect(graph.outputs.map(\.name) == ["connected_0"])
    #expect(graph.nodes.last?.operation is Zeros)
  }

  @Test func siblingsInATree() throws {
    let text = "a -1\nb -1\nc\na1 0\na2 0\nb1 1\n a3 0\n"
    #expect(ClassTree(text: Array(text.utf8)).groupSizes == [3, 2, 1, 1])
    #expect(ClassTree(text: []).groupSizes.isEmpty)
    let folder = try TemporaryFolder()
    let section = "[net]\ninputs=7\n[softmax]\ntree=data/t.tree\n"
    let net = try network(section, path: folder.path("x.cfg"))
    #expect(net.layers[0].output.count == 7)
    let error = #expect(throws: ModelFileError.self) { try net.lowered() }
    #expect(error?.kind == .unreadable)
    try folder.write("t.tree", text)
    let softmax = try #require(try net.lowered().nodes.last?.operation as? GroupedSoftmax)
    #expect(softmax.sizes == [3, 2, 1, 1])
  }

  @Test func localConnections() throws {
    let net = try network("\(image)[local]\nfilters=4\nsize=3\nstride=2\n")
    #expect(net.arrays() == ["biases 24", "weights 648"])
    #expect(try net.lowered().nodes.contains { $0.operation is LocallyConnected })
    let odd = try network("\(image)[local]\nsize=5\npad=1\n")
    #expect(throws: ModelFileError.self) { try odd.lowered() }
  }

  @Test func reorgOfPjreddie() throws {
    let extra = try network("\(image)[reorg]\nextra=5\n", .pjreddie)
    #expect(extra.layers[0].output.count == 149)
    #expect(try extra.lowered().nodes.last?.shape == [149])
    let flat = try network("\(image)[reorg]\nstride=2\nflatten=1\n", .pjreddie)
    #expect(try flat.lowered().nodes.last?.shape == [12, 3, 4])
  }
}
