import FileSupport

/// What a model's numbers say of it, without another to hold it against: the document of `nnfmt validate MODEL`.
///
/// A finding is what no program that trains, initializes or converts leaves behind. What is merely odd is none:
/// `spec/health.md` tells where the line is drawn, and why.
public struct HealthReport: Sendable {
  /// Something that is wrong with a tensor.
  public struct Finding: Sendable, Equatable {
    /// What is wrong.
    public enum Kind: String, CaseIterable, Sendable {
      /// Some numbers are no numbers.
      case notANumber = "NaN"
      /// Some are infinite.
      case infinite = "infinite"
      /// A variance is below 0.
      case negativeVariance = "negative variance"
      /// A kernel, or a variance, is all zeros.
      case zeros = "zeros"
      /// A kernel is one number over and over.
      case constant = "constant"
      /// Sizes are spread as those of random bytes.
      case randomLooking = "random-looking"
      /// Numbers are larger than any that training leaves.
      case huge = "huge"
      /// Most numbers are too small to be normal ones.
      case denormal = "denormal"
      /// A kernel is that of another layer.
      case equalTensors = "equal tensors"
    }

    /// The layer.
    public let layer: String
    /// The tensor within it.
    public let tensor: String
    /// What is wrong.
    public let kind: Kind
    /// How many numbers, or which ones.
    public let detail: String
  }

  /// The file.
  public let file: String
  /// How much of the model is there; `nil` where nothing can be missing.
  public let status: Summary.Status?
  /// How many tensors were looked at.
  public private(set) var tensors = 0
  /// What is wrong, in the model's order.
  public private(set) var findings: [Finding] = []
  /// What the user should know.
  public let warnings: [ModelWarning]

  /// Whether nothing is wrong.
  public var isHealthy: Bool { findings.isEmpty }

  /// Looks at a file that was read with statistics and digests.
  public init(_ summary: Summary) {
    file = summary.file
    status = summary.status
    warnings = summary.warnings
    for layer in summary.layers {
      for parameter in layer.parameters {
        guard let statistics = parameter.statistics else { continue }
        tensors += 1
        let tensor = Checkup(parameter.name, statistics)
        for (kind, detail) in tensor.findings {
          findings.append(
            Finding(layer: layer.name, tensor: parameter.name, kind: kind, detail: detail))
        }
      }
    }
    findings += Self.equalKernels(summary.layers)
  }

  /// Kernels of two layers that are equal to the bit. In a model that was not trained that may be meant: initializers of
  /// one seed give the same numbers.
  private static func equalKernels(_ layers: [Summary.Layer]) -> [Finding] {
    var findings: [Finding] = []
    var seen: [String: (layer: String, tensor: String)] = [:]
    for layer in layers where isTrained(layer) {
      for parameter in layer.parameters {
        guard let digest = parameter.sha256, let statistics = parameter.statistics,
          Checkup(parameter.name, statistics).isKernel, statistics.count >= 8,
          statistics.minimum != statistics.maximum
        else { continue }
        if let other = seen[digest], other.layer != layer.name {
          findings.append(
            Finding(
              layer: layer.name, tensor: parameter.name, kind: .equalTensors,
              detail: "has the numbers of \(other.layer), \(other.tensor)"))
        }
        seen[digest] = seen[digest] ?? (layer.name, parameter.name)
      }
    }
    return findings
  }

  /// Whether a layer has a vector that is not as it was initialized.
  private static func isTrained(_ layer: Summary.Layer) -> Bool {
    layer.parameters.contains { parameter in
      guard let statistics = parameter.statistics else { return false }
      return !Checkup(parameter.name, statistics).isKernel && statistics.count > 1
        && statistics.minimum != statistics.maximum
    }
  }

  /// The document.
  public var json: JSONValue {
    [
      "healthy": .bool(isHealthy), "file": .string(file),
      "status": status.map { .string($0.rawValue) } ?? .null, "tensors": JSONValue(tensors),
      "findings": .array(
        findings.map {
          [
            "layer": .string($0.layer), "tensor": .string($0.tensor),
            "kind": .string($0.kind.rawValue), "detail": .string($0.detail),
          ]
        }),
      "warnings": .array(warnings.map { .string($0.description) }),
    ]
  }
}

/// The numbers of one tensor, by what its name says it is.
private struct Checkup {
  private let name: Substring
  private let statistics: Statistics

  init(_ name: String, _ statistics: Statistics) {
    // `conv/kernel:0`, `input_z.weights`
    let last = name.split { $0 == "/" || $0 == "." }.last ?? ""
    self.name = last.prefix { $0 != ":" }
    self.statistics = statistics
  }

  /// Whether it multiplies what the layer takes.
  var isKernel: Bool {
    name == "weights" || name == "embeddings" || name.hasSuffix("kernel")
  }

  private var isVariance: Bool { name.hasSuffix("variance") }
  /// What is gathered from data has their size.
  private var isGathered: Bool { isVariance || name.hasSuffix("mean") || name.hasSuffix("count") }

  private func some(_ number: Int) -> String { "\(number) of \(statistics.count)" }

  var findings: [(HealthReport.Finding.Kind, String)] {
    var findings: [(HealthReport.Finding.Kind, String)] = []
    if statistics.nans > 0 { findings.append((.notANumber, some(statistics.nans))) }
    if statistics.infinities > 0 { findings.append((.infinite, some(statistics.infinities))) }
    if statistics.denormals * 2 > statistics.count, statistics.count > 1 {
      findings.append((.denormal, some(statistics.denormals)))
    }
    let range = "from \(statistics.minimum) to \(statistics.maximum)"
    // Of random bytes every third number is beyond 10¹², in a trained model none.
    if statistics.count >= 8, statistics.giants * 10 > statistics.count {
      return findings + [(.randomLooking, range)]
    }
    if statistics.giants > 0 || !isGathered && statistics.beyond > 0 {
      findings.append((.huge, range))
    }
    // Darknet leaves channels that are dead with what is left of 0.
    if isVariance, statistics.minimum < -0x1p-126 { findings.append((.negativeVariance, range)) }
    if isKernel || isVariance, statistics.count > 1, statistics.zeros == statistics.count {
      findings.append((.zeros, "all \(statistics.count)"))
    } else if isKernel, statistics.count >= 8, statistics.minimum == statistics.maximum {
      findings.append((.constant, "all \(statistics.count) are \(statistics.minimum)"))
    }
    return findings
  }
}
