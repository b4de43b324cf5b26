/// Something that a user should know, though the work can be done.
public struct ModelWarning: Sendable, Equatable, CustomStringConvertible {
  /// The file that it is about.
  public var file: String?
  /// Where in the file, from the coarse to the fine.
  public var places: [ModelFileError.Place]
  /// What is odd, and what is made of it.
  public var message: String

  /// Makes a warning.
  public init(file: String? = nil, at places: [ModelFileError.Place] = [], _ message: String) {
    self.file = file
    self.places = places
    self.message = message
  }

  /// `FILE: PLACE, PLACE: MESSAGE`
  public var description: String {
    var parts: [String] = []
    if let file { parts.append(file.escapedForTerminal) }
    if !places.isEmpty { parts.append(places.map(\.description).joined(separator: ", ")) }
    parts.append(message)
    return parts.joined(separator: ": ")
  }
}
