import FileSupport
import ModelGraph

/// Zeros around an image, and cells that are cut off: what takes the image puts them there, if it is a convolution or
/// a maximum; else a convolution of each channel that copies does.
enum Margins: RewritingRule {
  static let name = "borders"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard inputs.count == 1, rewriting.shape(of: inputs[0]).rank == 3 else { return nil }
    switch operation {
    case let zeros as Pad where zeros.value == 0 && zeros.margins[2].total == 0:
      return try padded(inputs[0], zeros, rewriting)
    case let slice as Slice:
      guard let cut = slice.margins(of: rewriting.shape(of: inputs[0])), cut[2] == .none else {
        return nil
      }
      var place = inputs[0]
      for axis in 0..<2 {
        place.margins[axis] = Padding(
          before: place.margins[axis].before.clampedSum(-cut[axis].before),
          after: place.margins[axis].after.clampedSum(-cut[axis].after))
      }
      return place
    default: return nil
    }
  }

  /// More zeros on a side where cells were cut off are no longer the cells that were there.
  private static func padded(
    _ place: Place, _ zeros: Pad, _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let sides = zip(place.margins, zeros.margins)
    let isCut = sides.contains { old, new in
      (old.before < 0 && new.before > 0) || (old.after < 0 && new.after > 0)
    }
    var result = isCut ? Place(try rewriting.value(of: place)) : place
    for axis in 0..<2 {
      result.margins[axis] = Padding(
        before: result.margins[axis].before.clampedSum(zeros.margins[axis].before),
        after: result.margins[axis].after.clampedSum(zeros.margins[axis].after))
    }
    return result
  }
}
