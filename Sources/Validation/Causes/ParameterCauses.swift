import FileSupport
import ModelGraph

/// What makes the numbers of one layer depart: what every trial is given.
struct LayerEvidence {
  let layer: String
  /// The tensors of the layer that differ, in order.
  let departing: [DepartingTensor]
  /// All tensors of both models.
  let model: ModelNumbers

  /// The only tensor of the layer that differs.
  var single: DepartingTensor? { departing.count == 1 ? departing[0] : nil }

  /// Whether the tensors of other layers are all the same.
  var isAlone: Bool { model.departing.count == departing.count }

  /// A cause in this layer; the tensor is named where only one of it differs.
  func cause(_ kind: LikelyCause.Kind, _ detail: String? = nil) -> LikelyCause {
    LikelyCause(kind, layer: layer, tensor: single?.name, detail: detail)
  }

  /// The name of a tensor beside that of its layer.
  func shortName(_ name: String) -> String {
    name.hasPrefix("\(layer).") ? String(name.dropFirst(layer.utf8.count + 1)) : name
  }

  /// The details of all tensors, each by its name if there are several.
  func joined(_ details: [String?]) -> String? {
    guard departing.count > 1 else { return details.first ?? nil }
    return zip(departing, details).map { tensor, detail in
      [shortName(tensor.name), detail].compactMap(\.self).joined(separator: ": ")
    }.joined(separator: "; ")
  }

  /// A cause that is to explain each tensor by itself.
  ///
  /// - Parameter trial: what is found of a tensor; `nil` if the cause does not explain it.
  func each(
    _ kind: LikelyCause.Kind, _ trial: (DepartingTensor) -> Explanation?
  ) -> LikelyCause? {
    var details: [String?] = []
    for tensor in departing {
      guard let found = trial(tensor) else { return nil }
      details.append(found.detail)
    }
    return cause(kind, joined(details))
  }
}

/// Something that may have happened to the numbers of a layer.
protocol CauseTrial {
  /// The cause; `nil` if it does not explain every number that differs.
  ///
  /// - Throws: `ModelFileError` of either file.
  static func cause(_ evidence: LayerEvidence) throws(ModelFileError) -> LikelyCause?
}

/// That a tensor is explained, and what there is to say of it.
struct Explanation {
  var detail: String?
}

/// Tries what may have happened to the numbers of the first layer that departs, the most particular first. What is named
/// explains every number of the layer that differs.
struct ParameterCauses {
  private let model: ModelNumbers

  init(_ model: ModelNumbers) {
    self.model = model
  }

  /// The trials in order.
  private static var trials: [any CauseTrial.Type] {
    [
      NotFinite.self, FlippedBit.self, Truncation.self, ByteOrder.self, SwappedTensors.self,
      TransposedKernel.self, GateOrder.self, ShiftedNumbers.self, ChannelOrder.self,
      FlippedSign.self, ReducedPrecision.self, Quantization.self, CarriedEpsilon.self,
      VarianceForm.self, Scaling.self,
      CopiedTensor.self, ChangedNumbers.self, StaleTensor.self,
    ]
  }

  /// The cause; `nil` if nothing explains the layer.
  ///
  /// - Throws: `ModelFileError` of either file.
  func cause() throws(ModelFileError) -> LikelyCause? {
    guard let first = model.departing.first else { return nil }
    let layer = model.entries[first].layer
    let positions = model.departing.prefix { model.entries[$0].layer == layer }
    let numbers = positions.reduce(0) { $0.clampedSum(model.entries[$1].count) }
    // Both sides of each, and what a trial works out of them.
    guard numbers.clampedProduct(4 * MemoryLayout<Float>.size) <= SystemMemory.budget else {
      return nil
    }
    var departing: [DepartingTensor] = []
    for position in positions {
      let reference = try model.numbers(position, .reference)
      let candidate = try model.numbers(position, .candidate)
      guard
        let tensor = DepartingTensor(
          position: position, model.entries[position], reference: reference, candidate: candidate)
      else { return nil }
      departing.append(tensor)
    }
    let evidence = LayerEvidence(layer: layer, departing: departing, model: model)
    for trial in Self.trials {
      if let cause = try trial.cause(evidence) { return cause }
    }
    return nil
  }
}
