import Inference
import ModelGraph
import Testing

@testable import Training

@Suite struct PolicyTests {
  private func rates(_ policy: LearningRateSchedule.Policy, burnIn: Int = 0) -> [Double] {
    let schedule = LearningRateSchedule(rate: 0.1, policy: policy, burnIn: burnIn, power: 2)
    return (1...4).map { schedule.rate(afterSteps: $0) }
  }

  private func expect(_ found: [Double], _ wanted: [Double]) {
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func eachPolicyFollowsItsFormula() {
    expect(rates(.constant), [0.1, 0.1, 0.1, 0.1])
    expect(rates(.step(every: 2, scale: 0.1)), [0.1, 0.01, 0.01, 0.001])
    expect(
      rates(.steps([(at: 2, scale: 0.5), (at: 4, scale: 0.1)])), [0.1, 0.05, 0.05, 0.005])
    expect(rates(.exponential(gamma: 0.5)), [0.05, 0.025, 0.0125, 0.00625])
    expect(rates(.polynomial(maximum: 4)), [0.05625, 0.025, 0.00625, 0])
    expect(rates(.sigmoid(gamma: 0, step: 9)), [0.05, 0.05, 0.05, 0.05])
  }

  /// pjreddie's count is unsigned and wraps before `step`: his rate is 0 there.
  @Test func sigmoidCountsBelowItsStep() {
    let found = rates(.sigmoid(gamma: -1, step: 2))
    expect(found, [-1.0, 0, 1, 2].map { 0.1 / (1 + Formula.exponential(-$0)) })
  }

  @Test func warmUpPrecedesThePolicy() {
    expect(rates(.constant, burnIn: 4), [0.00625, 0.025, 0.05625, 0.1])
  }

  @Test func warmRestartsBeginANewCycle() {
    let found = rates(.warmRestarts(minimum: 0, cycle: 2, growth: 2))
    expect(found, [0.05, 0, 0.1 * (1 + 0.5.squareRoot()) / 2, 0.05])
  }
}
