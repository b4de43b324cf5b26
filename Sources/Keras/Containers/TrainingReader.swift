import FileSupport
import HDF5

extension KerasCheckpoint {
  /// How the model was compiled, as a file has it.
  enum TrainingSettings: Sendable {
    /// The settings.
    case value(JSONValue)
    /// Something else in their place.
    case unreadable
  }

  /// The attribute of a full model in the legacy layout that has the settings.
  static let trainingConfig: LinkName = "training_config"
  /// The key of an archive's configuration that has them.
  static let compileConfig = "compile_config"
  /// The group that has the optimizer's state in the legacy layout.
  static let optimizerWeights: LinkName = "optimizer_weights"
  /// That of Keras 3's layout.
  static let optimizer: LinkName = "optimizer"

  /// How the model was compiled; `nil` if the file does not say. What can't be read is no error: the model stands without
  /// it.
  var trainingSettings: TrainingSettings? {
    let found = configuration?[Self.compileConfig]
    guard found == nil, container == .fullModel, let root = file?.root else {
      return found.flatMap { $0.isNothing ? nil : .value($0) }
    }
    do throws(ModelFileError) {
      guard let attribute = try root.attribute(named: Self.trainingConfig) else { return nil }
      let value = try JSONParser.parse(Array(try attribute.string().utf8))
      return value.isNothing ? nil : .value(value)
    } catch {
      return .unreadable
    }
  }

  /// The optimizer's variables in their order; `nil` if there are none.
  ///
  /// - Throws: `ModelFileError` if there is more in their place, or less, than the file lists.
  func optimizerVariables() throws(ModelFileError) -> [StoredWeight]? {
    var count = 0
    var isThere = false
    let isLegacy = container == .fullModel || container == .weights
    let name = isLegacy ? Self.optimizerWeights : Self.optimizer
    for store in stores where try store.file.root.hasLink(named: name) {
      isThere = true
      count += try Self.datasetCount(in: try store.file.root.group(named: name), depth: 0)
    }
    guard isThere, count > 0 || !optimizer.isEmpty else { return nil }
    let isNumbered =
      isLegacy
      || optimizer.enumerated().allSatisfy { $1.name == LinkName("vars/\($0)") }
    guard count == optimizer.count, isNumbered else {
      throw ModelFileError(.damaged, "its arrays are not those that are listed")
    }
    return optimizer
  }

  /// A warning that the optimizer's state has no place in a file of another format; none if there is no state.
  public var lostState: [ModelWarning] {
    optimizer.isEmpty
      ? []
      : [
        ModelWarning(
          file: path,
          "the optimizer's state is left out, since the format has no place for it: training goes on with a new one"
        )
      ]
  }

  private static func datasetCount(in group: Group, depth: Int) throws(ModelFileError) -> Int {
    guard depth < 64 else {
      throw ModelFileError(.damaged, "its arrays lie too deep in one another")
    }
    var count = 0
    for link in try group.links() {
      if case .hard(.group, _) = link.target {
        count += try datasetCount(in: try group.group(named: link.name), depth: depth + 1)
      } else {
        count += 1
      }
    }
    return count
  }
}

extension KerasNetwork {
  /// A warning that the optimizer's state has no place in a file of another format.
  public var lostState: [ModelWarning] {
    if case .checkpoint(let checkpoint) = numbers { checkpoint.lostState } else { [] }
  }
}

extension JSONValue {
  fileprivate var isNothing: Bool { self == .null || object?.count == 0 }
}
