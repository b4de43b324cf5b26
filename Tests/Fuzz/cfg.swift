import Darknet
import FileSupport
import ModelGraph

/// Any bytes as a cfg: the first one chooses the dialect. A network that is small is computed, too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfig(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  let dialect = Dialect.allCases[Int(bytes.first ?? 0) % Dialect.allCases.count]
  do throws(ModelFileError) {
    let network = try Network(
      try ConfigFile(path: "fuzz.cfg", bytes: Array(bytes.dropFirst()), dialect: dialect),
      dialect: dialect)
    let (plan, isSmall) = try network.plan()
    guard isSmall else { return 0 }
    let layout = WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: 0))
    let graph = try network.graph(layout: layout) { entry in
      MemorySource((0..<entry.array.count).map { Float($0 % 7) * 0.25 - 0.5 })
    }
    try compute(graph)
  } catch {
    check(error)
  }
  return 0
}
