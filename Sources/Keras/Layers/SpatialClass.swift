import FileSupport

/// The names of a class that there is for one, two and three spatial axes: `Conv1D`, `Conv2D`, ….
enum SpatialClass {
  /// The other names of a class that is called `stem2D` here.
  static func aliases(_ stem: String, _ ranks: [Int] = [1, 3], older: [String] = []) -> [String] {
    ranks.map { stem.replacing("#", with: "\($0)D") } + older
  }

  /// The number of spatial axes that the name of a class tells.
  static func rank(of className: String) throws(ModelFileError) -> Int {
    for rank in 1...3 where className.contains("\(rank)D") { return rank }
    throw ModelFileError(.unsupported, "the Keras layer class '\(className)' is not supported")
  }
}

extension String {
  fileprivate func replacing(_ mark: Character, with text: String) -> String {
    String(flatMap { $0 == mark ? Array(text) : [$0] })
  }
}
