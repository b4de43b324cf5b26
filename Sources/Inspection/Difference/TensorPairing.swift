import FileSupport
import HDF5
import ModelGraph

/// Holds the tensors of two files against each other: first those of one name (of layers that are the same one),
/// then, among those that are left or are not equal, those of the same content.
struct TensorPairing {
  private let a: [ModelContents.Tensor]
  private let b: [ModelContents.Tensor]
  private let names: Set<LinkName>
  private let otherNames: Set<LinkName>
  private let namesArePlaces: Bool
  private let isOneFormat: Bool
  private let examples: Int
  /// The tensor of the second file for each of the first, and what the two are to each other.
  private var pairs: [Pair?]
  private var isTaken: [Bool]

  private struct Pair {
    let other: Int
    var difference: TensorDifference
  }

  /// A name that is compared by its bytes.
  private struct Key: Hashable {
    let layer: LinkName?
    let array: LinkName

    init(_ layer: String?, _ array: String) {
      self.layer = layer.map { LinkName($0) }
      self.array = LinkName(array)
    }
  }

  /// What two tensors of the same content have in common.
  private struct Content: Hashable {
    let digest: String
    let type: ElementType
    /// Numbers that are all the same say nothing of where they came from.
    let isConstant: Bool
  }

  /// Pairs and compares.
  ///
  /// - Parameters:
  ///   - first: what the first file holds.
  ///   - second: what the second holds.
  ///   - layers: the layers that are the same.
  ///   - examples: how many numbers that differ are wanted of each tensor.
  /// - Throws: `ModelFileError` of either file.
  init(
    _ first: ModelContents, _ second: ModelContents, layers: LayerAlignment, examples: Int
  ) throws(ModelFileError) {
    a = first.tensors
    b = second.tensors
    names = Set(a.map { LinkName($0.name) })
    otherNames = Set(b.map { LinkName($0.name) })
    namesArePlaces = first.namesArePlaces && second.namesArePlaces
    isOneFormat = first.format == second.format
    self.examples = examples
    pairs = [Pair?](repeating: nil, count: a.count)
    isTaken = [Bool](repeating: false, count: b.count)
    try pairByName(first, second, layers)
    try pairByContent()
    try pairByOrder()
  }

  /// What became of each tensor.
  var differences: [TensorDifference] {
    a.indices.map { pairs[$0]?.difference ?? TensorDifference(.removed, a[$0], nil) }
      + b.indices.filter { !isTaken[$0] }.map { TensorDifference(.added, nil, b[$0]) }
  }

  /// The positions in the second file, for those that have a counterpart.
  var places: [(index: Int, other: Int)] {
    a.indices.compactMap { index in pairs[index].map { (index, $0.other) } }
  }

  // MARK: Names

  private mutating func pairByName(
    _ first: ModelContents, _ second: ModelContents, _ layers: LayerAlignment
  ) throws(ModelFileError) {
    var newNames: [LinkName: String] = [:]
    var absent: Set<LinkName> = []
    for (layer, partner) in zip(first.layers, layers.partners) {
      if let partner {
        newNames[LinkName(layer.name)] = second.layers[partner].name
      } else {
        absent.insert(LinkName(layer.name))
      }
    }
    let places = Dictionary(
      b.enumerated().map { (Key($1.layer, $1.array), $0) }, uniquingKeysWith: { x, _ in x })
    for (index, tensor) in a.enumerated() {
      let layer = tensor.layer.map { LinkName($0) }
      if let layer, absent.contains(layer) { continue }
      let name = layer.flatMap { newNames[$0] } ?? tensor.layer
      guard let other = places[Key(name, tensor.array)], !isTaken[other] else { continue }
      try pair(index, other)
    }
  }

  private mutating func pair(_ index: Int, _ other: Int) throws(ModelFileError) {
    let (one, two) = (a[index], b[other])
    isTaken[other] = true
    pairs[index] = Pair(other: other, difference: try compared(one, two))
  }

  private mutating func part(_ index: Int) {
    guard let pair = pairs[index] else { return }
    isTaken[pair.other] = false
    pairs[index] = nil
  }

