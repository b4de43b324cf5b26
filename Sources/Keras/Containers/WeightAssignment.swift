import FileSupport
import HDF5
import ModelGraph

/// Which stored weights belong to which layer of a model: by name, or, where names were changed, by order, as Keras
/// itself does; in Keras 3's layout by class and number.
public struct WeightAssignment: Sendable {
  /// A layer of the model with its place in the file, if it has one.
  public struct Entry: Sendable {
    /// The layer.
    public let layer: KerasLayer
    /// What the file holds for it.
    public let stored: StoredLayer?
    /// The weights in the file's order, each with the variable that it is, where that is known.
    public let weights: [(weight: StoredWeight, form: KerasVariableForm?)]
  }

  /// The layers in the model's order.
  public private(set) var entries: [Entry] = []
  /// What the file holds for layers that the model does not have.
  public private(set) var leftovers: [StoredLayer] = []
  /// How model and file contradict each other, if they do.
  public private(set) var failure: ModelFileError?
  /// What is odd.
  public private(set) var warnings: [ModelWarning] = []
  /// Whether layers are paired by their names alone.
  public private(set) var isByName = true
  private let remedy: String

  /// Pairs the layers of a model with those of its file. Nothing is read but shapes and types.
  ///
  /// - Throws: `ModelFileError` if a dataset can't be described.
  public init(_ model: KerasModel, _ checkpoint: KerasCheckpoint) throws(ModelFileError) {
    try self.init(
      model, checkpoint.layers,
      remedy: "the configuration and the weights belong to different models; save the model again")
  }

  /// Pairs the layers of a model that another description calls for with those of a file. What numbers stand for names
  /// in Keras 3's layout, the file's own configuration tells, if it has one.
  ///
  /// Weights that the model has no place for are a ``failure``, while Keras passes over them in its own layout.
  ///
  /// - Throws: `ModelFileError` if a dataset can't be described, or the file's own configuration contradicts it.
  public init(
    filling model: KerasModel, from checkpoint: KerasCheckpoint, remedy: String
  ) throws(ModelFileError) {
    var stored = checkpoint.layers
    if stored.contains(where: \.isNumbered), let configuration = checkpoint.configuration {
      let own = try WeightAssignment(try KerasModel(configuration: configuration), checkpoint)
      if let failure = own.failure { throw failure }
      stored = own.named
    }
    try self.init(model, stored, remedy: remedy)
    if let first = leftovers.first, failure == nil { failure = contradiction(ofSurplus: first) }
    if stored.contains(where: \.isNumbered) {
      warnings.append(
        ModelWarning(
          "layers are paired by class and number, as Keras does it, because the file has no names for them"
        ))
    }
  }

  private init(
    _ model: KerasModel, _ stored: [StoredLayer], remedy: String
  ) throws(ModelFileError) {
    self.remedy = remedy
    let isVersion3 = stored.contains { $0.group != nil }
    let pairs = isVersion3 ? byPath(model, stored) : byName(model, stored)
    var isTaken = [Bool](repeating: false, count: stored.count)
    for (layer, position) in zip(model.layers, pairs) {
      if let position { isTaken[position] = true }
      let entry = try self.entry(layer, position.map { stored[$0] }, isVersion3: isVersion3)
      entries.append(entry)
    }
    leftovers = zip(stored, isTaken).filter { !$1 && !$0.weights.isEmpty }.map(\.0)
    if let first = leftovers.first, failure == nil {
      if isVersion3 {
        warnings.append(
          ModelWarning(at: [.path(first.name.description)], Self.surplus))
      } else {
        failure = contradiction(ofSurplus: first)
      }
    }
  }

  /// What the file holds as the legacy layout would have it: by the names of the model's layers, weights in
  /// its order.
  private var named: [StoredLayer] {
    entries.map { entry in
      var left = entry.weights
      let forms = (entry.layer.forms ?? []).filter { $0.presence != .legacyLayout }
      let weights = Self.legacyOrder(forms).compactMap { form in
        left.firstIndex { $0.form == form }.map { left.remove(at: $0).weight }
      }
      return StoredLayer(name: LinkName(entry.layer.name), weights: weights)
    }
  }

