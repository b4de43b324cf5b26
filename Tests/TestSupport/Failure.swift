import FileSupport
import Testing

/// The error that `body` throws; the test fails if it throws none, or another type of error.
public func failure(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Any
) throws -> ModelFileError {
  let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) {
    _ = try body()
  }
  return try #require(error, sourceLocation: sourceLocation)
}
