import CWinograd
import FileSupport
import Inference
import ModelGraph
import Testing

/// A convolution with noise in its tensors, computed by the kernel, and sum by sum in double precision.
struct WinogradCase: CustomTestStringConvertible {
  enum Inputs: CaseIterable { case normal, rectified, positive }

  var lanes = 16
  var batch = 1
  /// Vectors of inputs and outputs.
  var vectors = (inputs: 1, outputs: 1)
  /// Rows and columns of the input.
  var size = (13, 13)
  /// Zeros above and to the left, below and to the right.
  var padding = (1, 1)
  var activation = ActivationFunction.linear
  var residual = winograd_no_residual
  var inputs = Inputs.normal
  var hasBias = true
  /// Whether all channels of a pixel lie side by side, or only a vector of them.
  var isChannelsLast = false

  var testDescription: String {
    "\(lanes) lanes\(isChannelsLast ? ", channels last" : ""), \(batch) x \(inputs) \(vectors) \(size) \(padding) \(activation) \(residual)"
  }

  var shape: winograd_shape {
    winograd_shape(
      batch: Int32(batch), inputs: Int32(vectors.inputs * lanes),
      outputs: Int32(vectors.outputs * lanes), height: Int32(size.0), width: Int32(size.1),
      pad_top: Int32(padding.0), pad_left: Int32(padding.0),
      out_height: Int32(resultSize.0), out_width: Int32(resultSize.1),
      source: strides(vectors.inputs, size), destination: strides(vectors.outputs, resultSize))
  }

  private var resultSize: (Int, Int) {
    (size.0 + padding.0 + padding.1 - 2, size.1 + padding.0 + padding.1 - 2)
  }

  private func strides(_ vectors: Int, _ size: (Int, Int)) -> winograd_strides {
    let channels = vectors * lanes
    let image = channels * size.0 * size.1
    return isChannelsLast
      ? winograd_strides(image: image, block: lanes, row: size.1 * channels, pixel: channels)
      : winograd_strides(
        image: image, block: size.0 * size.1 * lanes, row: size.1 * lanes, pixel: lanes)
  }

  private var epilogue: winograd_epilogue {
    switch activation {
    case .relu(let maximum):
      .init(
        activation: winograd_relu, parameter: Float(maximum ?? .infinity), residual: residual)
    case .leakyRelu(let slope):
      .init(activation: winograd_leaky, parameter: Float(slope), residual: residual)
    case .logistic: .init(activation: winograd_logistic, parameter: 0, residual: residual)
    case .swish: .init(activation: winograd_swish, parameter: 0, residual: residual)
    case .mish: .init(activation: winograd_mish, parameter: 0, residual: residual)
    default: .init(activation: winograd_linear, parameter: 0, residual: residual)
    }
  }

  /// The tensors as the kernel takes them.
  struct Tensors {
    var source: [Float]
    var weights: [Float]
    var biases: [Float]
    var residual: [Float]
  }

  func tensors(seed: UInt64 = 1) -> Tensors {
    var noise = Noise(seed)
    // Four numbers' sum is nearly normal.
    func normal(_ count: Int) -> [Float] {
      (0..<count).map { _ in noise.next() + noise.next() + noise.next() + noise.next() }
    }
    let shape = shape
    let (inputs, outputs) = (Int(shape.inputs), Int(shape.outputs))
    let source = normal(batch * inputs * size.0 * size.1)
    return Tensors(
      source: source.map {
        switch self.inputs {
        case .normal: $0
        case .rectified: max($0, 0)
        case .positive: abs($0)
        }
      },
      weights: normal(outputs * inputs * 9), biases: normal(outputs),
      residual: residual == winograd_no_residual ? [] : normal(resultCount))
  }

  var resultCount: Int {
    batch * Int(shape.outputs) * Int(shape.out_height) * Int(shape.out_width)
  }

