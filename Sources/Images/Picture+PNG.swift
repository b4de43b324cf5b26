import CImages
import FileSupport

extension Picture {
  /// Writes the picture as PNG behind what the file has.
  ///
  /// - Throws: `ModelFileError` of the file.
  public func appendPNG(to file: OutputFile) throws(ModelFileError) {
    let sink = Sink(file)
    let message = LibraryMessage()
    let size = nn_picture_size(width: UInt32(width), height: UInt32(height))
    let status = withExtendedLifetime(sink) {
      pixels.withUnsafeBufferPointer { pixels in
        nn_png_encode(
          pixels.baseAddress, size,
          { context, bytes, count in
            guard let context else { return 1 }
            let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
            return sink.take(UnsafeRawBufferPointer(start: bytes, count: count)) ? 0 : 1
          }, Unmanaged.passUnretained(sink).toOpaque(), message.buffer)
      }
    }
    if let failure = sink.failure { throw failure }
    guard status == 0 else {
      throw ModelFileError(
        .inputOutput, file: file.path, "can't be written as PNG", cause: message.text)
    }
  }
}

/// Where the library's pieces go.
private final class Sink {
  private let file: OutputFile
  private(set) var failure: ModelFileError?

  init(_ file: OutputFile) { self.file = file }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(ModelFileError) {
      try file.append(bytes)
    } catch {
      failure = error
    }
    return failure == nil
  }
}
