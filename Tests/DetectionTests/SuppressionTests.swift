import Darknet
import Detection
import Testing

struct SuppressionTests {
  private func candidate(
    _ x: Float, _ width: Float, _ classes: [(Int, Float)]
  ) -> Candidate {
    Candidate(
      box: Box(x: x, y: 0.5, width: width, height: 0.2),
      classes: classes.map { (number: $0.0, probability: $0.1) })
  }

  @Test func theLikeliestStays() {
    let found = HeadDescription.Suppression.overlap.objects(
      among: [
        candidate(0.5, 0.2, [(0, 0.6)]), candidate(0.51, 0.2, [(0, 0.9)]),
        candidate(0.9, 0.1, [(0, 0.3)]),
      ], threshold: 0.45)
    #expect(found.map(\.probability) == [0.9, 0.3])
  }

  @Test func classesAreForThemselves() {
    let found = HeadDescription.Suppression.overlap.objects(
      among: [candidate(0.5, 0.2, [(0, 0.6), (1, 0.7)]), candidate(0.5, 0.2, [(1, 0.4)])],
      threshold: 0.45)
    #expect(found.map(\.classNumber) == [1, 0])
  }

  @Test func zeroLeavesAll() {
    let found = HeadDescription.Suppression.overlap.objects(
      among: [candidate(0.5, 0.2, [(0, 0.6)]), candidate(0.5, 0.2, [(0, 0.9)])], threshold: 0)
    #expect(found.count == 2)
  }

  /// Boxes of which one lies in a corner of the other: their centres are far apart for what they share.
  @Test func distanceCounts() {
    let candidates = [candidate(0.5, 0.4, [(0, 0.9)]), candidate(0.6, 0.2, [(0, 0.6)])]
    #expect(
      HeadDescription.Suppression.overlap.objects(among: candidates, threshold: 0.45).count == 1)
    #expect(
      HeadDescription.Suppression.distance(power: 0.6)
        .objects(among: candidates, threshold: 0.45).count == 2)
  }
}
