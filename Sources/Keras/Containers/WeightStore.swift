import FileSupport
import HDF5

/// An HDF5 file that holds weights, and where its bytes can be read without libhdf5.
public struct WeightStore: Sendable {
  /// The file.
  public let file: HDF5File
  /// Its name beside or inside the file that the user gave; `nil` if it is that file itself.
  public let name: String?
  /// What its bytes are read from.
  let bytes: InputFile
  /// Where it begins there: behind 0 in an archive.
  let base: UInt64
  /// Whether `bytes` is the file that the user gave, so that offsets in it mean something to them.
  let isGiven: Bool
}

/// Opens HDF5 files of checkpoints.
struct StoreOpener {
  let locked: Bool
  let limits: HDF5Limits
  /// Whether what is damaged is left out and told, for those who only look.
  let toleratesDamage: Bool

  /// Opens a file; `name` is what it is called beside the one that the user gave, if it is not that one itself.
  func open(_ bytes: InputFile, name: String? = nil) throws(ModelFileError) -> WeightStore {
    WeightStore(
      file: try HDF5File(reading: bytes, locked: locked, limits: limits), name: name, bytes: bytes,
      base: 0, isGiven: name == nil)
  }

  /// Opens a copy of a file that lies in another one; `place` is where, if it lies there unchanged.
  ///
  /// The copy loses its name at once: nothing can be left behind, and nobody else can change it.
  func open(
    copy: PrivateFile, name: String, place: (file: InputFile, offset: UInt64)?
  ) throws(ModelFileError) -> WeightStore {
    defer { copy.removeName() }
    do throws(ModelFileError) {
      let bytes = try InputFile(path: copy.path)
      return WeightStore(
        file: try HDF5File(reading: bytes, locked: false, limits: limits), name: name,
        bytes: place?.file ?? bytes, base: place?.offset ?? 0, isGiven: place != nil)
    } catch {
      var inner = error.at(.path(name))
      inner.file = nil
      throw inner
    }
  }
}
