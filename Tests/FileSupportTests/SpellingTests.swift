import Testing

@testable import FileSupport

struct SpellingTests {
  @Test(arguments: [
    ("inspct", "inspect"), ("isnpect", "inspect"), ("CONVERT", "convert"), ("trian", "train"),
    ("convolutonal", "convolutional"), ("leakey", "leaky"), ("batch_normalise", "batch_normalize"),
    ("alexey", "alexeyab"), ("siez", "size"),
  ])
  func meant(word: String, expected: String) {
    let words = [
      "inspect", "convert", "train", "convolutional", "leaky", "batch_normalize", "alexeyab",
      "size",
    ]
    #expect(Spelling.nearest(to: word, among: words) == expected)
  }

  /// No silly guesses.
  @Test(arguments: [
    "", "x", "rn", "0.3", "onnx", "nonesuch", "tflite", String(repeating: "a", count: 5000),
  ])
  func notMeant(word: String) {
    #expect(
      Spelling.nearest(to: word, among: ["h5", "0.1", "run", "diff", "keras", "darknet"]) == nil)
  }

  @Test func theNearestCounts() {
    #expect(Spelling.nearest(to: "maxpol", among: ["avgpool", "maxpool"]) == "maxpool")
    #expect(Spelling.question(for: "rin", among: ["run"]) == "did you mean 'run'?")
  }

  @Test(arguments: [("", "ab", 2), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "abc", 0)])
  func distances(one: String, other: String, distance: Int) {
    #expect(Spelling.distance(Array(one), Array(other)) == distance)
    #expect(Spelling.distance(Array(other), Array(one)) == distance)
  }
}
