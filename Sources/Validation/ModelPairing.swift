import Darknet
import FileSupport
import ModelGraph

/// Which layers of two models are held against each other, and which have no counterpart.
struct ModelPairing {
  /// Layers of the reference with those of the candidate.
  let layers: [(ComparedModel.Layer, ComparedModel.Layer)]
  /// Layers that belong together, but have other tensors.
  let misfits: [(ComparedModel.Layer, ComparedModel.Layer)]
  /// What makes them models of two architectures.
  private(set) var differences: [ModelDifference] = []
  /// The first layer that is not compared because one of the files lacks its numbers.
  private(set) var firstMissing: String?
  /// What the user should know.
  private(set) var warnings: [ModelWarning] = []

  /// - Throws: `ModelFileError` of kind `damaged` if one is a darknet network and the other a Keras model.
  init(_ reference: ComparedModel, _ candidate: ComparedModel) throws(ModelFileError) {
    let (a, b) = (reference.layers, candidate.layers)
    var positions: [(Int, Int)]
    switch (reference.architecture, candidate.architecture) {
    case (.darknet(let one), .darknet(let other)):
      (positions, differences) = Self.byIndex(one, other)
    case (.keras, .keras):
      let pairing = NamePairing(a.map(\.name), b.map(\.name))
      positions = pairing.positions
      differences = pairing.differences
      if let renamed = pairing.renamed {
        warnings.append(
          ModelWarning(
            file: candidate.path,
            "layers are paired by order, because the models name them otherwise "
              + "('\(b[renamed.1].name.escapedForTerminal)' for "
              + "'\(a[renamed.0].name.escapedForTerminal)')"))
      }
    case (.names, .names):
      let pairing = NamePairing(a.map(\.name), b.map(\.name), allowsOtherNames: false)
      positions = pairing.positions
      differences = pairing.differences
    case _ where reference.refusal != nil || candidate.refusal != nil:
      positions = []
    default:
      throw ModelFileError(
        .damaged, file: candidate.path, "is of another network than \(reference.path)",
        expected: "two darknet networks, or two Keras models", found: "one of each",
        remedy: "compare models of the same architecture")
    }
    if let missing = positions.firstIndex(where: {
      $0.0 >= reference.layersLoaded || $0.1 >= candidate.layersLoaded
    }) {
      let isReference = positions[missing].0 >= reference.layersLoaded
      let name = a[positions[missing].0].name
      firstMissing = name
      warnings.append(
        ModelWarning(
          file: (isReference ? reference : candidate).path,
          "'\(name)' and the layers behind it are not compared: the file has no numbers for them"))
      positions.removeSubrange(missing...)
    }
    var fitting: [(ComparedModel.Layer, ComparedModel.Layer)] = []
    var misfits: [(ComparedModel.Layer, ComparedModel.Layer)] = []
    for (one, other) in positions.map({ (a[$0], b[$1]) }) {
      if Self.haveSameForm(one.parameters, other.parameters, of: reference) {
        fitting.append((one, other))
      } else {
        misfits.append((one, other))
        // Numbers of arrays that have other shapes can't be compared.
        differences.append(
          ModelDifference(
            .architecture, layer: one.name, option: "parameters",
            first: Self.list(one.parameters), second: Self.list(other.parameters)))
      }
    }
    layers = fitting
    self.misfits = misfits
  }

  /// The layers of networks: those of the same type and shape at the same place.
  private static func byIndex(
    _ a: Network, _ b: Network
  ) -> (positions: [(Int, Int)], differences: [ModelDifference]) {
    var positions: [(Int, Int)] = []
    var differences: [ModelDifference] = []
    for (one, other) in zip(a.layers, b.layers) {
      if one.type == other.type, one.output == other.output {
        positions.append((one.index, other.index))
      } else if differences.isEmpty {
        // What follows differs because of this one.
        differences.append(
          ModelDifference(
            .architecture, layer: one.name, option: one.type == other.type ? "shape" : "type",
            first: "[\(one.type)] \(one.output.shape)",
            second: "[\(other.type)] \(other.output.shape)"))
      }
    }
    if a.layers.count != b.layers.count {
      let longer = a.layers.count > b.layers.count ? a : b
      let first = longer.layers[min(a.layers.count, b.layers.count)]
      differences.append(
        ModelDifference(
          .architecture, layer: first.name, option: "layers", first: "\(a.layers.count)",
          second: "\(b.layers.count)"))
    }
    return (positions, differences)
  }

  /// Whether arrays can be compared number by number. A version of Keras may give an array an axis of one number more,
  /// which moves none; of tensors alone nothing but the shape tells that they are others.
  private static func haveSameForm(
    _ a: [ComparedParameter], _ b: [ComparedParameter], of model: ComparedModel
  ) -> Bool {
    let (x, y) = (a.map(\.shape), b.map(\.shape))
    if x == y { return true }
    guard case .keras = model.architecture else { return false }
    return x.map(\.withoutSingles) == y.map(\.withoutSingles)
  }

  private static func list(_ parameters: [ComparedParameter]) -> String {
    parameters.isEmpty
      ? "none"
      : parameters.map { parameter in
        // Shapes of darknet are counts; the layer's name stands beside it.
        let name = parameter.name.split(separator: ".").last.map(String.init) ?? parameter.name
        return "\(name.escapedForTerminal) \(parameter.shape)"
      }.joined(separator: ", ")
  }
}

/// Layers paired by name; by order where names differ, as Keras itself loads weights.
struct NamePairing {
  /// The positions of layers that belong together.
  let positions: [(Int, Int)]
  /// Layers that only one of the models has.
  private(set) var differences: [ModelDifference] = []
  /// How many layers both have under one name.
  let namedCount: Int
  /// The first two that are paired by order though their names differ.
  private(set) var renamed: (Int, Int)?

  /// Pairs the layers of two models.
  ///
  /// - Parameters:
  ///   - a: the names of the one's layers.
  ///   - b: the names of the other's.
  ///   - allowsOtherNames: whether as many layers of other names are paired by order.
  init(_ a: [String], _ b: [String], allowsOtherNames: Bool = true) {
    // Compared as bytes: names that look alike may be two.
    let places = Self.places(b)
    let named = a.indices.compactMap { one in
      places[Array(a[one].utf8)].map { (one, $0) }
    }
    namedCount = named.count
    if allowsOtherNames, a.count == b.count, named.count < a.count {
      positions = Array(zip(a.indices, b.indices))
      renamed = positions.first { !a[$0].utf8.elementsEqual(b[$1].utf8) }
      return
    }
    positions = named
    let own = Self.places(a)
    for name in a where places[Array(name.utf8)] == nil {
      differences.append(Self.missing(name, isInReference: true))
    }
    for name in b where own[Array(name.utf8)] == nil {
      differences.append(Self.missing(name, isInReference: false))
    }
  }

  private static func places(_ names: [String]) -> [[UInt8]: Int] {
    Dictionary(
      names.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func missing(_ name: String, isInReference: Bool) -> ModelDifference {
    let (present, absent) = ("a layer", OperationOptions.none)
    return ModelDifference(
      .architecture, layer: name, option: "layers", first: isInReference ? present : absent,
      second: isInReference ? absent : present)
  }
}

extension Shape {
  /// The extents that count, if there are others.
  fileprivate var withoutSingles: [Int] { extents.filter { $0 != 1 } }
}
