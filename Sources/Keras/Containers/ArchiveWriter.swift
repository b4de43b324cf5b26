import Archive
import FileSupport
import HDF5

/// Writes a `.keras` archive: the HDF5 file with the weights, which libhdf5 writes in its place in the archive, and the
/// texts behind it. So no byte of the weights is copied.
struct ArchiveWriter {
  /// Where the HDF5 file begins, with room for its member's header in front of it.
  static let weightsOffset = ZipWriter.firstOffset

  private let output: OutputFile

  init(_ output: OutputFile) { self.output = output }

  /// Puts the archive around the HDF5 file that was written.
  ///
  /// - Parameter texts: the other members.
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  func finish(_ texts: [(name: String, bytes: [UInt8])]) throws(ModelFileError) {
    let superblock = try HDF5File.ownSuperblock(
      in: try InputFile(path: output.temporaryPath), behind: Self.weightsOffset)
    try output.write(superblock, at: Self.weightsOffset)
    var zip = ZipWriter(output)
    try zip.addFirst(named: ArchiveReader.weights)
    for (name, bytes) in texts { try zip.add(named: name, bytes) }
    try zip.finish()
  }
}
