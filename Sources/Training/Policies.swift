import Inference
import ModelGraph

extension LearningRateSchedule {
  /// η of the step that makes the number of steps done *n* (`network.c: get_current_rate`): the first
  /// step of a new network asks for `n = 1`.
  ///
  /// Counts are taken as signed numbers: pjreddie's are unsigned, which makes his sigmoid policy
  /// infinitely slow before its `step`.
  public func rate(afterSteps n: Int) -> Double {
    if n < burnIn {
      return rate * Formula.power(Double(n) / Double(burnIn), power)
    }
    switch policy {
    case .constant: return rate
    case .step(let every, let scale): return rate * Formula.power(scale, Double(n / every))
    case .steps(let boundaries):
      return boundaries.prefix { $0.at <= n }.reduce(rate) { $0 * $1.scale }
    case .exponential(let gamma): return rate * Formula.power(gamma, Double(n))
    case .polynomial(let maximum):
      return rate * Formula.power(1 - Double(n) / Double(maximum), power)
    case .sigmoid(let gamma, let step):
      return rate / (1 + Formula.exponential(gamma * Double(n - step)))
    case .warmRestarts(let minimum, let cycle, let growth):
      return cosine(n, minimum: minimum, cycle: cycle, growth: growth)
    }
  }

  private func cosine(_ n: Int, minimum: Double, cycle: Int, growth: Int) -> Double {
    var start = 0
    var length = cycle
    while start + length < n {
      start += length
      length = length.clampedProduct(growth)
    }
    let part = Double(n - start) / Double(length)
    return minimum + (rate - minimum) / 2 * (1 + Formula.cosine(part * .pi))
  }
}
