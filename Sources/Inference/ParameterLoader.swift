import FileSupport
import ModelGraph

/// Reads the numbers of parameters when an operation asks for them; nothing is kept but the buffers.
///
/// One thread at a time uses it.
package final class ParameterLoader {
  private let stream = TensorStream()

  /// A loader.
  package init() {}

  /// The numbers of a parameter as float32, in the C order of its shape.
  ///
  /// - Throws: `ModelFileError` naming the array: `damaged` if no file holds it.
  package func values(of parameter: Parameter) throws(ModelFileError) -> [Float] {
    var values: [Float] = []
    try load(parameter, into: &values)
    return values
  }

  /// The same in place of what an array held, whose memory is used again.
  ///
  /// - Throws: as ``values(of:)``.
  func load(_ parameter: Parameter, into values: inout [Float]) throws(ModelFileError) {
    // The layer is named by the engine.
    let place = ModelFileError.Place.array(parameter.array)
    guard let source = parameter.source else {
      throw ModelFileError(
        .damaged, at: [place], "its numbers are missing",
        expected: "\(parameter.shape.elementCount) numbers of \(parameter.name)",
        found: "none: the weights file ends before them, or was not given",
        remedy: "give a weights file that is complete")
    }
    values.removeAll(keepingCapacity: true)
    values.reserveCapacity(parameter.shape.elementCount)
    do {
      try stream.forEachBand(
        of: source, elementType: parameter.elementType, view: parameter.view
      ) { band in
        parameter.elementType.append(band, to: &values)
      }
    } catch {
      throw error.at(place)
    }
    guard values.count == parameter.shape.elementCount else {
      throw ModelFileError(
        .internalFault, at: [place], "its view has another number of elements than its shape",
        expected: "\(parameter.shape.elementCount)", found: "\(values.count)")
    }
  }
}
