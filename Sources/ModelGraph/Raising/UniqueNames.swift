/// Names of which no two are the same.
public struct UniqueNames: Sendable {
  private var taken: Set<String> = []
  /// The highest number behind each name so far.
  private var counts: [String: Int] = [:]

  /// No names yet.
  public init() {}

  /// Takes a name.
  ///
  /// - Returns: whether it was free. Names out of a file may be the same text in other bytes.
  public mutating func take(_ name: String) -> Bool { taken.insert(name).inserted }

  /// The name, or one with the lowest number behind it that is free, from 2 on: `conv_2`. It is not taken by that.
  public mutating func unused(_ wanted: String) -> String {
    var name = wanted
    while taken.contains(name) {
      let count = counts[wanted, default: 1] + 1
      counts[wanted] = count
      name = "\(wanted)_\(count)"
    }
    return name
  }
}
