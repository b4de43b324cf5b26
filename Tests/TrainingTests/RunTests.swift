import Darknet
import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Training

@Suite struct RunTests {
  private let net = """
    [net]
    batch=4
    subdivisions=2
    width=6
    height=6
    channels=2
    learning_rate=0.05
    momentum=0.9
    decay=0.001
    policy=step
    step=2
    scale=.5
    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    pad=1
    activation=leaky
    [dropout]
    probability=.3
    [maxpool]
    size=2
    stride=2
    [connected]
    output=3
    activation=linear
    [softmax]
    """

  @Test func threadsChangeNoBit() throws {
    let shop = try Workshop(net)
    let one = try shop.arrays(after: 3, of: shop.trainer(rows: 6))
    let four = try shop.arrays(after: 3, of: shop.trainer(rows: 6, threads: 4))
    #expect(one == four)
  }

  @Test func theSeedDecides() throws {
    let shop = try Workshop(net)
    let one = try shop.arrays(after: 1, of: shop.trainer(rows: 6, seed: 1))
    let two = try shop.arrays(after: 1, of: shop.trainer(rows: 6, seed: 2))
    #expect(one != two)
  }

  /// Rows, dropout, rate and momentum all go on where the checkpoint stands.
  @Test(arguments: ["", "adam=1\n"])
  func aBreakChangesNothing(_ extra: String) throws {
    let text = net.replacing("policy=", with: "\(extra)policy=")
    let shop = try Workshop(text)
    let whole = try shop.trainer(rows: 6)
    let early = try shop.trainer(rows: 6)
    _ = try shop.arrays(after: 2, of: early)
    let late = try shop.resumed(from: early, rows: 6)
    #expect(try shop.arrays(after: 5, of: whole) == shop.arrays(after: 3, of: late))
    #expect(whole.seen == late.seen)
  }

  @Test func stateBelongsToItsCheckpoint() throws {
    let state = TrainingState(arrays: [("updates.a", [1, 2.5]), ("memory.3.h", [])])
    let folder = try TemporaryFolder()
    let file = try folder.write("a.state", state.bytes(checkpoint: "abc"))
    let input = try InputFile(path: file)
    #expect(try TrainingState(input, checkpoint: "other") == nil)
    let read = try #require(try TrainingState(input, checkpoint: "abc"))
    #expect(read.arrays.map(\.name) == ["updates.a", "memory.3.h"])
    #expect(read.arrays[0].values == [1, 2.5])
  }

  @Test func damagedStatesAreTold() throws {
    let folder = try TemporaryFolder()
    for text in ["", "nonsense\n", "nnfmt training state 1\ncheckpoint abc\narray a 9\nend\n"] {
      let file = try folder.write("a.state", text)
      let input = try InputFile(path: file)
      #expect(throws: ModelFileError.self) { _ = try TrainingState(input, checkpoint: "abc") }
    }
  }

  @Test func whatCannotBeTrainedIsRefusedFirst() throws {
    for (layer, option) in [
      ("[normalization]", nil), ("[convolutional]\ngrad_centr=1\nfilters=2", "grad_centr"),
      ("[l2norm]", nil), ("[convolutional]\nxnor=1\nfilters=2", nil),
    ] {
      let text = "[net]\nwidth=4\nheight=4\nchannels=2\n\(layer)\n[cost]"
      let dialect: Dialect = layer == "[l2norm]" ? .pjreddie : .alexeyab
      let error = #expect(throws: ModelFileError.self) {
        _ = try Workshop(text, dialect: dialect).trainer(rows: 1)
      }
      #expect(error?.kind == .unsupported)
      #expect(error?.places.contains { if case .layer(0, _) = $0 { true } else { false } } == true)
      if let option { #expect(error?.places.contains(.option(option)) == true) }
    }
  }

  @Test func aNetworkWithoutACostIsTold() throws {
    let error = #expect(throws: ModelFileError.self) {
      _ = try Workshop("[net]\ninputs=2\n[connected]\noutput=1").trainer(rows: 1)
    }
    #expect(error?.kind == .damaged)
  }

  @Test(arguments: ["step", "steps", "exp", "poly", "sigmoid", "sgdr"])
  func aPolicyNeedsItsKeys(_ policy: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      _ = try Workshop("[net]\ninputs=2\npolicy=\(policy)\n[connected]\n[cost]")
    }
    #expect(error?.kind == .damaged)
    #expect(error?.places.contains(.option("policy")) == true)
  }

  @Test func stopBackwardFreezesInAlexeysAndDecaysInPjreddies() throws {
    let text = """
      [net]
      inputs=3
      decay=.1
      learning_rate=.1
      momentum=0
      [connected]
      output=3
      activation=tanh
      [connected]
      output=3
      activation=tanh
      stopbackward=1
      [connected]
      output=2
      activation=linear
      [cost]
      """
    for dialect in [Dialect.alexeyab, .pjreddie] {
      let shop = try Workshop(text, dialect: dialect)
      let trainer = try shop.trainer(rows: 1)
      let before = shop.arrays(of: trainer)
      let after = try shop.arrays(after: 1, of: trainer)
      for name in ["connected_0.weights", "connected_1.weights"] {
        let old = try #require(before[name])
        let wanted = dialect == .pjreddie ? old.map { $0 * (1 - 0.01) } : old
        #expect(scaledError(after[name]?.map(Double.init) ?? [], wanted.map(Double.init)) < 1e-7)
      }
      #expect(before["connected_2.weights"] != after["connected_2.weights"])
    }
  }

  @Test func notANumberNamesStepAndLayer() throws {
    let shop = try Workshop("[net]\ninputs=2\n[connected]\noutput=2\nactivation=linear\n[cost]")
    let data = try TrainingData(
      x: .init(shape: [3, 2], values: [1, 2, 3, .nan, 5, 6]),
      y: .init(shape: [3, 2], values: [1, 2, 3, 4, 5, 6]), for: shop.plan)
    let trainer = try Trainer(shop.plan, data: data, seen: 0, settings: TrainerSettings())
    _ = try trainer.step()
    let error = #expect(throws: ModelFileError.self) { _ = try trainer.step() }
    #expect(error?.places == [.path("step 2"), .layer(index: 0, type: "connected")])
  }

  @Test func shapesAndCountsMustFit() throws {
    let shop = try Workshop("[net]\ninputs=2\n[connected]\noutput=3\n[cost]")
    for (x, y) in [([2, 3], [2, 3]), ([2, 2], [3, 3]), ([2, 2], [2, 2])] as [(Shape, Shape)] {
      #expect(throws: ModelFileError.self) {
        _ = try TrainingData(
          x: .init(shape: x, values: [Float](repeating: 0, count: x.elementCount)),
          y: .init(shape: y, values: [Float](repeating: 0, count: y.elementCount)),
          for: shop.plan)
      }
    }
  }
}
