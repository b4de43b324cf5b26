import Darknet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension BoxDecoder {
  /// `region_layer.c`: `get_region_boxes` of AlexeyAB's, `get_region_detections` of pjreddie's.
  func region(
    _ values: [Float], _ threshold: Float, _ form: HeadDescription.RegionForm
  ) -> [Candidate] {
    let area = grid.width * grid.height
    let entries = form.coordinates + 1 + head.classes
    var candidates: [Candidate] = []
    for cell in 0..<area {
      for number in 0..<head.boxes {
        let first =
          form.isPlanar
          ? number * entries * area + cell : (cell * head.boxes + number) * entries
        let step = form.isPlanar ? area : 1
        let entry = { (index: Int) in values[first + index * step] }
        var objectness = form.hasBackground ? 1 : entry(form.coordinates)
        if form.needsCertainty, objectness < 0.5 { objectness = 0 }
        let classes = classes(
          objectness, threshold, isPlanar: form.isPlanar
        ) { entry(form.coordinates + 1 + $0) }
        guard !classes.isEmpty else { continue }
        let anchor = anchor(number)
        let place = { (index: Int) in form.isPlanar ? entry(index) : Self.logistic(entry(index)) }
        candidates.append(
          Candidate(
            box: Box(
              x: (Float(cell % grid.width) + place(0)) / Float(grid.width),
              y: (Float(cell / grid.width) + place(1)) / Float(grid.height),
              width: scaled(entry(2), anchor.width, grid.width),
              height: scaled(entry(3), anchor.height, grid.height)),
            classes: classes))
      }
    }
    return candidates
  }

  private func classes(
    _ objectness: Float, _ threshold: Float, isPlanar: Bool, _ entry: (Int) -> Float
  ) -> [(number: Int, probability: Float)] {
    guard let tree else {
      // pjreddie's looks at the objectness first; no class is likelier than that.
      return (0..<head.classes).compactMap { index in
        let probability = objectness * entry(index)
        return probability > threshold ? (index, probability) : nil
      }
    }
    guard objectness > threshold else { return [] }
    var chances = (0..<head.classes).map(entry)
    for (index, parent) in tree.parents.enumerated() where parent >= 0 {
      chances[index] *= chances[parent]
    }
    if isPlanar { return [(top(of: tree, chances), objectness)] }
    // The last class in the order of the file that is likely: those lower in the tree stand behind those above them.
    return chances.lastIndex { $0 > Self.treeThreshold }
      .flatMap { chances[$0] > 0 ? [($0, chances[$0])] : nil } ?? []
  }

  /// `tree.c: hierarchy_top_prediction`: down the tree as long as it is likely enough.
  private func top(of tree: ClassTree, _ chances: [Float]) -> Int {
    var offsets = [0]
    for size in tree.groupSizes { offsets.append((offsets.last ?? 0) + size) }
    var children = [Int](repeating: -1, count: tree.parents.count)
    for (group, offset) in offsets.dropLast().enumerated() {
      let parent = tree.parents[offset]
      if parent >= 0 { children[parent] = group }
    }
    var chance: Float = 1
    var group = 0
    // A file may say that classes stand above each other in a circle.
    for _ in tree.groupSizes {
      let members = offsets[group]..<offsets[group + 1]
      var best = 0
      var largest: Float = 0
      for member in members where chances[member] > largest {
        best = member
        largest = chances[member]
      }
      guard chance * largest > Self.treeThreshold else {
        return group == 0 ? best : max(0, tree.parents[members.lowerBound])
      }
      chance *= largest
      guard children[best] >= 0 else { return best }
      group = children[best]
    }
    return 0
  }

  private static func logistic(_ value: Float) -> Float { Float(1 / (1 + exp(-Double(value)))) }

  /// `detection_layer.c: get_detection_detections`.
  func grid(
    _ values: [Float], _ threshold: Float, _ form: HeadDescription.GridForm
  ) -> [Candidate] {
    let (side, area) = (form.side, form.side * form.side)
    var candidates: [Candidate] = []
    for cell in 0..<area {
      for number in 0..<head.boxes {
        let box = cell * head.boxes + number
        let objectness = values[area * head.classes + box]
        let classes = (0..<head.classes).compactMap { index -> (number: Int, probability: Float)? in
          let probability = objectness * values[cell * head.classes + index]
          return probability > threshold ? (index, probability) : nil
        }
        guard !classes.isEmpty else { continue }
        let first = area * (head.classes + head.boxes) + box * form.coordinates
        let extent = { (value: Float) in form.storesRoots ? value * value : value }
        candidates.append(
          Candidate(
            box: Box(
              x: (values[first] + Float(cell % side)) / Float(side),
              y: (values[first + 1] + Float(cell / side)) / Float(side),
              width: extent(values[first + 2]), height: extent(values[first + 3])),
            classes: classes))
      }
    }
    return candidates
  }
}
