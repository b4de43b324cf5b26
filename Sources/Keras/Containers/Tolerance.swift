import FileSupport

extension StoreOpener {
  /// What `body` makes, or `substitute` where that can't be read and damage is tolerated; the first damage is
  /// noted.
  func tolerating<Result>(
    _ damage: inout ModelFileError?, or substitute: Result,
    _ body: () throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    do throws(ModelFileError) {
      return try body()
    } catch {
      guard toleratesDamage, error.kind == .damaged || error.kind == .unsupported else {
        throw error
      }
      damage = damage ?? error
      return substitute
    }
  }
}
