import FileSupport

/// A box around something in a picture, with what it is.
public struct Annotation: Sendable {
  /// The columns that it spans, in pixels; it may reach beyond the picture.
  public var columns: ClosedRange<Double>
  /// The rows.
  public var rows: ClosedRange<Double>
  /// What stands at it.
  public var label: String
  /// Which of the classes it is of: each has a colour of its own.
  public var classNumber: Int

  /// An annotation.
  public init(
    columns: ClosedRange<Double>, rows: ClosedRange<Double>, label: String, classNumber: Int
  ) {
    self.columns = columns
    self.rows = rows
    self.label = label
    self.classNumber = classNumber
  }
}

extension Picture {
  /// The picture with boxes around what was found, and their labels above them (or in them, where there is no room). Lines
  /// and letters grow with the picture.
  ///
  /// - Parameters:
  ///   - annotations: the boxes; later ones are drawn over earlier ones, and all labels over all boxes.
  ///   - font: the font of the labels.
  /// - Throws: `ModelFileError` of the font.
  public func annotated(
    with annotations: [Annotation], font: Font
  ) throws(ModelFileError) -> Picture {
    var result = self
    let side = min(width, height)
    let thickness = max(1, side / 200)
    for annotation in annotations {
      let (columns, rows) = pixels(of: annotation)
      let color = Color.ofClass(annotation.classNumber)
      // A dark seam keeps the line visible on a background of its own colour.
      result.outline(
        columns: columns.lowerBound - 1..<columns.upperBound + 1,
        rows: rows.lowerBound - 1..<rows.upperBound + 1, thickness: thickness + 2,
        color.legible == .black ? .black : .white)
      result.outline(columns: columns, rows: rows, thickness: thickness, color)
    }
    for annotation in annotations where !annotation.label.isEmpty {
      try result.label(annotation, size: max(10, min(48, side / 30)), font)
    }
    return result
  }

  private mutating func label(
    _ annotation: Annotation, size: Int, _ font: Font
  ) throws(ModelFileError) {
    let (columns, rows) = pixels(of: annotation)
    let color = Color.ofClass(annotation.classNumber)
    let text = try font.draw(annotation.label, size: size)
    let margin = max(1, size / 5)
    let (wide, high) = (text.width + 2 * margin, text.height + margin)
    let x = max(0, min(columns.lowerBound, width - wide))
    let above = rows.lowerBound - high
    let y = above >= 0 ? above : max(0, min(rows.lowerBound, height - high))
    fill(columns: x..<(x + wide), rows: y..<(y + high), color)
    draw(text, x: x + margin, y: y + margin / 2, color.legible)
  }

  /// The pixels that an annotation spans, as far as the picture goes; at least one.
  private func pixels(of annotation: Annotation) -> (Range<Int>, Range<Int>) {
    func whole(_ range: ClosedRange<Double>, _ count: Int) -> Range<Int> {
      let lower = min(max(range.lowerBound, 0), Double(count - 1))
      let upper = min(max(range.upperBound, lower + 1), Double(count))
      return Int(lower)..<max(Int(lower) + 1, Int(upper.rounded()))
    }
    return (whole(annotation.columns, width), whole(annotation.rows, height))
  }
}
