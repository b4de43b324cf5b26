import CImages
import FileSupport

/// A font that text is drawn with, by FreeType.
///
/// Invariant: the handle is this object's alone, and lives as long as it.
public final class Font {
  private let handle: OpaquePointer
  private let path: String

  /// Opens a TrueType or OpenType font.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it is none.
  public init(path: String) throws(ModelFileError) {
    _ = try InputFile(path: path)
    let message = LibraryMessage()
    guard let handle = nn_font_open(path, message.buffer) else {
      throw ModelFileError(
        .damaged, file: path, "is no font that can be used",
        expected: "a TrueType or OpenType font",
        cause: message.text)
    }
    self.handle = handle
    self.path = path
  }

  deinit { nn_font_close(handle) }

  /// Whether it has letters for all of a text.
  public func has(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { nn_font_has(handle, $0.value) != 0 }
  }

  /// A text as it is drawn.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - size: how large the font is, in pixels.
  /// - Throws: `ModelFileError` of kind `damaged` if the font is broken.
  public func draw(_ text: String, size: Int) throws(ModelFileError) -> DrawnText {
    let message = LibraryMessage()
    var (ascent, descent): (Int32, Int32) = (0, 0)
    guard nn_font_resize(handle, Int32(size), &ascent, &descent, message.buffer) == 0 else {
      throw broken(message)
    }
    var result = DrawnText(ascent: Int(ascent), height: Int(ascent + descent))
    var pen = 0
    for scalar in text.unicodeScalars {
      var glyph = nn_glyph()
      guard nn_font_glyph(handle, scalar.value, &glyph, message.buffer) == 0 else {
        throw broken(message)
      }
      let (width, height) = (Int(glyph.width), Int(glyph.height))
      // A font may say anything of its letters.
      guard (0...4096).contains(width), (0...4096).contains(height), Int(glyph.stride) >= width
      else { throw broken(message) }
      var coverage: [UInt8] = []
      coverage.reserveCapacity(width * height)
      for row in 0..<height {
        guard let bytes = glyph.coverage else { break }
        coverage += UnsafeBufferPointer(start: bytes + row * Int(glyph.stride), count: width)
      }
      result.letters.append(
        DrawnText.Letter(
          x: pen / 64 + Int(glyph.left), y: result.ascent - Int(glyph.top), width: width,
          coverage: coverage))
      pen += Int(glyph.advance)
    }
    result.width = (pen + 63) / 64
    return result
  }

  private func broken(_ message: LibraryMessage) -> ModelFileError {
    ModelFileError(.damaged, file: path, "is a font that is damaged", cause: message.text)
  }
}

/// A text in pixels.
public struct DrawnText: Sendable {
  /// How much of each pixel a letter covers.
  struct Letter: Sendable {
    /// From the left edge of the text.
    let x: Int
    /// From its top edge.
    let y: Int
    let width: Int
    let coverage: [UInt8]
  }

  /// How far letters reach above the base line.
  let ascent: Int
  /// Rows, with what hangs below the base line.
  public let height: Int
  /// Columns.
  public internal(set) var width = 0
  var letters: [Letter] = []

  init(ascent: Int, height: Int) {
    self.ascent = ascent
    self.height = height
  }
}
