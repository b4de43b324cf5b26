import HDF5

/// Paths of variables inside a layer's group in Keras 3's layout: `cell/vars/0`.
enum VariablePath {
  /// The names of the objects that lead to the variables: `["cell"]`. The name that Keras 2.12 has for
  /// containers becomes Keras 3's.
  static func owner(of name: LinkName) -> [String] {
    let parts = name.bytes.split(separator: UInt8(ascii: "/")).dropLast(2)
    return parts.map { part in
      let link = LinkName(bytes: Array(part))
      return link == Version3Layout.containers[1]
        ? Version3Layout.containers[0].description : link.description
    }
  }

  /// The same with the last name as a private attribute of Python's, as tf_keras has some.
  static func `private`(_ owner: [String]) -> [String] {
    guard let last = owner.last else { return owner }
    return owner.dropLast() + ["_\(last)"]
  }

  /// The same variables under owners whose layers are counted without gaps: Keras 2.12 has `dense`,
  /// `dense_2` where Keras 3 has `dense`, `dense_1`.
  static func renumbered(_ positions: [[String]: [Int]]) -> [[String]: [Int]] {
    var numbers: [[String]: Set<Int>] = [:]
    for owner in positions.keys {
      for (prefix, name) in members(of: owner) {
        numbers[prefix + [name.stem.description], default: []].insert(name.number)
      }
    }
    var result: [[String]: [Int]] = [:]
    for (owner, places) in positions {
      var renamed = owner
      for (prefix, name) in members(of: owner) {
        let stem = name.stem.description
        let known = numbers[prefix + [stem]]?.sorted() ?? []
        let rank = known.firstIndex(of: name.number) ?? name.number
        renamed[prefix.count] = rank == 0 ? stem : "\(stem)_\(rank)"
      }
      result[renamed] = places
    }
    return result
  }

  /// The layers of containers that an owner's path goes through, each with what leads to it.
  private static func members(of owner: [String]) -> [(prefix: [String], name: NumberedName)] {
    let container = Version3Layout.containers[0].description
    return owner.indices.dropFirst().filter { owner[$0 - 1] == container }.map {
      (Array(owner[..<$0]), NumberedName(LinkName(owner[$0])))
    }
  }
}
