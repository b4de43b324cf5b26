import FileSupport
import Inspection

extension ComparisonReport {
  /// The first difference of the layer that departs first, with its size; `nil` of a match.
  var firstSentence: String? {
    if let layer = departingLayer {
      return differingParameters.first { $0.layer == layer }?.sentence
        ?? differences.first { $0.layer == layer }?.sentence
    }
    return differences.first?.sentence ?? layers.first { !$0.matches }?.sentence
      ?? outputs.first { !$0.matches }?.sentence
  }

  /// `, likely cause: …`, or nothing where none was found.
  var causeSuffix: String { cause.map { ", likely cause: \($0)" } ?? "" }
}

extension HealthReport.Finding {
  /// `convolutional_3, weights: NaN (3 of 48)`
  var sentence: String { "\(layer), \(tensor): \(kind.rawValue) (\(detail))" }
}

extension ModelDifference {
  /// `convolutional_3: stride is 2, not 1`
  var sentence: String { "\(layer): \(option) is \(candidate), not \(reference)" }
}

extension ComparisonReport.Parameter {
  /// `convolutional_3.weights: 1 of 48 numbers differs, by 2.5`
  var sentence: String {
    "\(name): \(differing) of \(count.counted("number")) \(differing == 1 ? "differs" : "differ"), "
      + "by \(differing == 1 ? "" : "up to ")\(maximumAbsolute.shortened)"
  }
}

extension ComparisonReport.Layer {
  /// `convolutional_3: values differ by up to 0.25, relative 0.125, allowed 1.2e-06`
  var sentence: String {
    let (absolute, relative, allowed) = departure
    return "\(name): values differ by up to \(absolute.shortened), relative \(relative.shortened), "
      + "allowed \(allowed.shortened)"
  }
}

extension ComparisonReport.Port {
  /// What is not the same about an output.
  fileprivate var shapes: String {
    func text(_ shape: [Int?]?) -> String {
      guard let shape else { return "unknown" }
      return "(" + shape.map { $0.map { "\($0)" } ?? "any" }.joined(separator: ", ") + ")"
    }
    return "output \(name) of shape \(text(self.shape)) against \(candidateName) of shape "
      + text(candidateShape)
  }

  /// `output 0 …`: its values, if these were compared and differ, else its name and shape.
  var sentence: String {
    if let values, !values.matches { return values.sentence }
    return shapes
  }
}

extension Double {
  /// As few digits as tell a `Float` from the next ones.
  fileprivate var shortened: String { isFinite ? "\(Float(self))" : "\(self)" }
}
