import ModelGraph

/// Holds what two models take and put out against each other: how many, in which order, of which names and
/// shapes. The values of outputs are compared where those of layers are.
///
/// A name counts where it stands for another input or output of the other model. A name that the other model
/// does not have at all is a new one for the same thing: Keras numbers names anew.
struct InterfaceComparison {
  /// The inputs that both have.
  let inputs: [ComparisonReport.Port]
  /// The outputs that both have.
  let outputs: [ComparisonReport.Port]
  /// What is not the same.
  private(set) var differences: [ModelDifference] = []
  /// Names that differ.
  private(set) var renamed: [ModelDifference] = []
  /// Whether both take the same arrays.
  let takesSameInputs: Bool

  private struct Side {
    let name: String
    let shape: [Int?]?
    /// The type of an input's numbers, where they are no fractions.
    var wholeType: ElementType?
  }

  init(_ reference: ComparedModel, _ candidate: ComparedModel) {
    let convention = Convention(reference, candidate)
    var differences: [ModelDifference] = []
    var renamed: [ModelDifference] = []
    inputs = Self.ports(
      "input", reference.inputs.map(Self.side), candidate.inputs.map(Self.side), &differences,
      &renamed,
      comparesNames: convention.hasSameNames
    ) { a, b in convention.isSameInput(a, b) }
    takesSameInputs =
      reference.inputs.count == candidate.inputs.count
      && inputs.allSatisfy { port in
        convention.isSameInput(port.shape, port.candidateShape)
      }
    outputs = Self.ports(
      "output", reference.outputs.map { Side(name: $0.name, shape: $0.shape.extents) },
      candidate.outputs.map { Side(name: $0.name, shape: $0.shape.extents) }, &differences,
      &renamed, comparesNames: convention.hasSameNames
    ) { a, b in convention.isSameOutput(a, b) }
    self.differences = differences
    self.renamed = renamed
  }

  /// Whole numbers lose their fractions where they are given: it matters which type they are of.
  private static func side(_ input: ComparedModel.Input) -> Side {
    Side(
      name: input.name, shape: input.declared,
      wholeType: input.elementType.isFloating ? nil : input.elementType)
  }

  private static func ports(
    _ word: String, _ a: [Side], _ b: [Side], _ differences: inout [ModelDifference],
    _ renamed: inout [ModelDifference], comparesNames: Bool,
    isSame: ([Int?], [Int?]) -> Bool
  ) -> [ComparisonReport.Port] {
    if a.count != b.count {
      differences.append(
        ModelDifference(
          .interface, layer: "\(word)s", option: "count",
          first: "\(a.count): \(a.map(\.name).joined(separator: ", "))",
          second: "\(b.count): \(b.map(\.name).joined(separator: ", "))"))
    }
    return zip(a, b).enumerated().map { number, sides in
      let (one, other) = sides
      let before = differences.count
      if comparesNames, !one.name.utf8.elementsEqual(other.name.utf8) {
        let stands = { (side: Side, sides: [Side]) in
          sides.contains { $0.name.utf8.elementsEqual(side.name.utf8) }
        }
        let difference = ModelDifference(
          .interface, layer: "\(word) \(number)", option: "name", first: one.name,
          second: other.name)
        if stands(one, b) || stands(other, a) {
          differences.append(difference)
        } else if a.count > 1 {
          // A single one is not called by its name.
          renamed.append(difference)
        }
      }
      if let x = one.shape, let y = other.shape, !isSame(x, y) {
        differences.append(
          ModelDifference(
            .interface, layer: "\(word) \(number)", option: "shape", first: text(x),
            second: text(y)))
      }
      if one.wholeType != other.wholeType {
        let fractions = "fractions"
        differences.append(
          ModelDifference(
            .interface, layer: "\(word) \(number)", option: "dtype",
            first: one.wholeType?.rawValue ?? fractions,
            second: other.wholeType?.rawValue ?? fractions))
      }
      return ComparisonReport.Port(
        name: one.name, shape: one.shape, candidateName: other.name, candidateShape: other.shape,
        matches: differences.count == before)
    }
  }

  private static func text(_ shape: [Int?]) -> String {
    "[\(shape.map { $0.map { "\($0)" } ?? "None" }.joined(separator: ", "))]"
  }
}

/// What two files mean by the same shape.
private struct Convention {
  /// Whether images lie as in the file itself on both sides.
  private let hasSameLayout: Bool
  /// Whether names are given by the same format.
  let hasSameNames: Bool
  private let referenceIsFirst: Bool

  init(_ reference: ComparedModel, _ candidate: ComparedModel) {
    hasSameLayout = reference.layout == candidate.layout
    hasSameNames = hasSameLayout && (reference.keras == nil) == (candidate.keras == nil)
    referenceIsFirst = reference.layout == .channelsFirst
  }

  func isSameInput(_ a: [Int?]?, _ b: [Int?]?) -> Bool {
    guard let a, let b else { return true }
    guard !hasSameLayout else { return a == b }
    let (first, last) = referenceIsFirst ? (a, b) : (b, a)
    // A vector is an image of one cell where darknet has channels to work on.
    if last.count == 1, first.count == 3 { return first == last + [1, 1] }
    // A network of fixed extents in a Keras model that leaves them open is the same network.
    return first.count == last.count
      && zip(first.dropFirst() + first.prefix(1), last).allSatisfy { $1 == nil || $0 == $1 }
  }

  /// Of two formats only the numbers of elements tell, since flat images are images in darknet.
  func isSameOutput(_ a: [Int?], _ b: [Int?]) -> Bool {
    guard !hasSameLayout else { return a == b }
    return a.compactMap(\.self).reduce(1, *) == b.compactMap(\.self).reduce(1, *)
  }
}
