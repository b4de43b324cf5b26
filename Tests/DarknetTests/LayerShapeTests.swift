import FileSupport
import TestSupport
import Testing

@testable import Darknet

/// Small cfgs with the output and the arrays of their last layer.
struct LayerShapeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let sections: String
    let type: String
    let output: [Int]
    let arrays: [String]
    let dialect: Dialect

    /// The lines of a section are separated by blanks here; `|` separates sections.
    init(
      _ sections: String, _ type: String, _ output: [Int], _ arrays: [String] = [],
      _ dialect: Dialect = .alexeyab
    ) {
      self.sections = sections.split(separator: "|").map {
        $0.split(separator: " ").joined(separator: "\n") + "\n"
      }.joined()
      self.type = type
      self.output = output
      self.arrays = arrays
      self.dialect = dialect
    }

    var testDescription: String {
      "\(sections.split(separator: "\n").joined(separator: " ")) as \(dialect.rawValue)"
    }
  }

  static let normalized = ["biases[4]", "scales[4]", "rolling_mean[4]", "rolling_variance[4]"]

  static let convolutions: [Case] = [
    Case("[conv]", "convolutional", [1, 12, 10], ["biases[1]", "weights[1, 3, 1, 1]"]),
    Case(
      "[convolutional] filters=4 size=3 stride=2 pad=1", "convolutional", [4, 6, 5],
      ["biases[4]", "weights[4, 3, 3, 3]"]),
    Case(
      "[convolutional] filters=4 size=3 batch_normalize=1", "convolutional", [4, 10, 8],
      normalized + ["weights[4, 3, 3, 3]"]),
    Case(
      "[convolutional] filters=4 size=3 pad=1 cbn=1", "convolutional", [4, 12, 10],
      normalized + ["weights[4, 3, 3, 3]"]),
    Case(
      "[convolutional] filters=4 size=5 padding=1", "convolutional", [4, 10, 8],
      ["biases[4]", "weights[4, 3, 5, 5]"]),
    Case(
      "[convolutional] filters=4 size=5 padding=9 pad=1", "convolutional", [4, 12, 10],
      ["biases[4]", "weights[4, 3, 5, 5]"]),
    Case(
      "[convolutional] filters=6 size=3 pad=1 groups=3", "convolutional", [6, 12, 10],
      ["biases[6]", "weights[6, 1, 3, 3]"]),
    Case(
      "[convolutional] filters=6 size=3 pad=1 groups=3 xnor=1", "convolutional", [6, 12, 10],
      ["biases[6]", "weights[6, 3, 3, 3]"]),
    Case(
      "[convolutional] stride_x=2 stride=3", "convolutional", [1, 4, 5],
      ["biases[1]", "weights[1, 3, 1, 1]"]),
    Case(
      "[convolutional] stride_y=5", "convolutional", [1, 3, 10],
      ["biases[1]", "weights[1, 3, 1, 1]"]),
    // The dilation does not enter darknet's formula.
    Case(
      "[convolutional] size=3 pad=1 dilation=2", "convolutional", [1, 12, 10],
      ["biases[1]", "weights[1, 3, 3, 3]"]),
    Case("[convolutional] filters=4 dontload=1", "convolutional", [4, 12, 10]),
    Case(
      "[convolutional] filters=4 dontloadscales=1 batch_normalize=1", "convolutional",
      [4, 12, 10], ["biases[4]", "weights[4, 3, 1, 1]"]),
    Case(
      "[convolutional] filters=4 size=3 stride=2 pad=1 antialiasing=1", "convolutional",
      [4, 6, 5], ["biases[4]", "weights[4, 3, 3, 3]"]),
    Case(
      "[convolutional] filters=4 size=3 stride=2 antialiasing=2", "convolutional", [4, 5, 4],
      ["biases[4]", "weights[4, 3, 3, 3]"]),
    // Any other number is the kernel of 3 × 3.
    Case(
      "[convolutional] filters=4 size=3 stride=2 antialiasing=3", "convolutional", [4, 5, 4],
      ["biases[4]", "weights[4, 3, 3, 3]"]),
    Case(
      "[convolutional] filters=4 size=2 stride=2 antialiasing=3", "convolutional", [4, 6, 5],
      ["biases[4]", "weights[4, 3, 2, 2]"]),
    Case(
      "[convolutional] filters=3 size=3 pad=1 | [convolutional] filters=3 size=3 share_index=0",
      "convolutional", [3, 10, 8]),
    Case(
      "[deconvolutional] filters=4 size=4 stride=2 padding=1 batch_normalize=1",
      "deconvolutional", [4, 24, 20], normalized + ["weights[3, 4, 4, 4]"], .pjreddie),
  ]

  static let windows: [Case] = [
    Case("[maxpool] size=2 stride=2", "maxpool", [3, 6, 5]),
    Case("[max] stride=2", "maxpool", [3, 6, 5]),
    Case("[maxpool] size=2 stride=1", "maxpool", [3, 12, 10]),
    Case("[maxpool] size=13", "maxpool", [3, 12, 10]),
    Case("[maxpool] size=3 stride=2 padding=0", "maxpool", [3, 5, 4]),
    Case("[maxpool] size=2 stride=2 stride_x=1", "maxpool", [3, 6, 10]),
    Case("[maxpool] maxpool_depth=1 out_channels=2", "maxpool", [2, 12, 10]),
    Case("[maxpool] size=2 stride=2 antialiasing=1", "maxpool", [3, 6, 5]),
    Case("[local_avgpool] size=3 stride=3", "local_avgpool", [3, 4, 4]),
    Case("[avg]", "avgpool", [3, 1, 1]),
    Case("[upsample]", "upsample", [3, 24, 20]),
    Case("[upsample] stride=-2", "upsample", [3, 6, 5]),
    Case("[reorg3d] stride=2", "reorg3d", [12, 6, 5]),
    Case("[conv] filters=8 | [reorg] stride=2", "reorg", [32, 6, 5]),
    Case("[conv] filters=8 | [reorg] stride=2 reverse=1", "reorg", [2, 24, 20]),
    Case("[reorg] extra=5", "reorg", [365], [], .pjreddie),
    Case("[crop] crop_height=7 crop_width=4", "crop", [3, 7, 4]),
    Case("[conv] filters=8 | [route] layers=-1 groups=2 group_id=1", "route", [4, 12, 10]),
    Case("[conv] filters=8 | [empty] | [route] layers=0,-1", "route", [16, 12, 10]),
    Case("[conv] filters=8 | [max] stride=2 | [route] layers=0,1", "route", [1200]),
  ]

  static let others: [Case] = [
    Case(
      "[connected] output=4", "connected", [4, 1, 1], ["biases[4]", "weights[4, 360]"]),
    Case(
      "[connected] output=4 batch_normalize=1", "connected", [4, 1, 1],
      ["biases[4]", "weights[4, 360]", "scales[4]", "rolling_mean[4]", "rolling_variance[4]"]),
    Case(
      "[batchnorm]", "batchnorm", [3, 12, 10],
      ["biases[3]", "scales[3]", "rolling_mean[3]", "rolling_variance[3]"]),
    Case(
      "[batchnorm]", "batchnorm", [3, 12, 10],
      ["scales[3]", "rolling_mean[3]", "rolling_variance[3]"], .pjreddie),
    Case("[activation] activation=mish", "activation", [3, 12, 10]),
    Case("[logistic]", "logistic", [3, 12, 10], [], .pjreddie),
    Case("[softmax] groups=4", "softmax", [360]),
    Case("[dropout]", "dropout", [3, 12, 10]),
    Case("[cost]", "cost", [360]),
    Case("[silence]", "empty", [3, 12, 10]),
    Case("[conv] filters=3 | [empty] | [shortcut] from=0", "shortcut", [3, 12, 10]),
    Case(
      "[conv] filters=3 | [empty] | [shortcut] from=0,-1 weights_type=per_feature "
        + "weights_normalization=relu", "shortcut", [3, 12, 10], ["weights[3]"]),
    Case(
      "[conv] filters=3 | [empty] | [shortcut] from=0 weights_type=per_channel "
        + "weights_normalization=softmax", "shortcut", [3, 12, 10], ["weights[2, 3]"]),
    Case(
      "[max] stride=2 | [upsample] | [shortcut] from=0", "shortcut", [3, 12, 10], [], .pjreddie),
    Case(
      "[conv] filters=3 | [avgpool] | [scale_channels] from=0", "scale_channels", [3, 12, 10]),
    Case(
      "[conv] filters=3 | [conv] | [scale_channels] from=0 scale_wh=1", "scale_channels",
      [3, 12, 10]),
    Case("[conv] filters=3 | [empty] | [sam] from=0", "sam", [3, 12, 10]),
    Case("[conv] filters=75 | [yolo] mask=0,1,2 num=9", "yolo", [75, 12, 10]),
    Case("[conv] filters=14 | [yolo] classes=2 num=2", "yolo", [14, 12, 10]),
    Case(
      "[conv] filters=22 | [Gaussian_yolo] classes=2 num=2", "Gaussian_yolo", [22, 12, 10]),
    Case("[conv] filters=50 | [region] num=2", "region", [50, 12, 10]),
    Case(
      "[connected] output=147 | [detection] classes=1 num=1", "detection", [147]),
  ]

  @Test(arguments: convolutions + windows + others)
  func lastLayer(_ tried: Case) throws {
    let network = try layers(tried.sections, tried.dialect, input: (3, 12, 10))
    let last = try #require(network.layers.last)
    #expect(last.type == tried.type)
    #expect(last.output.extents == tried.output)
    #expect(last.arrays.map { "\($0.name)\($0.shape)" } == tried.arrays)
    #expect(network.warnings.filter { $0.message.contains("no option") } == [])
  }

  @Test func layerAfterAVectorNeedsAnImage() throws {
    let error = try failure { try layers("[softmax]\n[convolutional]\n") }
    #expect(error.kind == .damaged)
    #expect(error.places == [.line(6), .layer(index: 1, type: "convolutional")])
  }
}
