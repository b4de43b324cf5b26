import FileSupport

/// What is wrong with numbers that a file holds without being damaged.
enum Health {
  /// The complaints about an array, as phrases.
  ///
  /// - Parameters:
  ///   - name: the array's name; a variance is told by it.
  ///   - statistics: what its numbers are like.
  static func complaints(name: String, _ statistics: Statistics) -> [String] {
    var result: [String] = []
    func some(_ number: Int) -> String {
      "\(number) of \(statistics.count) \(number == 1 ? "is" : "are")"
    }
    if statistics.nans > 0 { result.append("\(some(statistics.nans)) NaN") }
    if statistics.infinities > 0 { result.append("\(some(statistics.infinities)) infinite") }
    if name.hasSuffix("variance"), statistics.minimum < 0 {
      result.append(
        "a variance is negative (\(statistics.minimum)), as after a shifted or foreign header")
    }
    if statistics.count > 1, statistics.zeros == statistics.count, cannotBeZero(name) {
      result.append("all \(statistics.count) are 0")
    }
    if statistics.maximum > 1e10 || statistics.minimum < -1e10 {
      result.append(
        "the largest magnitude is \(max(statistics.maximum, -statistics.minimum)), "
          + "as after a shifted or foreign header")
    }
    return result
  }

  /// Whether an array of zeros alone makes its layer useless: factors and variances do. What is added
  /// starts as zeros, and so does what an optimizer keeps.
  private static func cannotBeZero(_ name: String) -> Bool {
    ["weights", "scales", "variance", "kernel", "gamma", "embeddings"].contains(
      where: name.hasSuffix)
  }
}
