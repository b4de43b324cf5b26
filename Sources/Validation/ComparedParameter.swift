import Darknet
import FileSupport
import Inference
import ModelGraph

/// An array of a model with the order in which both sides have its numbers.
struct ComparedParameter {
  let name: String
  /// What must be the same on both sides: of a network, how many numbers there are.
  let shape: Shape
  /// The extents of the array in the order that both sides share.
  let extents: [Int]
  /// What each of its axes is.
  let axes: [String]
  /// What it is for.
  let role: ParameterRole?
  /// `nil` if the file does not have it.
  let numbers: OrderedTensor?
  /// Whether it was worked out of numbers that a conversion had to round.
  var isRounded = false

  /// An array of a darknet layer.
  init(name: String, _ array: StoredArray, numbers: OrderedTensor?, isRounded: Bool = false) {
    self.name = name
    shape = [array.count]
    extents = array.shape.extents
    axes = TensorAxes.darknet(array.shape)
    role = array.role
    self.numbers = numbers
    self.isRounded = isRounded
  }

  /// A tensor of which nothing but the name is known.
  init(name: String, shape: Shape, numbers: OrderedTensor?) {
    self.name = name
    self.shape = shape
    extents = shape.extents
    axes = TensorAxes.keras(shape)
    role = nil
    self.numbers = numbers
  }

  /// A variable of a Keras layer.
  init(_ parameter: Parameter) {
    name = parameter.name
    shape = parameter.shape
    extents = parameter.shape.extents
    axes = TensorAxes.keras(parameter.shape)
    role = parameter.role
    numbers = parameter.source.map {
      OrderedTensor(source: $0, elementType: parameter.elementType, view: parameter.view)
    }
  }
}

/// Holds the numbers of two arrays against each other, band by band.
///
/// Numbers of one type must be equal to the bit. Those of two types are rounded to the less precise one
/// first: what was lost in storing them is no difference.
struct NumberComparison {
  /// How the numbers differ.
  struct Outcome {
    var count = 0
    /// The largest difference; infinite if one side is no number.
    var largest = 0.0
  }

  /// What a number may differ by, relative to itself; 0 for nothing, not even the sign of a zero.
  let rounding: Double

  fileprivate static let bandElements = 1 << 20

  /// - Throws: `ModelFileError` of either file.
  func outcome(_ a: OrderedTensor, _ b: OrderedTensor) throws(ModelFileError) -> Outcome {
    var outcome = Outcome()
    let first = try TensorBands(a)
    let second = try TensorBands(b)
    var position = 0
    while position < first.count {
      let range = position..<min(position + Self.bandElements, first.count)
      let x = try first.bytes(of: range)
      let y = try second.bytes(of: range)
      if a.elementType != b.elementType || !Memory.isSame(x, y) {
        compare(Band(x, a.elementType), Band(y, b.elementType), &outcome)
      }
      position = range.upperBound
    }
    return outcome
  }

  private func compare(_ a: Band, _ b: Band, _ outcome: inout Outcome) {
    let coarser = a.type.precision <= b.type.precision ? a.type : b.type
    for index in a.values.indices {
      let (x, y) = (a.values[index], b.values[index])
      if a.type == b.type {
        if a.bits(at: index).elementsEqual(b.bits(at: index)) { continue }
      } else if Self.isSame(x, y, roundedTo: coarser) {
        continue
      }
      let gap = abs(x - y)
      if rounding > 0, gap <= rounding * abs(x) { continue }
      outcome.count += 1
      outcome.largest = gap.isNaN ? .infinity : max(outcome.largest, gap)
    }
  }

  /// Programs round a double to a short type at once or by way of float32, which now and then makes the
  /// last bit another.
  private static func isSame(_ x: Double, _ y: Double, roundedTo type: ElementType) -> Bool {
    if x.isNaN || y.isNaN { return x.isNaN && y.isNaN }
    let byFloat = [x, y].map { type.rounded(Float($0)) }
    if byFloat[0].bitPattern == byFloat[1].bitPattern { return true }
    let atOnce = [x, y].map { type.rounded(Float(toOdd: $0)) }
    return type.isShort && atOnce[0].bitPattern == atOnce[1].bitPattern
  }

  /// Numbers of an array, and the bytes that they were read from.
  private struct Band {
    let type: ElementType
    let bytes: UnsafeRawBufferPointer
    let values: [Double]

    init(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) {
      self.type = type
      self.bytes = bytes
      if type == .float64 {
        values = (0..<bytes.count / 8).map {
          let bits = bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
          return Double(bitPattern: UInt64(littleEndian: bits))
        }
      } else {
        var floats: [Float] = []
        type.append(bytes, to: &floats)
        values = floats.map(Double.init)
      }
    }

    func bits(at index: Int) -> UnsafeRawBufferPointer.SubSequence {
      let size = type.byteCount
      return bytes[index * size..<(index + 1) * size]
    }
  }
}
