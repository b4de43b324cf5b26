import FileSupport
import ModelGraph

/// What a file keeps for going on with the training, in the form in which it is written: how the model was compiled, and
/// the optimizer's state.
///
/// Either is written as a whole or not at all. What is not known to load, and to mean the same, is left out with a
/// warning: a model that can't be loaded, or that trains otherwise without a word, would be worse.
public struct RewrittenTraining: Sendable {
  /// The settings for the place that the container has for them; `nil` if none are written.
  let settings: JSONValue?
  /// The optimizer's variables in order; `nil` if none are written.
  let state: [KerasVariable]?
  /// What was left out.
  public private(set) var warnings: [ModelWarning] = []

  /// How many bytes the optimizer's variables take.
  public var byteCount: UInt64 {
    (state ?? []).reduce(0) { $0 + UInt64($1.parameter.source?.byteCount ?? 0) }
  }

  /// Nothing, as of a model that was never trained in Keras.
  public static let none = RewrittenTraining(settings: nil, state: nil)

  private init(settings: JSONValue?, state: [KerasVariable]?) {
    self.settings = settings
    self.state = state
  }

  /// Rewrites what a file has.
  ///
  /// - Parameters:
  ///   - checkpoint: the file.
  ///   - network: its model.
  ///   - model: the model in the form in which it is written.
  public init(
    of checkpoint: KerasCheckpoint, _ network: KerasNetwork, for model: RewrittenModel
  ) {
    var warnings: [ModelWarning] = []
    let source = Source(checkpoint, network, model)
    var compiled: CompileSettings?
    var refusal: SettingsRefusal?
    do throws(SettingsRefusal) {
      compiled = try source.settings()
    } catch {
      refusal = error
      if model.container.isWhole {
        warnings.append(
          ModelWarning(
            file: checkpoint.path,
            "the settings of compile() are left out, since \(error.reason): compile the model again"
          ))
      }
    }
    var state: (variables: [KerasVariable], rate: Double?)?
    do throws(SettingsRefusal) {
      state = try source.state(of: compiled?.optimizer, refusal)
    } catch {
      warnings.append(
        ModelWarning(
          file: checkpoint.path,
          "the optimizer's state is left out, since \(error.reason): training goes on with a new one"
        ))
    }
    settings =
      model.container.isWhole
      ? compiled?.written(
        inLegacyLayout: model.container == .fullModel, for: model.form, rate: state?.rate) : nil
    self.state = state?.variables
    self.warnings = warnings
  }
}

/// What a file has for going on with the training, and who is to.
private struct Source {
  let checkpoint: KerasCheckpoint
  let model: RewrittenModel
  let network: KerasNetwork

  init(_ checkpoint: KerasCheckpoint, _ network: KerasNetwork, _ model: RewrittenModel) {
    self.checkpoint = checkpoint
    self.network = network
    self.model = model
  }

  private var generation: LoadingGeneration { network.generation == .third ? .third : .second }
  /// Whether only the Keras that wrote the file is to read what is made of it.
  private var isWithinGeneration: Bool { model.form.generations == [generation] }

  /// The settings; `nil` if the file has none.
  func settings() throws(SettingsRefusal) -> CompileSettings? {
    let found: JSONValue
    switch checkpoint.trainingSettings {
    case nil:
      // Of weights alone the file with the architecture may tell it.
      guard let beside = network.configuration[KerasCheckpoint.compileConfig],
        checkpoint.configuration == nil, beside.object?.count ?? 0 > 0
      else { return nil }
      found = beside
    case .unreadable?: throw SettingsRefusal("they are no JSON text")
    case .value(let value)?: found = value
    }
    let names = Dictionary(
      zip(network.outputs, model.outputs), uniquingKeysWith: { first, _ in first })
    let settings = try CompileSettings(found, names: names)
    if model.container == .fullModel, model.form == .both {
      throw SettingsRefusal("tf_keras and Keras 3 call optimizers otherwise in an .h5")
    }
    if settings.optimizer.keepsAverages, !isWithinGeneration {
      throw SettingsRefusal("averages of the weights begin otherwise in the other Keras")
    }
    return settings
  }

  /// The optimizer's variables, and the rate of learning if it is told by them alone; `nil` if the file has none.
  func state(
    of optimizer: OptimizerSettings?, _ refusal: SettingsRefusal?
  ) throws(SettingsRefusal) -> (variables: [KerasVariable], rate: Double?)? {
    let stored: [StoredWeight]
    do throws(ModelFileError) {
      guard let found = try checkpoint.optimizerVariables() else { return nil }
      stored = found
    } catch {
      throw SettingsRefusal(error.problem)
    }
    if let refusal { throw SettingsRefusal("the settings are not written: \(refusal.reason)") }
    try requirePlace(isCompiled: optimizer != nil)
    guard model.trainsInOrder else {
      throw SettingsRefusal("the variables that are trained have another order there")
    }
    guard network.generation != .first else { throw SettingsRefusal("Keras 1 kept it otherwise") }
    guard let optimizer else {
      guard isWithinGeneration else {
        throw SettingsRefusal("nothing tells which optimizer it is of")
      }
      let state = try OptimizerState(
        stored, as: OptimizerLayout.possible(in: generation, for: model.trained))
      return (Self.variables(try state.unchanged()), nil)
    }
    let own = OptimizerLayout(optimizer, in: generation, for: model.trained)
    let state = try OptimizerState(stored, as: [own])
    if isWithinGeneration { return (Self.variables(try state.unchanged()), nil) }
    // Keras 3 does not add up the rows of a gradient that stand for one row of the variable, and so squares each.
    if model.trainsRows, !["SGD", "Lion"].contains(optimizer.className) {
      throw SettingsRefusal(
        "'\(optimizer.className)' trains an Embedding otherwise in the Keras that the file is for")
    }
    let targets = model.form.generations.map {
      OptimizerLayout(optimizer, in: $0, for: model.trained)
    }
    guard let target = targets.first, targets.allSatisfy({ $0 == target }) else {
      throw SettingsRefusal(
        "tf_keras and Keras 3 keep other variables, and the file is for both")
    }
    return (
      Self.variables(try state.mapped(to: target, of: optimizer)), try state.rate()
    )
  }

  /// Whether those who read the file go on with a state in it.
  private func requirePlace(isCompiled: Bool) throws(SettingsRefusal) {
    switch model.container {
    case .weights, .plain:
      throw SettingsRefusal("weights alone in the legacy layout have no place for it")
    case .fullModel where model.form != .second:
      // It builds the optimizer for the variables that stand outside of layers, and then can't train at all.
      // Source: keras/src/legacy/saving/legacy_h5_format.py: load_model_from_hdf5.
      throw SettingsRefusal("Keras 3 can't train a model of an .h5 with a state in it")
    case .fullModel, .archive:
      guard isCompiled else {
        throw SettingsRefusal("the file does not tell how to compile the model")
      }
    case .version3Weights: return
    }
  }

  private static func variables(_ state: [OptimizerState.Variable]) -> [KerasVariable] {
    state.map { variable in
      let parameter = Parameter(
        variable.name, of: "optimizer", role: .constant, shape: variable.shape,
        elementType: variable.elementType, source: variable.source)
      return KerasVariable(
        name: variable.name, shape: variable.shape, parameter: parameter, view: parameter.view)
    }
  }
}

extension KerasContainer {
  /// Whether it has a place for how a model was compiled.
  fileprivate var isWhole: Bool { self == .fullModel || self == .archive }
}
