import CHDF5
import FileSupport

/// Where an operation takes place, for its errors: the file and the object in it.
/// The empty path stands for the file as a whole and for its root group.
struct ObjectLocation: Sendable {
  let file: String
  let path: [LinkName]

  /// The same file, one link further down.
  func child(_ name: LinkName) -> ObjectLocation {
    ObjectLocation(file: file, path: path + [name])
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

  /// Runs `body` and adds this place to an error that does not tell its file.
  func locating<Result>(
    _ body: () throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    do throws(ModelFileError) {
      return try body()
    } catch {
      throw located(error)
    }
  }

  /// An error with this place, if it does not tell its file.
  func located(_ error: ModelFileError) -> ModelFileError {
    guard error.file == nil else { return error }
    return (path.isEmpty ? error : error.at(.path(path.pathText))).inFile(file)
  }

  /// An error after a call of libhdf5 failed, which only writes.
  func failure(_ problem: String) -> ModelFileError {
    var error = error(.inputOutput, problem)
    if let code = Library.failedSystemCall() {
      // A full disk is no matter of libhdf5's, nor of the object that it was just writing.
      error = ObjectLocation(file: file, path: []).error(
        .inputOutput, "can't be written", remedy: systemErrorRemedy(code))
      error.cause = systemErrorText(code)
    } else {
      error.cause = Library.errorText()
    }
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
