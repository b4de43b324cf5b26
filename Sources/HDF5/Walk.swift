import FileSupport

/// A link that a walk through a file has come to.
public struct WalkRow: Sendable {
  /// The names from the root group down, the link's own last.
  public let path: [LinkName]
  /// The link.
  public let link: Link
  /// The group that holds it.
  public let parent: Group
  /// Whether it leads back to a group that `path` goes through; the walk does not descend into it.
  public let closesCycle: Bool
}

extension HDF5File {
  /// Visits every path of hard links from the root group down, each group's links in byte order and
  /// before those of the next; an object with several paths is visited once for each.
  ///
  /// Soft and external links are visited and not followed. The walk keeps one group open per level.
  ///
  /// - Throws: what `body` throws; `ModelFileError` of kind `damaged` if a group can't be read, or if
  ///   there are more paths or levels than the file's ``HDF5Limits`` allow.
  public func walk(
    _ body: (WalkRow) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let limits = root.handle.session.limits
    var levels = [try Level(group: root, address: try root.address)]
    var rowCount = 0
    while let level = levels.indices.last {
      guard let link = levels[level].pending.popLast() else {
        levels.removeLast()
        continue
      }
      rowCount += 1
      guard rowCount <= limits.walkRows else {
        throw ModelFileError(
          .damaged, file: path, "has too many paths", expected: "at most \(limits.walkRows)")
      }
      let parent = levels[level].group
      let row = WalkRow(
        path: parent.path + [link.name], link: link, parent: parent,
        closesCycle: levels.contains { $0.isReached(by: link.target) })
      try body(row)
      guard case .hard(.group, let address) = link.target, !row.closesCycle else { continue }
      let group = try parent.group(named: link.name)
      guard levels.count < limits.walkDepth else {
        throw group.handle.site.error(
          .damaged, "lies too deep", expected: "at most \(limits.walkDepth) groups in one another")
      }
      levels.append(try Level(group: group, address: address))
    }
  }
}

/// A group on the way from the root to where a walk is.
private struct Level {
  let group: Group
  let address: UInt64
  /// The links still to visit, the next one last.
  var pending: [Link]

  init(group: Group, address: UInt64) throws(ModelFileError) {
    self.group = group
    self.address = address
    pending = try group.links().reversed()
  }

  func isReached(by target: Link.Target) -> Bool {
    guard case .hard(.group, let address) = target else { return false }
    return address == self.address
  }
}
