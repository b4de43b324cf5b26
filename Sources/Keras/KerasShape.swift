import FileSupport
import ModelGraph

/// The shape of a value in a Keras model, without the batch axis. An extent that the model leaves open
/// is `nil`: the height and width of a fully convolutional network, the length of a sequence.
public struct KerasShape: Sendable, Hashable {
  /// The extents.
  public let extents: [Int?]

  /// A shape of these extents.
  public init(_ extents: [Int?]) { self.extents = extents }

  /// A shape without open extents.
  public init(_ shape: Shape) { extents = shape.extents }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The shape, if no extent is open.
  public var known: Shape? {
    let known = extents.compactMap(\.self)
    return known.count == extents.count ? Shape(known) : nil
  }

  /// The number of elements, if no extent is open.
  public var elementCount: Int? { known?.elementCount }

  /// An axis as Keras counts them (the batch is 0, −1 is the last), as a position in `extents`.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if there is no such axis.
  func position(ofAxis axis: Int) throws(ModelFileError) -> Int {
    let position = axis < 0 ? rank + axis : axis - 1
    guard extents.indices.contains(position) else {
      throw ModelFileError(
        .damaged, at: [.option("axis")], "there is no such axis", found: "axis \(axis) of \(self)")
    }
    return position
  }

  /// Several axes likewise.
  func positions(ofAxes axes: [Int]) throws(ModelFileError) -> [Int] {
    var positions: [Int] = []
    for axis in axes { positions.append(try position(ofAxis: axis)) }
    return positions
  }

  /// The shape of a variable with a number for each place along some axes.
  func extents(alongAxes axes: [Int]) throws(ModelFileError) -> Shape {
    var extents: [Int] = []
    for position in try positions(ofAxes: axes) { extents.append(try extent(position)) }
    return Shape(extents)
  }

  /// An extent that a variable depends on.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is open.
  func extent(_ position: Int) throws(ModelFileError) -> Int {
    guard extents.indices.contains(position) else {
      throw ModelFileError(.damaged, "takes a value with more axes", found: "\(self)")
    }
    return try extents[position].closed()
  }

  /// The last extent.
  func lastExtent() throws(ModelFileError) -> Int { try extent(rank - 1) }
}

extension Int? {
  /// The number.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is open.
  func closed() throws(ModelFileError) -> Int {
    guard let self else {
      throw ModelFileError(.unsupported, "depends on an extent that the model leaves open")
    }
    return self
  }
}

extension KerasShape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// `[nil, nil, 3]`
  public init(arrayLiteral elements: Int?...) { extents = elements }

  /// The extents between brackets, open ones as Keras prints them.
  public var description: String {
    "[\(extents.map { $0.map(String.init) ?? "None" }.joined(separator: ", "))]"
  }
}

extension ImageLayout {
  /// The extent of the channels.
  func channels(of shape: KerasShape) -> Int? {
    shape.rank == 0 ? 1 : shape.extents[channelAxis(rank: shape.rank)]
  }

  /// The extents without the channels.
  func spatial(of shape: KerasShape) -> [Int?] {
    var extents = shape.extents
    if !extents.isEmpty { extents.remove(at: channelAxis(rank: shape.rank)) }
    return extents
  }

  /// Puts channels and spatial extents together.
  func shape(channels: Int?, spatial: [Int?]) -> KerasShape {
    KerasShape(self == .channelsFirst ? [channels] + spatial : spatial + [channels])
  }
}

extension [KerasShape] {
  /// The only input of a layer that takes one.
  func single() throws(ModelFileError) -> KerasShape {
    guard count == 1, let first else {
      throw ModelFileError(
        .damaged, "takes another number of inputs", expected: "1", found: "\(count)")
    }
    return first
  }

  /// The only input, which must have this many axes.
  func single(rank: Int) throws(ModelFileError) -> KerasShape {
    let shape = try single()
    guard shape.rank == rank else {
      throw ModelFileError(
        .damaged, "takes a value of another rank", expected: "\(rank) axes", found: "\(shape)")
    }
    return shape
  }

  /// The first input, where a layer takes states or masks behind it.
  func main() throws(ModelFileError) -> KerasShape {
    guard let first else {
      throw ModelFileError(.damaged, "takes nothing", expected: "at least one input")
    }
    return first
  }

  /// The shape of an element-wise combination: the larger of the extents, axis by axis, where an
  /// extent of 1 is repeated. Fewer axes stand for leading ones of extent 1.
  func broadcast() throws(ModelFileError) -> KerasShape {
    var result = try main().extents
    for shape in dropFirst() {
      let rank = Swift.max(result.count, shape.rank)
      let one = [Int?](repeating: 1, count: rank - result.count) + result
      let other = [Int?](repeating: 1, count: rank - shape.rank) + shape.extents
      result = []
      for (left, right) in zip(one, other) {
        switch (left, right) {
        case (1, let extent), (let extent, 1), (nil, let extent), (let extent, nil):
          result.append(extent)
        case (let left, let right):
          guard left == right else {
            throw ModelFileError(
              .damaged, "combines values whose shapes don't fit", found: "\(self)")
          }
          result.append(left)
        }
      }
    }
    return KerasShape(result)
  }
}

extension KerasShape {
  /// The shape, which has no open extents.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it has.
  func closed() throws(ModelFileError) -> Shape {
    var closed: [Int] = []
    for extent in extents { closed.append(try extent.closed()) }
    return Shape(closed)
  }
}
