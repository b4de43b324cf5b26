extension Picture {
  /// Fills a rectangle, as far as it lies in the picture.
  mutating func fill(columns: Range<Int>, rows: Range<Int>, _ color: Color) {
    let columns = columns.clamped(to: 0..<width)
    for row in rows.clamped(to: 0..<height) {
      for column in columns { self[column, row] = color }
    }
  }

  /// Draws a line around a rectangle, inwards.
  mutating func outline(columns: Range<Int>, rows: Range<Int>, thickness: Int, _ color: Color) {
    let (left, right) = (columns.lowerBound, columns.upperBound)
    let (top, bottom) = (rows.lowerBound, rows.upperBound)
    let across = min(thickness, max(1, columns.count / 2))
    let down = min(thickness, max(1, rows.count / 2))
    fill(columns: columns, rows: top..<min(top + down, bottom), color)
    fill(columns: columns, rows: max(bottom - down, top)..<bottom, color)
    fill(columns: left..<min(left + across, right), rows: rows, color)
    fill(columns: max(right - across, left)..<right, rows: rows, color)
  }

  /// Draws a text with its upper left corner at a place.
  mutating func draw(_ text: DrawnText, x: Int, y: Int, _ color: Color) {
    for letter in text.letters where letter.width > 0 {
      for (index, coverage) in letter.coverage.enumerated() where coverage > 0 {
        let column = x + letter.x + index % letter.width
        let row = y + letter.y + index / letter.width
        guard (0..<width).contains(column), (0..<height).contains(row) else { continue }
        self[column, row] = self[column, row].mixed(with: color, Int(coverage))
      }
    }
  }

  subscript(column: Int, row: Int) -> Color {
    get {
      let place = 3 * (row * width + column)
      return Color(pixels[place], pixels[place + 1], pixels[place + 2])
    }
    set {
      let place = 3 * (row * width + column)
      pixels[place] = newValue.red
      pixels[place + 1] = newValue.green
      pixels[place + 2] = newValue.blue
    }
  }
}

extension Color {
  /// A colour between this one (0) and another one (255).
  func mixed(with other: Color, _ share: Int) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Int(a) * (255 - share) + Int(b) * share + 127) / 255)
    }
    return Color(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }

  /// Black or white, whichever is easier to read on this colour: the one with the higher contrast by WCAG 2.1's relative
  /// luminance.
  var legible: Color {
    func linear(_ part: UInt8) -> Double {
      let value = Double(part) / 255
      // Near enough to sRGB's curve to compare.
      return value * value
    }
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    return luminance > 0.18 ? .black : .white
  }

  /// A colour for a class: hues that lie as far apart as can be whatever the number of classes, since each is a golden
  /// angle from the one before it, in three brightnesses.
  static func ofClass(_ number: Int) -> Color {
    let hue = (Double(number) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1) * 6
    let value = [1.0, 0.8, 0.9][number % 3]
    let saturation = [0.85, 0.95, 0.65][number / 3 % 3]
    func part(_ shift: Double) -> UInt8 {
      let place = (hue + shift).truncatingRemainder(dividingBy: 6)
      let share = min(max(min(place, 4 - place), 0), 1)
      return UInt8((value * (1 - saturation * share) * 255).rounded())
    }
    return Color(part(5), part(3), part(1))
  }
}
