import COneDNN
import FileSupport
import ModelGraph

extension Convolution: SummingOperation {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    guard let input = group.input, let window = group.window, window.isOfOneDNN else {
      return false
    }
    let outputs = weights.shape.extents[0]
    let epilogue = try Epilogue(group, outputs: outputs, biases: biases, builder.loader)
    if try buildByWinograd(group, input, window, epilogue, builder) { return true }
    let source = builder.imageExtents(of: input)
    let result = builder.imageExtents(of: group.last.id)
    let kernel = window.kernelExtents(outputs: outputs, inputs: source[1], groups: groups)
    guard let any = TensorLayout.any(source), let anyKernel = TensorLayout.any(kernel),
      let anyResult = TensorLayout.any(result), let vector = TensorLayout.strided([outputs]),
      let primitive = Primitive.convolution(
        window.inC, source: any, weights: anyKernel,
        biases: epilogue.offsets == nil ? nil : vector, destination: anyResult,
        epilogue.postOperations),
      let sourceLayout = primitive.layout(onednn_source, source),
      let kernelLayout = primitive.layout(onednn_weights, kernel),
      let resultLayout = primitive.layout(onednn_destination, result)
    else { return false }
    var arguments = [
      PrimitiveArgument(
        name: onednn_source, operand: try builder.image(input, in: sourceLayout)),
      PrimitiveArgument(
        name: onednn_weights,
        operand: try builder.constant(weights, times: epilogue.factors, kernel, in: kernelLayout)),
    ]
    if let offsets = epilogue.offsets {
      arguments.append(
        PrimitiveArgument(
          name: onednn_biases, operand: try builder.constant(offsets, [outputs])))
    }
    let target = try builder.imageDestination(resultLayout, adding: epilogue.addend)
    arguments.append(PrimitiveArgument(name: onednn_destination, operand: target))
    builder.add(primitive, arguments)
    try builder.setImage(target, of: group.last.id)
    return true
  }
}

extension Window {
  /// Whether oneDNN can move a kernel so.
  var isOfOneDNN: Bool { size.count <= 3 && !size.contains(0) }

  /// The extents of the kernels as oneDNN takes them: `[O, I, …]`, of groups `[G, O / G, I / G, …]`.
  func kernelExtents(outputs: Int, inputs: Int, groups: Int) -> [Int] {
    let cells = size.isEmpty ? [1] : size
    return (groups == 1 ? [outputs, inputs] : [groups, outputs / groups, inputs / groups]) + cells
  }

  /// The window as oneDNN takes it, with one axis of one cell for none.
  var inC: onednn_window {
    var result = onednn_window()
    result.axes = Int32(Swift.max(size.count, 1))
    func set(_ values: [Int], _ none: Int64, _ path: WritableKeyPath<onednn_window, Axes>) {
      let numbers = values.isEmpty ? [none] : values.map(Int64.init)
      result[keyPath: path] = (
        numbers[0], numbers.count > 1 ? numbers[1] : none, numbers.count > 2 ? numbers[2] : none
      )
    }
    set(size, 1, \.size)
    set(strides, 1, \.strides)
    set(dilation.map { $0 - 1 }, 0, \.dilation)
    set(padding.map(\.before), 0, \.before)
    set(padding.map(\.after), 0, \.after)
    return result
  }

  private typealias Axes = (Int64, Int64, Int64)
}
