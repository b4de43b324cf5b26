import FileSupport
import Inspection
import ModelGraph

extension ComparedModel {
  /// The tensors of the layers that have their numbers, by the names and in the order that both models of a
  /// comparison share.
  package var tensors: [ModelContents.Tensor] {
    layers.prefix(layersLoaded).flatMap { layer in
      layer.parameters.compactMap { parameter in
        parameter.numbers.map { numbers in
          let prefix = "\(layer.name)."
          let isOwn = parameter.name.hasPrefix(prefix)
          var tensor = ModelContents.Tensor(
            layer: isOwn ? layer.name : nil,
            array: isOwn ? String(parameter.name.dropFirst(prefix.count)) : parameter.name,
            shape: parameter.shape, typeName: numbers.elementType.rawValue, numbers: numbers)
          if parameter.isRounded { tensor.rounding = Comparison.roundingOfAdjusted }
          return tensor
        }
      }
    }
  }

  /// What differs in the options of two models that are written in two vocabularies, and what is only written
  /// otherwise; by the rules of a comparison of what they compute.
  ///
  /// - Throws: `ModelFileError` if they can't be compared.
  package static func options(
    _ a: ComparedModel, _ b: ComparedModel
  ) throws(ModelFileError) -> (
    differences: [ModelDifference], equivalent: [ModelDifference], unknown: [String]
  ) {
    let pairing = try ModelPairing(a, b)
    let proof = ConfigurationProof(a, b, pairing)
    let interface = InterfaceComparison(a, b)
    let known = interface.differences + pairing.differences
    return (
      known + proof.outcome.differences.filter { !pairing.differences.contains($0) },
      interface.renamed + proof.outcome.equivalent, proof.outcome.unknown
    )
  }
}
