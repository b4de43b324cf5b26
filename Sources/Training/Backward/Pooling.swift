import FileSupport
import ModelGraph

extension Pooling: BackwardKernel {
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    try window.requireTwoAxes()
    return rule == .maximum ? maximum(inputs[0], pass) : average(inputs[0], pass)
  }

  /// The cells of each window of each channel.
  private func columns(_ x: BatchValues, _ pass: ForwardPass) -> Columns {
    Columns(
      window: window, image: (1, x.image.height, x.image.width),
      places: (pass.image.height, pass.image.width))
  }

  /// δ goes to the first of the largest cells (`maxpool_layer.c`).
  private func maximum(
    _ x: BatchValues, _ pass: ForwardPass
  ) -> (numbers: [Double], back: Pullback) {
    let columns = columns(x, pass)
    let (area, count) = (x.image.height * x.image.width, columns.count)
    let planes = x.batch * x.image.channels
    var result = [Double](
      repeating: -Double(Float.greatestFiniteMagnitude), count: planes * count)
    var winners = [Int](repeating: -1, count: planes * count)
    for plane in 0..<planes {
      columns.forEach { entry, cell in
        let place = plane * count + entry % count
        if x.numbers[plane * area + cell] > result[place] {
          result[place] = x.numbers[plane * area + cell]
          winners[place] = plane * area + cell
        }
      }
    }
    return (
      result,
      { step in
        var below = [Double](repeating: 0, count: x.numbers.count)
        for (place, winner) in winners.enumerated() where winner >= 0 {
          below[winner] += step.delta[place]
        }
        return [below]
      }
    )
  }

  /// The mean of the cells that exist, but δ is divided by `size²` even at the border
  /// (`maxpool_layer.c: backward_local_avgpool_layer`).
  private func average(
    _ x: BatchValues, _ pass: ForwardPass
  ) -> (numbers: [Double], back: Pullback) {
    let columns = columns(x, pass)
    let (area, count) = (x.image.height * x.image.width, columns.count)
    let planes = x.batch * x.image.channels
    var cells = [Double](repeating: 0, count: count)
    columns.forEach { entry, _ in cells[entry % count] += 1 }
    var result = [Double](repeating: 0, count: planes * count)
    for plane in 0..<planes {
      columns.forEach { entry, cell in
        result[plane * count + entry % count] += x.numbers[plane * area + cell]
      }
      for place in 0..<count { result[plane * count + place] /= cells[place] }
    }
    let size = Double(window.size[0] * window.size[1])
    return (
      result,
      { step in
        var below = [Double](repeating: 0, count: x.numbers.count)
        for plane in 0..<planes {
          columns.forEach { entry, cell in
            below[plane * area + cell] += step.delta[plane * count + entry % count] / size
          }
        }
        return [below]
      }
    )
  }
}

extension GlobalAveragePooling: BackwardKernel {
  /// `δ / (H W)` to every cell (`avgpool_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let area = x.image.height * x.image.width
    var result = [Double](repeating: 0, count: x.numbers.count / area)
    for index in x.numbers.indices { result[index / area] += x.numbers[index] / Double(area) }
    return (
      result,
      { step in [x.numbers.indices.map { step.delta[$0 / area] / Double(area) }] }
    )
  }
}

extension ChannelMaximum: BackwardKernel {
  /// δ goes to the first of the largest channels.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let area = x.image.height * x.image.width
    var winners: [Int] = []
    for sample in 0..<x.batch {
      for index in 0..<(outputs * area) {
        var best = sample * x.sampleCount + index
        for place in stride(
          from: index, to: x.sampleCount, by: outputs * area)
        where x.numbers[sample * x.sampleCount + place] > x.numbers[best] {
          best = sample * x.sampleCount + place
        }
        winners.append(best)
      }
    }
    return (
      winners.map { x.numbers[$0] },
      { step in
        var below = [Double](repeating: 0, count: x.numbers.count)
        for (place, winner) in winners.enumerated() { below[winner] += step.delta[place] }
        return [below]
      }
    )
  }
}

extension Blur: BackwardKernel {
  /// A convolution of each channel with weights that stay as they are.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let columns = Columns(
      window: window, image: (1, x.image.height, x.image.width),
      places: (pass.image.height, pass.image.width))
    let (area, count) = (x.image.height * x.image.width, columns.count)
    let planes = x.batch * x.image.channels
    let w = kernel.weights.map(Double.init)
    var result = [Double](repeating: 0, count: planes * count)
    for plane in 0..<planes {
      columns.forEach { entry, cell in
        result[plane * count + entry % count] += w[entry / count] * x.numbers[plane * area + cell]
      }
    }
    return (
      result,
      { step in
        var below = [Double](repeating: 0, count: x.numbers.count)
        for plane in 0..<planes {
          columns.forEach { entry, cell in
            below[plane * area + cell] +=
              w[entry / count] * step.delta[plane * count + entry % count]
          }
        }
        return [below]
      }
    )
  }
}
