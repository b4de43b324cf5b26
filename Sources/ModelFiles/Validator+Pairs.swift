import FileSupport
import Validation

extension Validator {
  /// Checks pairs, several at the same time, and tells what came of each in their order.
  ///
  /// A pair that can't be checked does not keep the others from it. No more than `jobs` pairs are held in memory, and
  /// what came of a few that are done before an earlier one.
  ///
  /// - Parameters:
  ///   - pairs: the pairs.
  ///   - jobs: how many are checked at the same time.
  ///   - onResult: is called for each pair on the caller's thread; if it throws, no more pairs are begun.
  /// - Throws: what `onResult` does.
  public func check(
    _ pairs: [PairManifest.Pair], jobs: Int,
    onResult: (PairManifest.Pair, Result<ValidationReport, ModelFileError>)
      throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    try OrderedQueue.run(
      pairs, jobs: jobs, work: { self.result(of: $0.subject, options: $0.options) },
      onResult: onResult)
  }
}
