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
  /// - Parameters:
  ///   - flaw: is called with what is wrong with each group and object that can't be read; the walk goes
  ///     on with the others if it does not throw.
  ///   - body: is called with each link that leads to what can be read.
  /// - Throws: what `body` and `flaw` throw; `ModelFileError` of kind `damaged` if there are more paths or
  ///   levels than the file's ``HDF5Limits`` allow.
  public func walk(
    orFlaw flaw: (ModelFileError) throws(ModelFileError) -> Void = {
      (flaw) throws(ModelFileError) in throw flaw
    },
    _ body: (WalkRow) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let start = try root.object.read { root, _ in root.address }
    var levels = [try Level(group: root, address: start, orFlaw: flaw)]
    var reached: Set<UInt64> = [levels[0].address]
    var rowCount = 0
    // A few groups that lead to one another make as many paths as one likes.
    var pathBytes: UInt64 = 0
    let maximumPathBytes = max(limits.textBytes / 4, size / 4)
    while let level = levels.indices.last {
      guard let link = levels[level].pending.popLast() else {
        reached.remove(levels.removeLast().address)
        continue
      }
      rowCount += 1
      pathBytes += levels[level].pathBytes + UInt64(link.name.bytes.count + 16)
      guard rowCount <= limits.walkRows, pathBytes <= maximumPathBytes else {
        throw ModelFileError(
          .damaged, file: path, "has too many paths",
          expected: "at most \(limits.walkRows), of \(maximumPathBytes) bytes in all")
      }
      let parent = levels[level].group
      let row = WalkRow(
        path: parent.path + [link.name], link: link, parent: parent,
        closesCycle: link.isGroup(in: reached))
      try body(row)
      guard case .hard(.group, let address) = link.target, !row.closesCycle else { continue }
      guard levels.count < limits.walkDepth else {
        throw parent.object.location.child(link.name).error(
          .damaged, "lies too deep", expected: "at most \(limits.walkDepth) groups in one another")
      }
      do throws(ModelFileError) {
        let group = try parent.group(named: link.name)
        levels.append(try Level(group: group, address: address, orFlaw: flaw))
        reached.insert(address)
      } catch {
        try flaw(error)
      }
    }
  }
}

/// A group on the way from the root to where a walk is.
private struct Level {
  let group: Group
  let address: UInt64
  /// What the path to it takes, for the limit of paths.
  let pathBytes: UInt64
  /// The links still to visit, the next one last.
  var pending: [Link]

  init(
    group: Group, address: UInt64, orFlaw flaw: (ModelFileError) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    self.group = group
    self.address = address
    pathBytes = group.path.reduce(0) { $0 + UInt64($1.bytes.count + 16) }
    pending = try group.links(orFlaw: flaw).reversed()
  }
}

extension Link {
  /// Whether it leads to one of these groups.
  fileprivate func isGroup(in addresses: Set<UInt64>) -> Bool {
    guard case .hard(.group, let address) = target else { return false }
    return addresses.contains(address)
  }
}
