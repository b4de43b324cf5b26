import FileSupport
import ModelGraph

/// Maxima whose windows darknet can't place, and those of images with zeros around them.
///
/// darknet leaves out what is outside the image. Where no number is negative, zeros outside change no maximum;
/// elsewhere they become cells of the image. Cells that shall not count become cells of −2¹⁰⁰, which is no maximum if
/// a number is larger.
enum PlacedMaxima: RewritingRule {
  static let name = "borders of maxima"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let pooling = operation as? Pooling, pooling.rule == .maximum, let input = inputs.first,
      pooling.window.size.count == 2
    else { return nil }
    let image = Place(input.node)
    if !input.hasNoMargins {
      if let joined = joined(pooling.window, input, rewriting) {
        return try rewriting.add(Pooling(.maximum, window: joined), to: [image])
      }
      return try rewriting.apply(pooling, to: [Place(try rewriting.value(of: input))])
    }
    let shape = rewriting.shape(of: input)
    let spatial = Array(shape.extents.prefix(2))
    let window = pooling.window
    guard window.size[0] == window.size[1], window.dilation == [1, 1],
      !(window.size == spatial && window.padding.allSatisfy { $0.before == 0 }),
      PoolPlacement(window, over: spatial, in: rewriting.dialect) == nil,
      seesImage(window, spatial)
    else { return nil }
    var bordered = image
    bordered.margins = window.padding
    var value = Place(try rewriting.value(of: bordered))
    if !rewriting.range(of: image).isNeverNegative {
      let floor = try lowFloor(around: image, margins: window.padding, rewriting)
      value = try rewriting.apply(Elementwise(.sum), to: [value, floor])
    }
    let inside = Window(size: window.size, strides: window.strides, padding: [.none, .none])
    return try rewriting.apply(Pooling(.maximum, window: inside), to: [value])
  }

  /// The window with the margins as its own padding, if that changes no maximum and darknet can place it.
  private static func joined(_ window: Window, _ place: Place, _ rewriting: Rewriting) -> Window? {
    guard rewriting.range(of: Place(place.node)).isNeverNegative,
      place.margins.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
    else { return nil }
    let joined = Window(
      size: window.size, strides: window.strides, dilation: window.dilation,
      padding: zip(window.padding, place.margins).map {
        Padding(before: $0.before.clampedSum($1.before), after: $0.after.clampedSum($1.after))
      })
    let spatial = Array(rewriting.shape(of: Place(place.node)).extents.prefix(2))
    guard PoolPlacement(joined, over: spatial, in: rewriting.dialect) != nil,
      seesImage(joined, spatial)
    else { return nil }
    return joined
  }

  /// Whether each window has a cell of the image: what has none is the smallest float in darknet.
  private static func seesImage(_ window: Window, _ spatial: [Int]) -> Bool {
    guard let result = try? window.outputExtents(of: spatial),
      result.allSatisfy({ $0 <= Rewriting.longest })
    else { return false }
    return (0..<2).allSatisfy { axis in
      window.cellCounts(axis: axis, of: spatial[axis], windows: result[axis]).allSatisfy { $0 > 0 }
    }
  }

  /// −2¹⁰⁰ around an image of zeros.
  private static func lowFloor(
    around image: Place, margins: [Padding], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place {
    let channels = rewriting.shape(of: image).extents[2]
    let ones = try rewriting.ones(like: image)
    var bordered = ones
    bordered.margins = margins
    let inside = Place(try rewriting.value(of: bordered))
    let extents = rewriting.shape(of: inside).extents
    return try rewriting.shared("floor \(extents[0]) \(extents[1]) \(margins) \(channels)") {
      () throws(ModelFileError) in
      try rewriting.apply(
        rewriting.perPixel(
          to: channels, factors: [[Rewriting.large]], offsets: [-Rewriting.large]), to: [inside])
    }
  }
}
