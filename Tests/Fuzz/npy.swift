import FileSupport

/// Any bytes as a `.npy` file: the first one says how large the file claims to be.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNpy(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  let claim = bytes.first.map { $0 < 128 ? 0 : 1 << (Int($0) % 48) } ?? 0
  scratch.set(Array(bytes.dropFirst()), size: claim)
  do throws(ModelFileError) {
    let file = try NpyFile(path: scratch.path)
    let count = file.count
    guard count < 1 << 20 else { return 0 }
    let floats = try file.floats()
    let doubles = try file.doubles()
    precondition(floats.count == count && doubles.count == count)
    for (float, double) in zip(floats, doubles) {
      precondition(float == Float(double) || float.isNaN && double.isNaN)
    }
  } catch {
    check(error)
  }
  return 0
}

private let scratch = ScratchFile()