  /// What the kernel computes, and the numbers around it, which it has to leave as they are.
  func computed(_ tensors: Tensors, threads: Int = 1) -> (values: [Float], around: [Float]) {
    var shape = shape
    let epilogue = epilogue
    let width = Int32(lanes)
    let count = resultCount
    let margin = 64
    // So that a cell that is not written shows.
    var result = [Float](repeating: .nan, count: count + 2 * margin)
    var packed = [Float](repeating: .nan, count: winograd_weight_count(&shape, width))
    for block in 0..<winograd_blocks(&shape, width) {
      winograd_pack_weights(
        &shape, width, tensors.weights, &packed, block, 1)
    }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: winograd_scratch_bytes(&shape, width, Int32(threads)), alignment: 64)
    defer { scratch.deallocate() }
    scratch.initializeMemory(as: UInt8.self, repeating: 0xFF)
    tensors.source.withUnsafeBufferPointer { source in
      tensors.biases.withUnsafeBufferPointer { biases in
        tensors.residual.withUnsafeBufferPointer { residual in
          packed.withUnsafeBufferPointer { packed in
            result.withUnsafeMutableBufferPointer { result in
              let arguments = winograd_tensors(
                source: source.baseAddress, weights: packed.baseAddress,
                bias: hasBias ? biases.baseAddress : nil,
                residual: residual.isEmpty ? nil : residual.baseAddress,
                destination: result.baseAddress.map { $0 + margin },
                scratch: scratch.baseAddress)
              let call = Call(shape: shape, epilogue: epilogue, tensors: arguments)
              for phase in 0..<winograd_phases(&shape, width, Int32(threads)) {
                Threads.perform(threads) { thread in
                  call.run(
                    lanes: width, phase: phase, thread: Int32(thread), threads: Int32(threads))
                }
              }
            }
          }
        }
      }
    }
    return (
      Array(result[margin..<(margin + count)]),
      Array(result[..<margin] + result[(margin + count)...])
    )
  }

  /// Invariant: the memory outlives the call, and threads write to different places.
  private struct Call: @unchecked Sendable {
    let shape: winograd_shape
    let epilogue: winograd_epilogue
    let tensors: winograd_tensors

    func run(lanes: Int32, phase: Int32, thread: Int32, threads: Int32) {
      withUnsafePointer(to: shape) { shape in
        withUnsafePointer(to: epilogue) { epilogue in
          withUnsafePointer(to: tensors) { tensors in
            winograd_run_phase(shape, epilogue, tensors, lanes, phase, thread, threads)
          }
        }
      }
    }
  }

  /// The sum behind the number at a place of the result, without residual.
  func sum(at index: Int, _ tensors: Tensors) -> Double {
    let shape = shape
    let (rows, columns) = (Int(shape.out_height), Int(shape.out_width))
    let run = isChannelsLast ? Int(shape.outputs) : lanes
    let x = index / run % columns
    let y = index / run / columns % rows
    let block = index / run / columns / rows
    let image = isChannelsLast ? block : block / vectors.outputs
    let output =
      isChannelsLast ? index % run : block % vectors.outputs * lanes + index % lanes
    let inputs = Int(shape.inputs)
    var sum = 0.0
    tensors.source.withUnsafeBufferPointer { source in
      tensors.weights.withUnsafeBufferPointer { weights in
        for cell in 0..<9 {
          let row = y + cell / 3 - padding.0
          let column = x + cell % 3 - padding.0
          guard 0..<size.0 ~= row, 0..<size.1 ~= column else { continue }
          for input in 0..<inputs {
            let place =
              image * shape.source.image + input / lanes * shape.source.block
              + row * shape.source.row + column * shape.source.pixel + input % lanes
            sum += Double(source[place]) * Double(weights[(output * inputs + input) * 9 + cell])
          }
        }
      }
    }
    return sum + (hasBias ? Double(tensors.biases[output]) : 0)
  }

  /// The largest error of about `count` of the results, over what is allowed.
  func errorRatio(of values: [Float], _ tensors: Tensors, count: Int = 4000) -> Double {
    let step = max(1, values.count / count) | 1
    var sums: [(index: Int, sum: Double)] = []
    for index in stride(from: 0, to: values.count, by: step) {
      sums.append((index, sum(at: index, tensors)))
    }
    let epsilon = 0x1p-23
    let scale = 1 + (sums.map { abs($0.sum) }.max() ?? 0)
    // The sum's own error, times the largest slope of the functions, and the roundings after it.
    let ofSums = 2 * epsilon * Double(9 * shape.inputs).squareRoot() * scale
    let isExact = activation == .linear && residual == winograd_no_residual
    let allowed =
      isExact
      ? ofSums
      : 1.15 * ofSums + 2 * epsilon * (1 + Double(values.map(abs).max() ?? 0))
    let errors = sums.map { index, sum in
      let added = residual == winograd_no_residual ? 0 : Double(tensors.residual[index])
      let expected =
        residual == winograd_residual_after
        ? activation.scalar(sum) + added : activation.scalar(sum + added)
      let error = abs(Double(values[index]) - expected)
      return error.isNaN ? .infinity : error
    }
    return (errors.max() ?? 0) / allowed
  }
}
