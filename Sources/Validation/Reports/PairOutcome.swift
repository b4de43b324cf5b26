import FileSupport

/// What came of checking a model, by the name that reports call the pair by.
public struct PairOutcome: Sendable {
  /// What reports call the pair.
  public let name: String
  /// What the model was held against: another one, or a recording; `nil` if it was looked at alone.
  public let reference: String?
  /// The model that was checked.
  public let candidate: String
  /// What was found, or why the check can't be made.
  public let result: Result<ValidationReport, ModelFileError>
  /// The exit code that the pair would have by itself.
  public let exitCode: Int32

  /// An outcome.
  public init(
    name: String, reference: String?, candidate: String,
    result: Result<ValidationReport, ModelFileError>, exitCode: Int32
  ) {
    self.name = name
    self.reference = reference
    self.candidate = candidate
    self.result = result
    self.exitCode = exitCode
  }

  /// The report's verdict, or `error`.
  public var verdict: String {
    switch result {
    case .success(let report): report.verdict
    case .failure: "error"
    }
  }

  /// What is wrong, in one line; `nil` where nothing is.
  public var problem: String? {
    switch result {
    case .success(let report): report.problem?.escapedForTerminal
    case .failure(let error): error.headline
    }
  }
}

extension PairOutcome {
  /// The document of a pair that was checked by itself: its report's, or why there is none.
  var document: JSONValue {
    switch result {
    case .success(let report): return report.json
    case .failure(let error):
      let error = error.json(exitCode: exitCode)
      guard let reference else {
        return ["healthy": false, "file": .string(candidate), "error": error]
      }
      return [
        "match": false, "reference": .string(reference), "candidate": .string(candidate),
        "error": error,
      ]
    }
  }

  /// An element of the document of many pairs.
  var element: JSONValue {
    var members: JSONObject = [
      "name": .string(name), "reference": reference.map(JSONValue.string) ?? .null,
      "candidate": .string(candidate), "result": .string(verdict),
      "exit_code": .integer(Int64(exitCode)),
      "problem": problem.map(JSONValue.string) ?? .null,
    ]
    switch result {
    case .success(.comparison(let report)): members["comparison"] = report.json
    case .success(.health(let report)): members["health"] = report.json
    case .failure(let error): members["error"] = error.json(exitCode: exitCode)
    }
    return .object(members)
  }
}

extension ModelFileError {
  /// The first line of the message: the file, the place in it and what is wrong.
  fileprivate var headline: String {
    String(description.prefix { $0 != "\n" })
  }

  fileprivate func json(exitCode: Int32) -> JSONValue {
    var members: JSONObject = ["exit_code": .integer(Int64(exitCode))]
    if let file { members["file"] = .string(file) }
    members["message"] = .string(description)
    return .object(members)
  }
}

/// How many pairs came to what.
public struct OutcomeCount: Sendable, Equatable {
  /// Pairs of which nothing is wrong.
  public private(set) var passed = 0
  /// Pairs that don't match, or are not healthy.
  public private(set) var failed = 0
  /// Pairs that can't be checked.
  public private(set) var errors = 0
  /// The largest exit code of a pair.
  public private(set) var exitCode: Int32 = 0

  /// None so far.
  public init() {}

  /// All pairs.
  public var pairs: Int { passed + failed + errors }

  /// Counts one more.
  public mutating func add(_ outcome: PairOutcome) {
    switch outcome.result {
    case .success(let report) where report.passes: passed += 1
    case .success: failed += 1
    case .failure: errors += 1
    }
    exitCode = max(exitCode, outcome.exitCode)
  }

  /// `4 pairs: 2 passed, 1 failed, 1 can't be checked`
  public var summary: String {
    var text = "\(pairs.counted("pair")): \(passed) passed"
    if failed > 0 { text += ", \(failed) failed" }
    if errors > 0 { text += ", \(errors) can't be checked" }
    return text
  }

  var json: JSONValue {
    [
      "pairs": JSONValue(pairs), "passed": JSONValue(passed), "failed": JSONValue(failed),
      "errors": JSONValue(errors), "exit_code": .integer(Int64(exitCode)),
    ]
  }
}
