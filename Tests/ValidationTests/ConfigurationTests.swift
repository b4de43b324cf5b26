import ModelGraph
import Testing

@testable import Validation

/// What the proof by configuration finds, and what it passes over.
@Suite struct ConfigurationTests {
  /// The report names the option as the layer's own format does; every layer here has one.
  @Test(arguments: OperationChange.all)
  func changedOption(change: OperationChange) throws {
    let outcome = try change.outcome()
    #expect(outcome.differences.map(\.layer) == ["layer"])
    #expect(outcome.differences.map(\.option) == [change.option])
    #expect(outcome.differences.allSatisfy { $0.kind == .configuration })
    #expect(outcome.equivalent.isEmpty && outcome.unknown.isEmpty)
  }

  /// By the property's own name, where the format has no option for it.
  @Test(arguments: OperationChange.all)
  func changedProperty(change: OperationChange) throws {
    guard type(of: change.first) == type(of: change.second) else { return }
    let options = zip(OperationOptions(change.first).all, OperationOptions(change.second).all)
    let names = options.filter { $0.value != $1.value }.map(\.0.name)
    #expect(names.contains(change.option), "\(names)")
  }

  @Test(arguments: OperationChange.all)
  func sameOperation(change: OperationChange) throws {
    for operation in [change.first, change.second] {
      let outcome = try OperationChange(change.option, operation, operation, change.inputs)
        .outcome()
      #expect(outcome.differences.isEmpty && outcome.equivalent.isEmpty)
      #expect(outcome.compared > 0)
    }
  }

  @Test(arguments: OperationChange.withoutMeaning)
  func changedWithoutMeaning(change: OperationChange) throws {
    let outcome = try change.outcome()
    #expect(outcome.differences.isEmpty)
    #expect(outcome.equivalent.map(\.option) == [change.option])
  }

  // MARK: Wiring

  /// Two values of one shape, taken by an operation in this order; the outputs likewise.
  private func joint(
    _ operation: some Operation, _ order: [Int], outputs: [Int] = []
  ) throws -> ModelDescription {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [4])
    let values = [
      try builder.add(Activation(.tanh), name: "a", inputs: [input]),
      try builder.add(Activation(.logistic), name: "b", inputs: [input]),
    ]
    let joint = try builder.add(operation, name: "c", inputs: order.map { values[$0] })
    for output in outputs.isEmpty ? [joint] : outputs.map({ values[$0] }) {
      builder.output(output, named: "output")
    }
    let layers = zip(["a", "b", "c"], values + [joint]).map { name, node in
      ModelDescription.Layer(
        name: name, reportedName: name, index: nil, node: node, settings: [])
    }
    return ModelDescription(graph: builder.finish(), layers: layers)
  }

  private func outcome(
    _ a: ModelDescription, _ b: ModelDescription
  ) -> ConfigurationComparison.Outcome {
    ConfigurationComparison(a, b, pairs: Array(zip(a.layers, b.layers))).run()
  }

  /// What can be added in any order can't be joined, or subtracted, in any.
  @Test func orderOfInputs() throws {
    func outcome(_ operation: some Operation) throws -> ConfigurationComparison.Outcome {
      self.outcome(try joint(operation, [0, 1]), try joint(operation, [1, 0]))
    }
    for operation: any Operation in [
      Elementwise(.sum), Elementwise(.product), Elementwise(.maximum),
    ] {
      let sum = try outcome(operation)
      #expect(sum.differences.isEmpty)
      #expect(sum.equivalent.map(\.option) == ["order of inputs"])
    }
    for operation: any Operation in [
      Concatenation(), Elementwise(.difference), Elementwise(.quotient), Elementwise(.power),
    ] {
      #expect(try outcome(operation).differences.map(\.option) == ["inputs"])
    }
  }

  @Test func otherInput() throws {
    let sum = Elementwise(.sum)
    let other = outcome(try joint(sum, [0, 1]), try joint(sum, [0, 0]))
    #expect(other.differences.map(\.option) == ["inputs"])
    #expect(other.differences.map(\.layer) == ["c"])
  }

  @Test func otherOutput() throws {
    let first = try joint(Elementwise(.sum), [0, 1], outputs: [0, 1])
    #expect(outcome(first, first).differences.isEmpty)
    let turned = outcome(first, try joint(Elementwise(.sum), [0, 1], outputs: [1, 0]))
    #expect(turned.differences.map(\.layer) == ["output 0", "output 1"])
    #expect(turned.differences.allSatisfy { $0.kind == .interface })
  }

  /// Layers that change nothing may stand anywhere.
  @Test func layersThatChangeNothing() throws {
    func model(_ isLonger: Bool) throws -> ModelDescription {
      var builder = GraphBuilder(layout: .channelsLast)
      var node = try builder.input(name: "input", shape: [4, 1, 2])
      if isLonger {
        node = try builder.add(Dropout(probability: 0.5), name: "dropped", inputs: [node])
        node = try builder.add(Reshaping(to: [2, 4]), name: "folded", inputs: [node])
        node = try builder.add(Activation(.linear), name: "kept", inputs: [node])
        node = try builder.add(Reshaping(to: [4, 1, 2]), name: "unfolded", inputs: [node])
      }
      builder.output(try builder.add(Activation(.tanh), name: "a", inputs: [node]), named: "output")
      return ModelDescription(graph: builder.finish(), layers: [])
    }
    let both = outcome(try model(false), try model(true))
    #expect(both.differences.isEmpty)
    #expect(both.compared == 2)
  }
}
