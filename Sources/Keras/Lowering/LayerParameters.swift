import FileSupport
import ModelGraph

/// The variables of a layer with their numbers, taken one after the other in the order in which the
/// layer's class lists them.
struct LayerParameters {
  private let parameters: [Parameter]
  private let forms: [KerasVariableForm]
  private var position = 0

  /// No variables.
  static let none = LayerParameters(forms: [], parameters: [])

  /// Variables with a parameter each.
  init(forms: [KerasVariableForm], parameters: [Parameter]) {
    precondition(forms.count == parameters.count, "a parameter for each variable")
    self.forms = forms
    self.parameters = parameters
  }

  /// Those that were not taken yet.
  var rest: (forms: [KerasVariableForm], parameters: [Parameter]) {
    (Array(forms[position...]), Array(parameters[position...]))
  }

  /// All of them as today's Keras keeps them: Keras 1 kept some otherwise.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if arrays of gates differ.
  func modern() throws(ModelFileError) -> [Parameter] {
    var result: [Parameter] = []
    var next = position
    while next < parameters.count {
      let stored = parameters[next]
      let extents = stored.shape.extents
      switch forms[next].older {
      case nil: result.append(stored)
      case .imageKernel:
        result.append(stored.asStored([extents[0], extents[2], extents[3]]))
      case .turnedKernel:
        result.append(stored.permuted(Array(2..<extents.count) + [1, 0]))
      case .gates(let order):
        let gates = order.map { gate in
          Array(parameters[(next + 3 * gate)..<(next + 3 * gate + 3)])
        }
        for array in try Parameter.stacked(gates: gates) {
          let shape = array.shape.extents
          result.append(
            shape.count == 3
              ? array.permuted([1, 0, 2]).reshaped(to: [shape[1], shape[0] * shape[2]])
              : array.reshaped(to: [shape[0] * shape[1]]))
        }
        next += 3 * order.count - 1
      }
      next += 1
    }
    return result
  }

  /// Whether the next one is called so; it may have the names of what it lies in before its own.
  func isNext(_ name: String) -> Bool {
    guard forms.indices.contains(position) else { return false }
    let next = forms[position].name
    return next == name || next.hasSuffix("/\(name)")
  }

  /// Takes the next one, which must be called so.
  mutating func take(_ name: String) throws(ModelFileError) -> Parameter {
    guard isNext(name) else {
      throw ModelFileError(
        .internalFault, "a layer's variables are taken in another order than they are listed in",
        expected: forms.indices.contains(position) ? forms[position].name : "no more",
        found: name)
    }
    position += 1
    return parameters[position - 1]
  }

  /// Takes the next `count` of them as those of a layer inside.
  mutating func take(count: Int) -> LayerParameters {
    let range = position..<min(position + count, forms.count)
    position = range.upperBound
    return LayerParameters(forms: Array(forms[range]), parameters: Array(parameters[range]))
  }
}
