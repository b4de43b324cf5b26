import FileSupport
import HDF5
import ModelGraph

/// Works out the shapes of a model's values and the variables of its layers, call after call.
struct ShapeInference {
  private let wiring: ModelWiring
  private let given: [LinkName: KerasShape]
  /// The shapes of each call's values, `nil` where they are not known.
  private var values: [[[KerasShape]?]]
  private var forms: [[KerasVariableForm]?]
  /// Why a layer's shapes or variables are not known, if it is the layer that says so.
  private var refusals: [ModelFileError?]

  /// Calls that one model may ask for, those of nested models counted as often as they are called.
  static let largestBudget = 2_000_000

  /// More axes than any value has.
  private static let maximumRank = 32

  /// - Parameter inputs: the shapes of what the model is called with, if they are told from outside.
  init(_ wiring: ModelWiring, inputs: [KerasShape]? = nil) {
    self.wiring = wiring
    let names = wiring.inputs.map { LinkName($0.layer) }
    given =
      inputs.map { Dictionary(zip(names, $0), uniquingKeysWith: { first, _ in first }) } ?? [:]
    values = wiring.entries.map { [[KerasShape]?](repeating: nil, count: max($0.calls.count, 1)) }
    forms = [[KerasVariableForm]?](repeating: nil, count: wiring.entries.count)
    refusals = [ModelFileError?](repeating: nil, count: wiring.entries.count)
  }

  /// What was found.
  struct Outcome {
    let model: KerasModel
    fileprivate let outputShapes: [KerasShape?]
    fileprivate let forms: [[KerasVariableForm]?]
    fileprivate let entries: [ModelWiring.Entry]

    /// The shapes of the model's outputs.
    func outputs() throws(ModelFileError) -> [KerasShape] {
      var shapes: [KerasShape] = []
      for shape in outputShapes {
        guard let shape else { throw open }
        shapes.append(shape)
      }
      return shapes
    }

    /// The variables of all layers as those of one.
    func variables() throws(ModelFileError) -> [KerasVariableForm] {
      var result: [KerasVariableForm] = []
      var seen: [String: Int] = [:]
      for (entry, forms) in zip(entries, forms) {
        // An input that the file has no layer for is counted by no one.
        let plain = KerasPath.snakeCase(KerasPath.plainClass(entry.layerClass.sourceName))
        let number = seen[plain, default: 0]
        seen[plain] = number + 1
        guard let forms else { throw open }
        let place = number == 0 ? plain : "\(plain)_\(number)"
        result += forms.map {
          $0.inside(["layers", place], prefix: entry.name, isTrainable: entry.isTrainable)
        }
      }
      return result
    }

    /// How many of ``variables()`` each layer has, in their order.
    func variableCounts() throws(ModelFileError) -> [(name: String, count: Int)] {
      var result: [(String, Int)] = []
      for (entry, forms) in zip(entries, forms) {
        guard let forms else { throw open }
        result.append((entry.name, forms.count))
      }
      return result
    }

    /// Why not all is known.
    private var open: ModelFileError {
      model.layers.compactMap(\.refusal).first
        ?? ModelFileError(.unsupported, "the model has a layer of which not all is known")
    }
  }

  /// Goes through all calls.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if layers take values from each other in a circle, from
  ///   one that is not there, or values that don't fit.
  mutating func run(_ budget: inout Int) throws(ModelFileError) -> Outcome {
    let wiring = wiring
    let order = try CallOrder(
      wiring.entries.map { ($0.name, $0.calls) }, positions: wiring.positions
    ) { wiring.entries[$0].place }.steps
    for step in order {
      let (position, call) = (step.position, step.call)
      budget -= 1
      guard budget > 0 else {
        throw ModelFileError(.damaged, "the model's layers are called too often")
      }
      do {
        try evaluate(position, call)
      } catch {
        throw error.at(wiring.entries[position].place)
      }
    }
    var layerOrder: [Int] = []
    for step in order where step.call == 0 { layerOrder.append(step.position) }
    if isInOrder() { layerOrder.sort() }
    var layers: [KerasLayer] = []
    for position in layerOrder {
      do {
        layers.append(try layer(at: position))
      } catch {
        throw error.at(wiring.entries[position].place)
      }
    }
    let shapes = wiring.outputs.map { reference in
      wiring.positions[LinkName(reference.layer)].flatMap { values[$0][reference.node] }
        .flatMap { $0.indices.contains(reference.tensor) ? $0[reference.tensor] : nil }
    }
    let model = KerasModel(
      name: wiring.name, layers: layers, inputs: wiring.inputs, outputs: wiring.outputs,
      isSequential: wiring.isSequential,
      savingOrder: layers.indices.sorted { layerOrder[$0] < layerOrder[$1] })
    return Outcome(model: model, outputShapes: shapes, forms: forms, entries: wiring.entries)
  }

