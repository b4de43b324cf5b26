import FileSupport

/// For which Keras a file is written, and so in whose words its configuration is.
public enum KerasForm: String, CaseIterable, Sendable {
  /// Words that tf_keras and Keras 3 both know, in the places where both look for them.
  case both
  /// tf_keras's own.
  case second = "2"
  /// Keras 3's own.
  case third = "3"

  /// The generations that are to load the file.
  public var generations: [LoadingGeneration] {
    switch self {
    case .both: [.second, .third]
    case .second: [.second]
    case .third: [.third]
    }
  }

  /// Whether calls, modules and types are written in the way of Keras 3, which tf_keras does not know.
  var isThird: Bool { self == .third }

  /// The version that the file names. Where tf_keras is to read it, it must begin with 2: without that it takes weights for
  /// those of Keras 1 and rearranges some, and a 3 would promise a configuration in Keras 3's form.
  var kerasVersion: String { isThird ? "3.15.1" : "2.15.0" }

  /// What each generation finds by name.
  var names: [KerasNames] { generations.map { $0 == .second ? .second : .third } }

  /// As messages call those who are to load the file.
  var readers: String { generations.map(\.name).joined(separator: " and ") }
}