  private func compared(
    _ one: ModelContents.Tensor, _ two: ModelContents.Tensor
  ) throws(ModelFileError) -> TensorDifference {
    var difference = TensorDifference(.changed, one, two)
    guard let x = one.numbers, let y = two.numbers else {
      // Those that have no elements are equal.
      let isNothing = one.unread == nil && two.unread == nil && one.numbers == nil
      let isSame = isNothing && two.numbers == nil && difference.hasSameForm
      difference.state = isSame ? .equal : isNothing ? .changed : .unread
      return difference
    }
    guard x.view.elementCount == y.view.elementCount else { return difference }
    do throws(ModelFileError) {
      let numbers = try NumberComparer(
        rounding: max(one.rounding, two.rounding), examples: examples
      ).difference(x, y)
      difference.numbers = numbers
      if numbers.differing == 0, difference.hasSameForm {
        difference.state = sameState(difference)
      }
    } catch {
      // Only now does it show that a filter is not known.
      guard error.kind == .unsupported else { throw error }
      difference.state = .unread
    }
    return difference
  }

  /// What tensors of the same content are to each other.
  private func sameState(_ difference: TensorDifference) -> TensorDifference.State {
    guard let name = difference.newName else { return .equal }
    // What an optimizer keeps is called otherwise in each format.
    if !isOneFormat, difference.first?.role == .optimizer { return .equal }
    if namesArePlaces { return .moved }
    return otherNames.contains(LinkName(difference.name)) && names.contains(LinkName(name))
      ? .moved : .renamed
  }

  // MARK: Content

  private mutating func pairByContent() throws(ModelFileError) {
    let left = a.indices.filter { pairs[$0] == nil }
    let others = b.indices.filter { !isTaken[$0] }
    let unequal = a.indices.filter { index in
      pairs[index].map { $0.difference.state == .changed && isWhole($0.difference) } ?? false
    }
    guard !left.isEmpty && !others.isEmpty || unequal.count > 1 else { return }
    var free: [Content: [Int]] = [:]
    for other in others {
      guard let content = try content(of: b[other]) else { continue }
      free[content, default: []].append(other)
    }
    for index in left where !free.isEmpty {
      guard let content = try content(of: a[index]), var found = free[content], !found.isEmpty
      else { continue }
      let other = found.removeFirst()
      free[content] = found
      try pair(index, other)
    }
    try pairSwapped(unequal)
  }

  /// Those whose numbers now stand under each other's names.
  private mutating func pairSwapped(_ unequal: [Int]) throws(ModelFileError) {
    var owners: [Content: [Int]] = [:]
    for index in unequal {
      guard let pair = pairs[index], let content = try content(of: b[pair.other]) else { continue }
      owners[content, default: []].append(pair.other)
    }
    var moves: [(index: Int, other: Int)] = []
    for index in unequal {
      guard let content = try content(of: a[index]), !content.isConstant,
        let found = owners[content], found.count == 1
      else { continue }
      moves.append((index, found[0]))
    }
    // Of several with the same numbers nobody knows which is which.
    let counts = Dictionary(moves.map { ($0.other, 1) }, uniquingKeysWith: +)
    moves.removeAll { counts[$0.other] != 1 }
    guard !moves.isEmpty else { return }
    let (movers, receivers) = (Set(moves.map(\.index)), Set(moves.map(\.other)))
    for index in unequal {
      guard let pair = pairs[index] else { continue }
      if receivers.contains(pair.other) || movers.contains(index) { part(index) }
    }
    for move in moves { try pair(move.index, move.other) }
  }

  private func isWhole(_ difference: TensorDifference) -> Bool {
    difference.first?.numbers != nil && difference.second?.numbers != nil
  }

  /// `nil` for tensors without numbers.
  private func content(
    of tensor: ModelContents.Tensor
  ) throws(ModelFileError) -> Content? {
    guard let numbers = tensor.numbers, numbers.view.elementCount > 0 else { return nil }
    do throws(ModelFileError) {
      let scan = try OrderedDigest(numbers)
      return Content(
        digest: scan.digest, type: numbers.elementType, isConstant: scan.isConstant)
    } catch {
      guard error.kind == .unsupported else { throw error }
      return nil
    }
  }

  // MARK: Order

  /// Where as many of the same shape and type are left, in the same order, those have new names and new numbers.
  private mutating func pairByOrder() throws(ModelFileError) {
    for role in [ModelContents.Role.parameter, .optimizer, .other] {
      let left = a.indices.filter { pairs[$0] == nil && a[$0].role == role }
      let others = b.indices.filter { !isTaken[$0] && b[$0].role == role }
      guard left.count == others.count else { continue }
      let ignoresNames = role == .optimizer && !isOneFormat
      let isSame = zip(left, others).allSatisfy { one, other in
        a[one].shape == b[other].shape && a[one].typeName == b[other].typeName
          && (ignoresNames || a[one].array.utf8.elementsEqual(b[other].array.utf8))
      }
      guard isSame else { continue }
      for (one, other) in zip(left, others) { try pair(one, other) }
    }
  }
}
