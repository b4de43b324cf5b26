import Darknet
import FileSupport
import ModelGraph

/// Any bytes as a weights file of any cfg. The first byte chooses the dialect and whether the cfg is one
/// of a few, the second which, or how large the file claims to be; a cfg of the input's own ends at a
/// byte of value 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWeights(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  guard bytes.count >= 2 else { return 0 }
  let dialect = Dialect.allCases[Int(bytes[0]) % Dialect.allCases.count]
  let rest = bytes[2...]
  if bytes[0] < 128 {
    let text = Array(smallConfigs[Int(bytes[1]) % smallConfigs.count].utf8)
    use(text, Array(rest), claiming: 0, dialect)
  } else {
    let text = rest.prefix { $0 != 0 }
    use(
      Array(text), Array(rest.dropFirst(text.count + 1)), claiming: 1 << (Int(bytes[1]) % 48),
      dialect)
  }
  return 0
}

private let scratch = ScratchFile()

private func use(_ config: [UInt8], _ bytes: [UInt8], claiming size: Int, _ dialect: Dialect) {
  scratch.set(bytes, size: size)
  do throws(ModelFileError) {
    _ = try LooseWeights(path: scratch.path, dialect: dialect)
  } catch {
    check(error)
  }
  do throws(ModelFileError) {
    let network = try Network(
      try ConfigFile(path: "fuzz.cfg", bytes: config, dialect: dialect), dialect: dialect)
    let (plan, isSmall) = try network.plan()
    let file = try WeightsFile(path: scratch.path, network: network)
    _ = try file.headerBytes()
    if file.status != .complete { check(try SizeMismatch(file).error()) }
    for entry in plan.entries {
      _ = file.layout.offset(of: entry)
      _ = (file.source(entry)?.byteCount, file.layout.storedShape(of: entry.array))
    }
    guard isSmall else { return }
    try compute(try network.graph(layout: file.layout) { file.source($0) })
  } catch {
    check(error)
  }
}

/// Networks that small files fit.
private let smallConfigs = [
  "[net]\nwidth=2\nheight=2\nchannels=1\n[conv]\nfilters=1\nbatch_normalize=1\n",
  "[net]\ninputs=2\n[connected]\noutput=2\nactivation=leaky\n[softmax]\n",
  "[net]\nwidth=2\nheight=2\nchannels=2\n[conv]\nsize=3\npad=1\nfilters=2\ngroups=2\n[batchnorm]\n",
  "[net]\ninputs=1\n[gru]\noutput=1\n[lstm]\noutput=1\n[rnn]\noutput=1\nhidden=1\n",
  "[net]\nwidth=1\nheight=1\nchannels=1\n[conv]\nfilters=6\n[yolo]\nmask=0\nanchors=1,1\nclasses=1\n",
  "[net]\nwidth=2\nheight=2\nchannels=1\n[conv]\nflipped=1\n[conv]\nshare_index=0\n[shortcut]\nfrom=0\n",
]
