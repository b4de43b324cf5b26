import FileSupport
import ModelGraph

extension YoloHead: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    decoding.apply(to: node.inputs[0], node)
  }

  /// The entries of a box: x, y, w, h, objectness, classes.
  var decoding: EntryDecoding {
    EntryDecoding(
      entries: classes + 5, raw: usesNewCoordinates ? 0..<(classes + 5) : 2..<4, moved: [0, 1],
      scale: scaleXY)
  }

  /// The head's value of an entry of a box.
  package func decoded(_ entry: Int, _ v: Double) -> Double { decoding.value(of: entry, v) }
}

extension GaussianYoloHead: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    decoding.apply(to: node.inputs[0], node)
  }

  /// The entries of a box: x μ, x σ, y μ, y σ, w μ, w σ, h μ, h σ, objectness, classes.
  var decoding: EntryDecoding {
    EntryDecoding(entries: classes + 9, raw: [4, 6], moved: [0, 2], scale: scaleXY)
  }

  /// The head's value of an entry of a box.
  package func decoded(_ entry: Int, _ v: Double) -> Double { decoding.value(of: entry, v) }
}

/// What becomes of the channels of a head, `entries` planes for each box: a logistic, but of those that stay raw; then
/// `v · scale − (scale − 1) / 2` of those that are moved.
struct EntryDecoding: Sendable {
  let entries: Int
  let isRaw: [Bool]
  let isMoved: [Bool]
  let scale: Double

  init(entries: Int, raw: some Sequence<Int>, moved: [Int], scale: Double) {
    self.entries = entries
    var flags = [Bool](repeating: false, count: entries)
    for entry in raw { flags[entry] = true }
    isRaw = flags
    isMoved = flags.indices.map(moved.contains)
    self.scale = scale
  }

  /// The value of an entry of a box.
  func value(of entry: Int, _ v: Double) -> Double {
    let value = isRaw[entry] ? v : Formula.logistic(v)
    return isMoved[entry] ? value * scale - (scale - 1) / 2 : value
  }

  /// The value of every number of a head.
  fileprivate func apply<Scalar>(
    to input: TensorOf<Scalar>, _ node: KernelContext<Scalar>
  ) -> TensorOf<Scalar> {
    let image = node.image(input)
    let area = image.shape.extents[2] * image.shape.extents[3]
    var result = image.values
    for plane in 0..<(image.shape.extents[0] * image.shape.extents[1]) {
      let entry = plane % image.shape.extents[1] % entries
      for index in (plane * area)..<((plane + 1) * area) {
        result[index] = Scalar(value(of: entry, Double(result[index])))
      }
    }
    return node.imageResult(result)
  }
}

extension RegionHead: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let entries = coordinates + 1 + classes
    let groups = try groups()
    let area = image.shape.extents[2] * image.shape.extents[3]
    var result = image.values
    for sample in 0..<image.batch {
      for box in 0..<boxes {
        for cell in 0..<area {
          // In the planar input an entry follows the other a plane later.
          let planar = (sample * boxes + box) * entries * area + cell
          let numbers = (0..<entries).map { Double(image.values[planar + $0 * area]) }
          let decoded = decode(numbers, groups)
          let first =
            isPlanar ? planar : ((sample * area + cell) * boxes + box) * entries
          let step = isPlanar ? area : 1
          for entry in 0..<entries { result[first + entry * step] = Scalar(decoded[entry]) }
        }
      }
    }
    return node.imageResult(result)
  }

  /// The groups of the tree of classes, if there is one.
  package func groups() throws(ModelFileError) -> [Int]? {
    guard let sizes = try classGroups?.get() else { return nil }
    guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == classes else {
      throw ModelFileError(
        .damaged, "the tree holds another number of classes", expected: "\(classes)",
        found: "\(sizes.reduce(0, +))")
    }
    return sizes
  }

  /// The entries of one box: coordinates, objectness, classes.
  package func decode(_ numbers: [Double], _ groups: [Int]?) -> [Double] {
    var result = numbers
    let classes = (coordinates + 1)...
    if !hasBackground { result[coordinates] = Formula.logistic(numbers[coordinates]) }
    if isPlanar {
      for entry in 0..<min(2, coordinates) { result[entry] = Formula.logistic(numbers[entry]) }
    }
    if let groups {
      result.replaceSubrange(
        classes, with: Formula.softmax(Array(numbers[classes]), sizes: groups))
    } else if usesSoftmax {
      let exclusive = (hasBackground ? coordinates : coordinates + 1)...
      result.replaceSubrange(exclusive, with: Formula.softmax(Array(numbers[exclusive])))
    } else if isPlanar {
      result.replaceSubrange(classes, with: numbers[classes].map(Formula.logistic))
    }
    return result
  }
}

extension GridHead: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    guard usesSoftmax, classes > 0 else { return node.inputs[0] }
    var result = node.inputs[0].values
    let count = node.inputs[0].sampleCount
    for sample in 0..<node.batch {
      // The classes of all cells stand in front.
      for cell in 0..<(side * side) {
        let part = (sample * count + cell * classes)..<(sample * count + (cell + 1) * classes)
        let chances = Formula.softmax(result[part].map(Double.init))
        result.replaceSubrange(part, with: chances.map(Scalar.init))
      }
    }
    return node.result(result)
  }
}
