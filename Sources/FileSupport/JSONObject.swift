/// The members of a JSON object in their order.
///
/// Invariant: `positions` has the place in `members` of each key and nothing else.
public struct JSONObject: Sendable {
  private var members: [(key: String, value: JSONValue)] = []
  private var positions: [ByteKey: Int] = [:]

  /// A key that is compared and hashed by its bytes.
  private struct ByteKey: Hashable {
    let text: String

    static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    func hash(into hasher: inout Hasher) {
      for byte in text.utf8 { hasher.combine(byte) }
      hasher.combine(0xFF as UInt8)
    }
  }

  /// An object without members.
  public init() {}

  /// An object with these members; of members with the same key the last gives the value.
  public init(_ members: [(String, JSONValue)]) {
    for (key, value) in members { self[key] = value }
  }

  /// The keys in order.
  public var keys: [String] { members.map(\.key) }

  /// The number of members.
  public var count: Int { members.count }

  /// The value of a key, by the bytes of its UTF-8.
  ///
  /// Setting a key that is there keeps its place (Python's `dict` does the same, so a key that stands
  /// twice in a document has its last value at its first place); `nil` removes it.
  public subscript(key: String) -> JSONValue? {
    get { positions[ByteKey(text: key)].map { members[$0].value } }
    set {
      let name = ByteKey(text: key)
      switch (positions[name], newValue) {
      case (let position?, let value?):
        members[position].value = value
      case (nil, let value?):
        positions[name] = members.count
        members.append((key, value))
      case (let position?, nil):
        members.remove(at: position)
        positions[name] = nil
        for later in position..<members.count {
          positions[ByteKey(text: members[later].key)] = later
        }
      case (nil, nil):
        break
      }
    }
  }
}

extension JSONObject: Sequence {
  /// Walks the members in order.
  public func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> {
    members.makeIterator()
  }
}

extension JSONObject: Equatable, ExpressibleByDictionaryLiteral {
  /// Whether both have the same keys with the same values, in whatever order.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
  }

  /// Keys with their values, in the order of the source.
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
