import FileSupport
import ModelGraph

/// Layers that are looked at more closely: their options, and the statistics and first values of their arrays.
package struct CloserLook {
  private let names: [String]
  private let valueCount: Int

  /// A look at layers.
  ///
  /// - Parameters:
  ///   - names: the layers, each by its name or its index; -1 is the last one.
  ///   - valueCount: how many values of each array are told, its first ones.
  package init(names: [String], valueCount: Int) {
    self.names = names
    self.valueCount = valueCount
  }

  /// Leaves these layers only, in the order in which they were named.
  ///
  /// - Throws: `ModelFileError`: `usage` for a layer that is not there; of the file if its numbers can't be read.
  package func look(at summary: inout Summary) throws(ModelFileError) {
    var chosen: [Summary.Layer] = []
    for name in names {
      chosen.append(contentsOf: try layers(called: name, of: summary))
    }
    let scan = ValueScan(.init(digest: false, statistics: true))
    for position in chosen.indices {
      for index in chosen[position].parameters.indices {
        guard let numbers = chosen[position].parameters[index].numbers else { continue }
        do throws(ModelFileError) {
          let source = try numbers.source()
          let found = try scan.scan(source, elementType: numbers.elementType)
          chosen[position].parameters[index].statistics = found.statistics
          guard valueCount > 0, let type = numbers.elementType else { continue }
          chosen[position].parameters[index].values = try first(of: source, type)
        } catch {
          throw error.inFile(summary.file)
        }
      }
    }
    summary.layers = chosen
    summary.isCloser = true
  }

  /// Several layers of nested models may have one name.
  private func layers(
    called name: String, of summary: Summary
  ) throws(ModelFileError) -> [Summary.Layer] {
    let named = summary.layers.filter { $0.name.utf8.elementsEqual(name.utf8) }
    guard named.isEmpty else { return named }
    if let index = Int(name) {
      let position = index < 0 ? summary.layers.count + index : index
      if summary.layers.indices.contains(position) { return [summary.layers[position]] }
    }
    let count = summary.layers.count
    throw ModelFileError(
      .usage, file: summary.file, "has no layer '\(name.escapedForTerminal)'",
      expected: count == 0
        ? "no --layer: nothing is known of the file's layers"
        : "an index from 0 to \(count - 1), or a name such as "
          + "'\(summary.layers[0].name.escapedForTerminal)'",
      remedy: Spelling.question(for: name, among: summary.layers.map(\.name))
        ?? "`nnfmt inspect` without --layer lists them")
  }

  private func first(
    of source: any TensorSource, _ type: ElementType
  ) throws(ModelFileError) -> [Float] {
    let count = min(valueCount, source.byteCount / type.byteCount)
    guard count > 0 else { return [] }
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count * type.byteCount, alignment: 8)
    defer { bytes.deallocate() }
    try source.read(into: bytes, at: 0)
    var values: [Float] = []
    type.append(UnsafeRawBufferPointer(bytes), to: &values)
    return values
  }
}
