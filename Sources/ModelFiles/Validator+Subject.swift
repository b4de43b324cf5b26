import FileSupport
import Validation

extension Validator {
  /// What is checked: a model, by what it is held against.
  public enum Subject: Sendable, Equatable {
    /// The one that is right.
    case model(_ candidate: String, reference: String)
    /// What was recorded of it, or of one that is right.
    case values(_ model: String, recording: String)
    /// What every healthy model is.
    case health(_ model: String)

    /// The path of the model.
    public var candidate: String {
      switch self {
      case .model(let path, _), .values(let path, _), .health(let path): path
      }
    }

    /// The path of what it is held against, if it is a file or a folder.
    public var reference: String? {
      switch self {
      case .model(_, let path), .values(_, let path): path
      case .health: nil
      }
    }
  }

  /// What a check finds, or why it can't be made.
  package func result(
    of subject: Subject, options: Options, onProgress: ((Int, Int) -> Void)? = nil
  ) -> Result<ValidationReport, ModelFileError> {
    do throws(ModelFileError) {
      let report: ValidationReport =
        switch subject {
        case .model(let candidate, let reference):
          .comparison(
            try compare(reference, with: candidate, options: options, onProgress: onProgress))
        case .values(let model, let recording):
          .comparison(try expect(recording, of: model, options: options, onProgress: onProgress))
        case .health(let model): .health(try health(of: model, options: options))
        }
      return .success(report)
    } catch {
      return .failure(error)
    }
  }
}
