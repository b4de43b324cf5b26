import FileSupport

/// What of a file can't be read, gathered while the rest of it is described.
struct Flaws {
  private var kept: [ModelFileError] = []
  private var more = 0

  /// The most that are named; a hostile file has as many as it likes.
  private static let maximumCount = 100

  /// Takes in why something can't be read.
  ///
  /// - Throws: an error that concerns more than the thing that was to be read.
  mutating func take(_ error: ModelFileError) throws(ModelFileError) {
    guard error.kind == .damaged || error.kind == .unsupported else { throw error }
    guard !kept.contains(error) else { return }
    if kept.count < Self.maximumCount { kept.append(error) } else { more += 1 }
  }

  /// These and others.
  func joined(_ others: Flaws) throws(ModelFileError) -> Flaws {
    var result = self
    for flaw in others.kept { try result.take(flaw) }
    result.more += others.more
    return result
  }

  /// What the file is refused for in the end: damage, before what is only not supported.
  var failure: ModelFileError? { failureIndex.map { kept[$0] } }

  private var failureIndex: Int? { kept.firstIndex { $0.kind == .damaged } ?? kept.indices.first }

  /// The others, for the user to know of.
  func warnings(file: String) -> [ModelWarning] {
    var warnings = kept.enumerated().filter { $0.offset != failureIndex }.map { _, flaw in
      ModelWarning(file: file, at: flaw.places, "can't be read: \(flaw.problem)")
    }
    if more > 0 {
      warnings.append(ModelWarning(file: file, "\(more.counted("further thing")) can't be read"))
    }
    return warnings
  }
}