  // MARK: Pairing

  /// The legacy layout: by name; by order where names were changed, as Keras itself does.
  private mutating func byName(_ model: KerasModel, _ stored: [StoredLayer]) -> [Int?] {
    let positions = Dictionary(
      stored.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let named = model.layers.map { positions[LinkName($0.name)] }
    let names = Set(model.layers.map { LinkName($0.name) })
    let holding = stored.indices.filter { !stored[$0].weights.isEmpty }
    if holding.allSatisfy({ names.contains(stored[$0].name) }) {
      let order = named.compactMap(\.self).filter { !stored[$0].weights.isEmpty }
      if model.isSequential, order != order.sorted() {
        failure = contradiction(
          at: stored[order[0]].name.description,
          "the file lists its layers in another order than the model, and Keras goes by order")
      }
      return named
    }
    let needing = model.layers.indices.filter {
      model.layers[$0].forms?.isEmpty != true
    }
    guard needing.count == holding.count else {
      failure = contradiction(
        "the layers with weights are not those of the model",
        expected: Self.list(needing.map { model.layers[$0].name }),
        found: Self.list(holding.map { stored[$0].name.description }))
      return named
    }
    var result = [Int?](repeating: nil, count: model.layers.count)
    for (layer, position) in zip(needing, holding) { result[layer] = position }
    isByName = false
    if let layer = needing.first {
      warnings.append(
        ModelWarning(
          "layers are paired by order, because the file names them otherwise "
            + "('\(stored[holding[0]].name.description.escapedForTerminal)' for "
            + "'\(model.layers[layer].name.escapedForTerminal)')"))
    }
    return result
  }

  /// Keras 3's layout: by class, and by number among the layers of one class.
  private mutating func byPath(_ model: KerasModel, _ stored: [StoredLayer]) -> [Int?] {
    let numbered = stored.map { $0.group.flatMap(\.last).map(NumberedName.init) }
    // Keras 2.12 counts every layer twice or so: of its numbers only the order counts.
    let countsByRank = stored.contains { $0.group?.first == Version3Layout.containers[1] }
    var byStem: [LinkName: [(number: Int, position: Int)]] = [:]
    for (position, name) in numbered.enumerated() {
      guard let name, let first = stored[position].group?.first,
        Version3Layout.containers.contains(first)
      else { continue }
      // A class's name may end in a number of its own: `conv_lstm2d` does not, `dense_1` might.
      byStem[name.stem, default: []].append((name.number, position))
    }
    var seen: [LinkName: Int] = [:]
    var result = [Int?](repeating: nil, count: model.layers.count)
    isByName = false
    for index in model.savingOrder {
      let stem = LinkName(KerasPath.snakeCase(model.layers[index].layerClass.sourceName))
      let rank = seen[stem, default: 0]
      seen[stem] = rank + 1
      let candidates = byStem[stem] ?? []
      result[index] =
        countsByRank
        ? (candidates.indices.contains(rank) ? candidates[rank].position : nil)
        : candidates.first { $0.number == rank }?.position
    }
    return result
  }

  // MARK: Checking

  private mutating func entry(
    _ layer: KerasLayer, _ stored: StoredLayer?, isVersion3: Bool
  ) throws(ModelFileError) -> Entry {
    let weights = (stored?.weights ?? []).map { weight in
      var marked = weight
      marked.isBrainFloat = layer.policy.storesBrainFloat
      return marked
    }
    guard let all = layer.forms else {
      return Entry(layer: layer, stored: stored, weights: weights.map { ($0, nil) })
    }
    var forms = isVersion3 ? all.filter { $0.presence != .legacyLayout } : all
    guard !forms.isEmpty || !weights.isEmpty else {
      return Entry(layer: layer, stored: stored, weights: [])
    }
    let place = stored?.name.description ?? layer.name
    let countsByRank = stored?.group?.first == Version3Layout.containers[1]
    let pair = { (forms: [KerasVariableForm]) in
      isVersion3
        ? Self.byOwner(forms, weights, countsByRank: countsByRank) : Self.inOrder(forms, weights)
    }
    var paired = pair(forms)
    if paired == nil {
      let built = forms.filter { $0.presence != .onceBuilt }
      paired = built.count < forms.count ? pair(built) : nil
      if paired != nil { forms = built }
    }
    var isMismatch = paired == nil
    for (weight, form) in paired ?? [] {
      guard let form else { continue }
      _ = try weight.elementType()
      if try weight.shape() != form.shape { isMismatch = true }
    }
    if isMismatch, failure == nil {
      let found = try weights.map { (weight) throws(ModelFileError) in try weight.shape() }
      let expected = isVersion3 ? forms : Self.legacyOrder(forms)
      failure = contradiction(
        at: place,
        found.isEmpty
          ? "a layer of the configuration has no weights"
          : "the weights of a layer are not those that its configuration calls for",
        expected: expected.map { "\($0.name) \($0.shape)" }.joined(separator: ", "),
        found: found.isEmpty ? "none" : found.map(\.description).joined(separator: ", "))
    }
    return Entry(
      layer: layer, stored: stored,
      weights: isMismatch ? weights.map { ($0, nil) } : paired ?? [])
  }

  /// The order of the legacy layout: what training changes, then the rest, each in the order in which its object lists
  /// it: behind the variables of other objects that it refers to.
  static func legacyOrder(_ forms: [KerasVariableForm]) -> [KerasVariableForm] {
    var forms = forms
    for position in forms.indices.reversed() where forms[position].copiesBefore > 0 {
      let place = min(position + forms[position].copiesBefore, forms.count - 1)
      forms.insert(forms.remove(at: position), at: place)
    }
    return forms.filter(\.isTrainable) + forms.filter { !$0.isTrainable }
  }

  private static func inOrder(
    _ forms: [KerasVariableForm], _ weights: [StoredWeight]
  ) -> [(weight: StoredWeight, form: KerasVariableForm?)]? {
    guard forms.count == weights.count else { return nil }
    return Array(zip(weights, legacyOrder(forms)))
  }

  /// Keras 3's layout: by the object inside the layer, and the number among its variables. Further
  /// objects, such as a generator of random numbers, may have some more.
  private static func byOwner(
    _ forms: [KerasVariableForm], _ weights: [StoredWeight], countsByRank: Bool
  ) -> [(weight: StoredWeight, form: KerasVariableForm?)]? {
    var positions: [[String]: [Int]] = [:]
    for (position, weight) in weights.enumerated() {
      positions[VariablePath.owner(of: weight.name), default: []].append(position)
    }
    // Keras 2.12 counts layers in its own way: of its numbers only the order counts.
    if countsByRank { positions = VariablePath.renumbered(positions) }
    var result = weights.map { (weight: $0, form: KerasVariableForm?.none) }
    var used: [[String]: Int] = [:]
    for form in forms {
      let owner = [form.owner, VariablePath.private(form.owner)].first { positions[$0] != nil }
      guard let owner, let places = positions[owner] else { return nil }
      let number = used[owner, default: 0] + form.copiesBefore
      guard places.indices.contains(number) else { return nil }
      used[owner] = number + 1
      result[places[number]].form = form
    }
    let isWhole = used.allSatisfy { positions[$0.key]?.count == $0.value }
    return isWhole ? result : nil
  }

  /// How many names there are, and the first few of them: `5: conv, conv_bn, dense, …`.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(4).map(\.escapedForTerminal) + (names.count > 4 ? ["…"] : [])
    return names.isEmpty ? "none" : "\(names.count): " + shown.joined(separator: ", ")
  }

  private static let surplus = "the file holds weights of a layer that the model does not have"

  private func contradiction(ofSurplus layer: StoredLayer) -> ModelFileError {
    contradiction(at: layer.name.description, Self.surplus)
  }

  private func contradiction(
    at place: String? = nil, _ problem: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, at: place.map { [.path($0)] } ?? [], problem, expected: expected, found: found,
      remedy: remedy)
  }
}