  /// Works out one call.
  private mutating func evaluate(_ position: Int, _ call: Int) throws(ModelFileError) {
    let entry = wiring.entries[position]
    if let shape = given[LinkName(entry.name)], entry.layerClass is KerasLayers.InputLayer {
      values[position][call] = [shape]
      forms[position] = []
      return
    }
    var inputs: [KerasShape] = []
    let inputReferences =
      entry.calls.indices.contains(call) ? entry.calls[call].inputs(of: entry.layerClass) : []
    for reference in inputReferences {
      guard let source = wiring.positions[LinkName(reference.layer)],
        let shapes = values[source][reference.node]
      else { return }
      guard shapes.indices.contains(reference.tensor) else {
        throw ModelFileError(
          .damaged, "takes a value that a layer does not have",
          expected: "a value below \(shapes.count) of '\(reference.layer.escapedForTerminal)'",
          found: "value \(reference.tensor)")
      }
      inputs.append(shapes[reference.tensor])
    }
    let isInput = entry.layerClass is KerasLayers.InputLayer
    guard isInput || !inputs.isEmpty else { return }
    do {
      let given = entry.calls.indices.contains(call) ? entry.calls[call] : KerasCall([])
      try given.refuseStrays(of: entry.layerClass)
      let shapes = try entry.layerClass.outputShapes(of: inputs, in: given)
      for shape in shapes { try Self.check(shape) }
      values[position][call] = shapes
    } catch {
      guard error.kind == .unsupported else { throw error }
      refusals[position] = error.at(entry.place)
    }
    guard call == 0 else {
      // A layer has one set of variables, whatever it is called with.
      if let known = forms[position], !known.isEmpty,
        try entry.layerClass.variables(for: inputs) != known
      {
        throw ModelFileError(
          .damaged, "a shared layer is called with values that call for other variables",
          found: "\(inputs)")
      }
      return
    }
    do {
      let found = try entry.layerClass.variables(for: inputs)
      for form in found { try Self.check(KerasShape(form.shape)) }
      forms[position] = found
    } catch {
      guard error.kind == .unsupported else { throw error }
      refusals[position] = refusals[position] ?? error.at(entry.place)
    }
  }

  private func layer(at position: Int) throws(ModelFileError) -> KerasLayer {
    let entry = wiring.entries[position]
    let variables = (forms[position] ?? []).map { form in
      let parameter = Parameter(form.name, of: entry.name, role: form.role, shape: form.shape)
      return KerasVariable(
        name: form.name, shape: form.shape, parameter: parameter, view: parameter.view)
    }
    return KerasLayer(
      name: entry.name, layerClass: entry.layerClass, calls: entry.calls, variables: variables,
      outputShape: values[position][0]?.first,
      source: LayerReference(
        index: entry.index, name: entry.name, type: entry.layerClass.className),
      forms: forms[position]?.map { $0.inside([], isTrainable: !entry.isFrozen) },
      policy: entry.policy, refusal: refusals[position], callShapes: values[position])
  }

  /// A shape that arithmetic on its extents can't make overflow: 2⁴⁰ numbers are more than any memory.
  static func check(_ shape: KerasShape) throws(ModelFileError) {
    guard shape.rank <= maximumRank,
      shape.extents.allSatisfy({ ($0 ?? 0) <= KerasConfiguration.largest }),
      Shape(shape.extents.map { max($0 ?? 1, 1) }).elementCount <= 1 << 40
    else {
      throw ModelFileError(
        .damaged, "a value or variable of the layer is too large", found: "\(shape)")
    }
  }

  /// Whether the file lists each layer after those that its first call takes values from.
  private func isInOrder() -> Bool {
    wiring.entries.enumerated().allSatisfy { position, entry in
      (entry.calls.first?.references ?? []).allSatisfy {
        wiring.positions[LinkName($0.layer)].map { $0 < position } ?? true
      }
    }
  }
}
