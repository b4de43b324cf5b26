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
    if statistics.nans > 0 { result.append("\(statistics.nans) of \(statistics.count) are NaN") }
    if statistics.infinities > 0 {
      result.append("\(statistics.infinities) of \(statistics.count) are infinite")
    }
    if name.hasSuffix("variance"), statistics.minimum < 0 {
      result.append(
        "a variance is negative (\(statistics.minimum)), as after a shifted or foreign header")
    }
    let mayBeZero = name.hasSuffix("biases") || name.hasSuffix("mean")
    if statistics.count > 1, statistics.zeros == statistics.count, !mayBeZero {
      result.append("all \(statistics.count) are 0")
    }
    if statistics.maximum > 1e10 || statistics.minimum < -1e10 {
      result.append(
        "the largest magnitude is \(max(statistics.maximum, -statistics.minimum)), "
          + "as after a shifted or foreign header")
    }
    return result
  }
}
