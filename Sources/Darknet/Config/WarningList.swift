import FileSupport

/// Warnings about a cfg, of which only so many are kept: a hostile one earns a million.
struct WarningList {
  /// The most that are kept.
  static let maximumCount = 1000

  private var kept: [ModelWarning] = []
  private var omitted = 0

  /// Adds a warning.
  mutating func append(_ warning: ModelWarning) {
    if kept.count < Self.maximumCount { kept.append(warning) } else { omitted += 1 }
  }

  /// Adds warnings.
  mutating func append(_ warnings: [ModelWarning]) {
    for warning in warnings { append(warning) }
  }

  /// Those that were kept, and how many were not.
  func all(inFile path: String) -> [ModelWarning] {
    omitted == 0
      ? kept : kept + [ModelWarning(file: path, "\(omitted) more warnings are left out")]
  }
}
