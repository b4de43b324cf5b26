/// What the numbers of an array are like.
public struct Statistics: Sendable, Equatable {
  /// How many there are.
  public internal(set) var count = 0
  /// The smallest of those that are numbers and finite; NaN if there is none.
  public internal(set) var minimum = Double.nan
  /// The largest of those.
  public internal(set) var maximum = Double.nan
  /// How many are 0.
  public internal(set) var zeros = 0
  /// How many are no number.
  public internal(set) var nans = 0
  /// How many are infinite.
  public internal(set) var infinities = 0
  /// How many are not 0, but nearer to it than the smallest normal float32.
  internal private(set) var denormals = 0
  /// How many are beyond 10⁶, finite.
  internal private(set) var beyond = 0
  /// How many are beyond 10¹², finite.
  internal private(set) var giants = 0
  /// Sums are of distances from the first number: far from 0, squares of the numbers themselves would
  /// drown the deviation in their rounding.
  private var origin = Double.nan
  private var sum = 0.0
  private var squares = 0.0

  /// The mean of the finite ones; NaN if there is none.
  public var mean: Double { origin + sum / Double(finiteCount) }

  /// The standard deviation of the finite ones (of the whole, not of a sample); NaN if there is none.
  public var deviation: Double {
    guard finiteCount > 0 else { return .nan }
    let shift = sum / Double(finiteCount)
    return max(squares / Double(finiteCount) - shift * shift, 0).squareRoot()
  }

  private var finiteCount: Int { count - nans - infinities }

  /// Takes in more numbers.
  mutating func add(_ values: some Sequence<Double>) {
    var low = minimum.isNaN ? Double.infinity : minimum
    var high = maximum.isNaN ? -Double.infinity : maximum
    for value in values {
      count += 1
      guard value.isFinite else {
        if value.isNaN { nans += 1 } else { infinities += 1 }
        continue
      }
      let size = abs(value)
      if value == 0 {
        zeros += 1
      } else if size < 0x1p-126 {
        denormals += 1
      } else if size > 1e6 {
        beyond += 1
        if size > 1e12 { giants += 1 }
      }
      low = min(low, value)
      high = max(high, value)
      if origin.isNaN { origin = value }
      let distance = value - origin
      sum += distance
      squares += distance * distance
    }
    if low <= high {
      minimum = low
      maximum = high
    }
  }
}
