import FileSupport
import ModelGraph

/// BatchNormalization with the source's ε.
extension BatchNormalization: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let epsilon: Double
    var adjustment = ValueAdjustment.none
    switch divisor {
    case .rootOfSum(let own):
      epsilon = own
    case .sumWithRoot(let own):
      // Keras has ε under the root. With ε² there the variance never has to become negative to make
      // up for it: (√v + ε)² − ε² = v + 2ε√v.
      epsilon = own * own
      adjustment = .variance(besideRoot: own, insideRoot: epsilon)
    }
    let layer = KerasLayers.BatchNormalization(
      epsilon: epsilon, centers: biases != nil, scales: scales != nil)
    var variables = [
      "moving_mean": VariableContent(mean),
      "moving_variance": VariableContent(variance, view: variance.view, adjustment: adjustment),
    ]
    variables["gamma"] = scales.map { VariableContent($0) }
    variables["beta"] = biases.map { VariableContent($0) }
    return try context.main(layer, on: try context.input(), variables: variables)
  }
}
