import FileSupport
import ModelGraph

extension ElementType {
  /// The distance from 1 to the next number of the type that a forward pass can see, which computes
  /// with float32.
  var epsilon: Double {
    switch self {
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: Double(Float.ulpOfOne)
    }
  }

  /// Bits that a number of the type has for what is not its power of two. Whole numbers are read as
  /// float32.
  var precision: Int {
    switch self {
    case .bfloat16: 8
    case .float16: 11
    case .float64: 53
    default: 24
    }
  }

  /// Whether it is shorter than float32.
  var isShort: Bool { precision < 24 }

  /// The nearest number of the type.
  func rounded(_ value: Float) -> Float {
    switch self {
    case .float16: value.roundedToHalf
    case .bfloat16: value.roundedToBrainFloat
    default: value
    }
  }
}

extension Float {
  /// The double itself, or of the two floats around it the one whose last bit is 1: rounded once more, to
  /// a type at least two bits shorter, it becomes what the double itself would become.
  init(toOdd value: Double) {
    let nearest = Float(value)
    guard nearest.isFinite, Double(nearest) != value, nearest.bitPattern & 1 == 0 else {
      self = nearest
      return
    }
    self = Double(nearest) < value ? nearest.nextUp : nearest.nextDown
  }
}
