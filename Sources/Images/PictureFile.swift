import CImages
import FileSupport

/// Reads pictures, as darknet does (`image.c: load_image_stb`, which uses stb_image): 8 bits a colour, without transparency,
/// without gamma, as they are stored: how a camera was held (EXIF) plays no part.
public enum PictureFile {
  /// A form of pictures, told by a file's first bytes.
  enum Form {
    case png
    case jpeg

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
      if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
        self = .png
      } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else {
        return nil
      }
    }

    var name: String {
      switch self {
      case .png: "PNG"
      case .jpeg: "JPEG"
      }
    }
  }

  /// The largest picture that is read, in pixels: more than any camera makes. As darknet holds it, with four bytes for
  /// each number, it would have 3 GB.
  public static let maximumPixels = 250_000_000
  /// The largest file. Pictures of that many pixels have less, if they are compressed at all.
  static let maximumBytes: UInt64 = 1 << 30

  /// Reads a picture.
  ///
  /// - Returns: the picture, and what is odd about the file.
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` for a file that is no picture, is cut off or too large;
  ///   `unsupported` for one of another form than PNG and JPEG.
  public static func read(
    _ path: String
  ) throws(ModelFileError) -> (picture: Picture, warnings: [ModelWarning]) {
    try read(try InputFile(path: path))
  }

  /// Reads a picture from a file that is open.
  ///
  /// - Returns: as ``read(_:)-(String)``.
  /// - Throws: as ``read(_:)-(String)``.
  public static func read(
    _ file: InputFile
  ) throws(ModelFileError) -> (picture: Picture, warnings: [ModelWarning]) {
    guard file.size <= maximumBytes else {
      throw ModelFileError(
        .damaged, file: file.path, "is too large for a picture",
        expected: "at most \(maximumBytes) bytes", found: "\(file.size)")
    }
    let bytes = try file.prefix(Int(maximumBytes))
    var outcome: Result<(Picture, [ModelWarning]), ModelFileError>?
    bytes.withUnsafeBufferPointer { buffer in
      outcome = Result { () throws(ModelFileError) in try decode(buffer, of: file) }
    }
    guard let outcome else { throw ModelFileError(.internalFault, file: file.path, "was not read") }
    return try outcome.get()
  }

  private static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, of file: InputFile
  ) throws(ModelFileError) -> (Picture, [ModelWarning]) {
    guard let form = Form(bytes) else { throw try noPicture(file) }
    let library = PictureLibrary(form: form, bytes: bytes)
    let size = try library.size(path: file.path)
    let (area, isHuge) = size.width.multipliedReportingOverflow(by: size.height)
    guard size.width > 0, size.height > 0, !isHuge, area <= maximumPixels else {
      throw ModelFileError(
        .damaged, file: file.path, "has a size that is not read",
        expected: "1 to \(maximumPixels) pixels", found: "\(size.width) × \(size.height)",
        remedy: area == 0 ? nil : "make it smaller: a network sees a few hundred rows and columns")
    }
    do throws(ModelFileError) {
      try Memory.require(3 * area)
    } catch {
      throw error.inFile(file.path)
    }
    let (pixels, oddity) = try library.pixels(count: 3 * area, path: file.path)
    let picture = Picture(width: size.width, height: size.height, pixels: pixels)
    return (
      picture,
      oddity.map { [ModelWarning(file: file.path, "is odd, and was read all the same: \($0)")] }
        ?? []
    )
  }

  private static func noPicture(_ file: InputFile) throws(ModelFileError) -> ModelFileError {
    let content = try FileContent(of: file)
    guard content == .picture else {
      return ModelFileError(
        .damaged, file: file.path, "is no picture", expected: "a PNG or a JPEG file",
        found: "\(content.name), \(file.size) bytes"
      ).explained(by: file)
    }
    return ModelFileError(
      .unsupported, file: file.path, "is a picture of a form that is not read",
      expected: "PNG or JPEG", remedy: "convert it to PNG: `convert PICTURE out.png` (ImageMagick)")
  }
}

/// The libraries that know the forms.
///
/// Invariant: the pointer is used only within the closure that lent it.
struct PictureLibrary {
  let form: PictureFile.Form
  let bytes: UnsafeBufferPointer<UInt8>

  /// What the header says.
  func size(path: String) throws(ModelFileError) -> (width: Int, height: Int) {
    var size = nn_picture_size()
    let message = LibraryMessage()
    let function = form == .png ? nn_png_size : nn_jpeg_size
    guard let base = bytes.baseAddress, function(base, bytes.count, &size, message.buffer) == 0
    else { throw damaged(path, message) }
    return (Int(size.width), Int(size.height))
  }

  /// The pixels, and what is odd about the file, if it could be read all the same.
  func pixels(count: Int, path: String) throws(ModelFileError) -> ([UInt8], oddity: String?) {
    let message = LibraryMessage()
    let function = form == .png ? nn_png_decode : nn_jpeg_decode
    var status: Int32 = -1
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let base = bytes.baseAddress, let target = buffer.baseAddress else { return }
      // What a library does not write, because a file ends too soon, is black.
      target.initialize(repeating: 0, count: count)
      status = function(base, bytes.count, target, message.buffer)
      initialized = count
    }
    // That is no oddity, but half a picture.
    guard status >= 0, !message.text.hasPrefix("Premature end") else {
      throw damaged(path, message)
    }
    return (pixels, status == 1 ? message.text : nil)
  }

  private func damaged(_ path: String, _ message: LibraryMessage) -> ModelFileError {
    ModelFileError(
      .damaged, file: path, "is a \(form.name) picture that is damaged",
      cause: message.text, remedy: "fetch or export it again")
  }
}

/// Room for a sentence of a library's.
final class LibraryMessage {
  let buffer: UnsafeMutablePointer<CChar>

  init() {
    buffer = .allocate(capacity: Int(NN_MESSAGE_SIZE))
    buffer.initialize(repeating: 0, count: Int(NN_MESSAGE_SIZE))
  }

  deinit { buffer.deallocate() }

  var text: String { String(cString: buffer) }
}
