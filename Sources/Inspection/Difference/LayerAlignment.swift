import HDF5

/// Which layers of two files are the same ones.
struct LayerAlignment {
  /// The position in the second file, for each layer of the first one.
  private(set) var partners: [Int?]
  /// The layers of the second file that have no partner.
  private(set) var unpaired: [Int] = []

  /// The most pairs that are looked at; files with more layers are paired by position.
  private static let maximumPairs = 1 << 23

  init(_ a: ModelContents, _ b: ModelContents) {
    if a.namesArePlaces && b.namesArePlaces {
      partners = Self.inOrder(a.layers, b.layers)
    } else {
      partners = Self.byName(a.layers, b.layers)
    }
    let taken = Set(partners.compactMap(\.self))
    unpaired = b.layers.indices.filter { !taken.contains($0) }
  }

  /// Layers by name. Where as many of the same kinds are left in the same order, those have new names.
  private static func byName(_ a: [ModelContents.Layer], _ b: [ModelContents.Layer]) -> [Int?] {
    // A damaged configuration may have two layers of one name: the first is the first's partner.
    var places = Dictionary(grouping: b.indices.reversed(), by: { LinkName(b[$0].name) })
    var partners = a.map { places[LinkName($0.name)]?.popLast() }
    let taken = Set(partners.compactMap(\.self))
    let left = a.indices.filter { partners[$0] == nil }
    let others = b.indices.filter { !taken.contains($0) }
    if left.map({ a[$0].kind }) == others.map({ b[$0].kind }) {
      for (one, other) in zip(left, others) { partners[one] = other }
    }
    return partners
  }

  /// Layers without names of their own, in an order that both files share: the alignment by which the most are
  /// the same, or at least of the same kind.
  private static func inOrder(_ a: [ModelContents.Layer], _ b: [ModelContents.Layer]) -> [Int?] {
    let signatures = (a + b).map { layer in
      layer.options.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
    }
    func likeness(_ i: Int, _ j: Int) -> Int32 {
      guard a[i].kind == b[j].kind else { return 0 }
      return signatures[i] == signatures[a.count + j] ? 3 : 2
    }
    guard a.count.multipliedReportingOverflow(by: b.count).partialValue <= maximumPairs else {
      return a.indices.map { b.indices.contains($0) && likeness($0, $0) > 0 ? $0 : nil }
    }
    // best[i][j]: how alike the layers from i and from j on can be made.
    let width = b.count + 1
    var best = [Int32](repeating: 0, count: (a.count + 1) * width)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        let same = likeness(i, j)
        let paired = same > 0 ? same + best[(i + 1) * width + j + 1] : 0
        best[i * width + j] = max(paired, best[(i + 1) * width + j], best[i * width + j + 1])
      }
    }
    var partners = [Int?](repeating: nil, count: a.count)
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      let same = likeness(i, j)
      if same > 0, best[i * width + j] == same + best[(i + 1) * width + j + 1] {
        partners[i] = j
        (i, j) = (i + 1, j + 1)
      } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    return partners
  }
}
