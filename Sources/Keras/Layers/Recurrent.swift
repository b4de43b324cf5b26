import FileSupport
import ModelGraph

/// A recurrent cell: what happens at one step.
public struct KerasCell: Sendable {
  /// The kinds of cells.
  public enum Kind: String, Sendable {
    /// One state.
    case simple = "SimpleRNN"
    /// Gates *z*, *r* and the candidate *h*.
    case gated = "GRU"
    /// Gates *i*, *f*, *o* and the candidate *c*.
    case longShortTerm = "LSTM"

    /// Matrices side by side in a kernel.
    var gates: [String] {
      switch self {
      case .simple: ["h"]
      case .gated: ["z", "r", "h"]
      case .longShortTerm: ["i", "c", "f", "o"]
      }
    }
  }

  /// What it is.
  public let kind: Kind
  /// Numbers in the state and in the output.
  public let units: Int
  /// The function applied to the candidate.
  public let activation: String
  /// The function applied to the gates.
  public let gateActivation: String
  /// Whether there is a bias.
  public let usesBias: Bool
  /// Whether a GRU's reset gate acts behind the product with the state, which then has a bias.
  public let resetsAfter: Bool
  /// Whether the weights are Keras 1's: an array for each gate.
  let isFirstGeneration: Bool

  /// Reads `units` and what else there is.
  init(_ kind: Kind, _ configuration: KerasConfiguration) throws(ModelFileError) {
    self.kind = kind
    units = try configuration.integer("units")
    activation = try configuration.activation(default: "tanh")
    gateActivation = try configuration.activation("recurrent_activation", default: "sigmoid")
    usesBias = try configuration.truth("use_bias", default: true)
    // Keras 1 and 2 had no such key and reset before; whoever has it writes it.
    resetsAfter = try configuration.truth("reset_after", default: false)
    isFirstGeneration =
      configuration.isFirstGeneration && configuration.members["consume_less"]?.text != "gpu"
  }

  /// Keras's name of the states: how many values it keeps.
  var stateCount: Int { kind == .longShortTerm ? 2 : 1 }

  /// `kernel [in, gates · units]`, `recurrent_kernel [units, gates · units]`, `bias`.
  func variables(width: Int) -> [KerasVariableForm] {
    if isFirstGeneration {
      return kind.gates.flatMap { gate in
        [
          KerasVariableForm("W_\(gate)", [width, units], .weights),
          KerasVariableForm("U_\(gate)", [units, units], .weights),
          KerasVariableForm("b_\(gate)", [units], .biases),
        ]
      }
    }
    let all = kind.gates.count * units
    let bias: Shape = kind == .gated && resetsAfter ? [2, all] : [all]
    return [
      KerasVariableForm("kernel", [width, all], .weights),
      KerasVariableForm("recurrent_kernel", [units, all], .weights),
    ] + (usesBias ? [KerasVariableForm("bias", bias, .biases)] : [])
  }
}

extension KerasLayers {
  /// A recurrent layer: a cell, or several in a row, run along a sequence.
  public struct RNN: KerasLayerClass {
    /// Keras's name of the class for any cells.
    public static let className = "RNN"
    /// Keras's names of the ones with a cell of their own.
    public static let aliases = ["SimpleRNN", "GRU", "LSTM", "CuDNNGRU", "CuDNNLSTM"]
    /// Its name.
    public let className: String
    /// The cells, the first fed by the input.
    public let cells: [KerasCell]
    /// Whether every step's output is put out, or the last one only.
    public let returnsSequences: Bool
    /// Whether the states follow the output.
    public let returnsState: Bool
    /// Whether the sequence is run from its end.
    public let goesBackwards: Bool
    /// The configuration as the file has it.
    public let configuration: JSONObject
    private let owners: [[String]]

    /// Reads the cell and `return_sequences`, `return_state`, `go_backwards`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      returnsSequences = try configuration.truth("return_sequences", default: false)
      returnsState = try configuration.truth("return_state", default: false)
      goesBackwards = try configuration.truth("go_backwards", default: false)
      self.configuration = configuration.members
      if let kind = KerasCell.Kind(rawValue: className) {
        cells = [try KerasCell(kind, configuration)]
        owners = [["cell"]]
        return
      }
      guard className == "RNN", let cell = configuration.members["cell"] else {
        // Those for one maker's hardware store other biases.
        throw ModelFileError(.unsupported, "the Keras layer class '\(className)' is not supported")
      }
      let isStack = cell["class_name"]?.text == "StackedRNNCells"
      var cells: [KerasCell] = []
      var owners: [[String]] = []
      var seen: [String: Int] = [:]
      for inner in isStack ? cell["config"]?["cells"]?.elements ?? [] : [cell] {
        let name = inner["class_name"]?.text ?? ""
        guard name.hasSuffix("Cell"), let kind = KerasCell.Kind(rawValue: String(name.dropLast(4)))
        else { throw ModelFileError(.unsupported, "a cell of class '\(name)' is not supported") }
        cells.append(
          try KerasCell(
            kind, KerasConfiguration(className: name, members: inner["config"]?.object ?? [:])))
        let plain = KerasPath.snakeCase(name)
        let number = seen[plain, default: 0]
        seen[plain] = number + 1
        let place = number == 0 ? plain : "\(plain)_\(number)"
        owners.append(isStack ? ["cell", "cells", place] : ["cell"])
      }
      guard !cells.isEmpty else { throw configuration.wrong("cell", expected: "a cell") }
      self.cells = cells
      self.owners = owners
    }

    /// `[units]`, or `[steps, units]`
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.main()
      guard input.rank == 2, let units = cells.last?.units else {
        throw ModelFileError(
          .damaged, "takes a sequence", expected: "2 axes", found: "\(input)")
      }
      return returnsSequences ? [input.extents[0], units] : [units]
    }

    /// The output, and the states if they are asked for.
    public func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
      let output = try outputShape(of: inputs)
      guard returnsState else { return [output] }
      return [output]
        + cells.flatMap { cell in
          [KerasShape](repeating: [cell.units], count: cell.stateCount)
        }
    }

    /// The cells' variables, one cell after the other.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      var width = try inputs.main().lastExtent()
      var forms: [KerasVariableForm] = []
      for (cell, owner) in zip(cells, owners) {
        forms += cell.variables(width: width).map { $0.inside(owner) }
        width = cell.units
      }
      return forms
    }
  }
}
