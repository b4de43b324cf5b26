import CHDF5
import FileSupport

/// Where an operation takes place, for its errors: the file, the object in it, and which way data goes.
/// The empty path stands for the file as a whole and for its root group.
struct Site: Sendable {
  let file: String
  let path: [LinkName]
  let isWriting: Bool

  /// The same file, one link further down.
  func child(_ name: LinkName) -> Site {
    Site(file: file, path: path + [name], isWriting: isWriting)
  }

  /// An error at this place that libhdf5 has nothing to say about.
  func error(
    _ kind: ModelFileError.Kind, _ problem: String, expected: String? = nil, found: String? = nil,
    remedy: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      kind, file: file, at: path.isEmpty ? [] : [.path(path.pathText)], problem,
      expected: expected, found: found, remedy: remedy)
  }

  /// An error after a call of libhdf5 failed: damage where we read, an output error where we write.
  func failure(_ problem: String) -> ModelFileError {
    var error = error(isWriting ? .inputOutput : .damaged, problem)
    error.cause = Library.errorText()
    return error
  }

  /// Takes an identifier that libhdf5 returned.
  func owned(_ raw: hid_t, or problem: String) throws(ModelFileError) -> OwnedIdentifier {
    guard raw >= 0 else { throw failure(problem) }
    return OwnedIdentifier(raw: raw)
  }

  /// Checks a status that libhdf5 returned: negative means failure.
  func check(_ status: Int32, or problem: String) throws(ModelFileError) {
    guard status >= 0 else { throw failure(problem) }
  }
}
