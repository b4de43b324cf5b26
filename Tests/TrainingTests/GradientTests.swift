import Darknet
import Foundation
import ModelGraph
import Testing

@testable import Training

/// Every layer and option against central finite differences, and the table of them in
/// `spec/training.md`: the test fails where the two differ.
@Suite struct GradientTests {
  /// Below this an error is that of the differences.
  private static let bound = 1e-6

  @Test func everyLayerIsTheDerivativeOrListed() throws {
    var lines: [String] = []
    for form in GradientForms.all {
      let shop = try Workshop(form.text, dialect: form.dialect)
      let check = try GradientCheck(
        shop.plan, data: shop.data(rows: shop.plan.options.miniBatch),
        settings: TrainerSettings())
      let row = try #require(check.run().first { $0.type == form.layer })
      #expect(row.checked > 0, "\(form.name)")
      if row.exception == nil {
        #expect(row.worst < Self.bound, "\(form.name): off by \(row.worst)")
      }
      let shown = row.worst < Self.bound ? "below 10⁻⁶" : Self.digit(row.worst)
      lines.append("| \(form.name) | \(shown) | \(row.exception ?? "") |")
    }
    let spec = try String(contentsOf: Self.specification, encoding: .utf8)
    let missing = lines.filter { !spec.contains($0) }
    if !missing.isEmpty { print(lines.joined(separator: "\n")) }
    #expect(missing.isEmpty, "spec/training.md differs:\n\(missing.joined(separator: "\n"))")
  }

  /// The exact forms of what darknet does otherwise are derivatives: so the ways through time and
  /// through the statistics are right but for darknet's departures.
  @Test(arguments: ["batch_normalize=1", "batchnorm", "rnn", "crnn", "lstm", "rnn shortcut=1"])
  func exactFormsAreDerivatives(_ name: String) throws {
    for form in GradientForms.all where form.name.contains(name) {
      let shop = try Workshop(form.text, dialect: form.dialect) { options in
        options.isExactInTime = true
        options.normalization = .exact
        options.denseNormalization = .exact
      }
      let check = try GradientCheck(
        shop.plan, data: shop.data(rows: shop.plan.options.miniBatch),
        settings: TrainerSettings())
      let row = try #require(check.run().first { $0.type == form.layer })
      #expect(row.worst < Self.bound, "\(form.name): off by \(row.worst)")
    }
  }

  private static var specification: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../spec/training.md").standardized
  }

  /// `0.03`, `2`: one digit.
  private static func digit(_ value: Double) -> String {
    var unit = 1.0
    while value < unit { unit /= 10 }
    let text = "\((value / unit).rounded() * unit)"
    return String(text.prefix(unit < 1 ? 6 : 1))
  }
}

/// A small network for each layer and option.
struct GradientForms: Sendable {
  let name: String
  let layer: String
  let text: String
  var dialect = Dialect.alexeyab

  private static let image = "[net]\nbatch=2\nwidth=5\nheight=4\nchannels=4\n"
  private static let vector = "[net]\nbatch=3\ninputs=4\n"
  private static let sequence = "[net]\nbatch=2\ntime_steps=3\ninputs=4\n"
  private static let film = "[net]\nbatch=2\ntime_steps=3\nwidth=4\nheight=4\nchannels=2\n"
  private static let end = "\n[cost]\n"
  /// Layers that compare with the truth themselves.
  private static let comparing = ["cost", "softmax", "logistic"]

  private static func form(
    _ net: String, _ layer: String, _ options: String = "", _ dialect: Dialect = .alexeyab,
    before: String = "", named name: String? = nil
  ) -> GradientForms {
    let lines = options.split(separator: " ").joined(separator: "\n")
    let fork = dialect == .pjreddie ? " (pjreddie)" : ""
    let shown = name ?? (options.isEmpty ? layer : "\(layer) \(options)")
    return GradientForms(
      name: shown + fork, layer: layer,
      text: "\(net)\(before)[\(layer)]\n\(lines)\n\(comparing.contains(layer) ? "" : end)",
      dialect: dialect)
  }

  private static let conv = "[convolutional]\nfilters=4\nsize=3\npad=1\nactivation=linear\n"
  private static let pixel = "[convolutional]\nfilters=FILTERS\nactivation=linear\n"

  static let all: [GradientForms] =
    convolutions + activations + layers + merges + recurrent + losses + heads

  private static let convolutions = [
    form(image, "convolutional", "filters=3 size=3 pad=1 activation=linear"),
    form(image, "convolutional", "filters=4 size=3 stride=2 groups=2 activation=leaky"),
    form(image, "convolutional", "filters=2 size=3 pad=1 dilation=2 activation=tanh"),
    form(image, "convolutional", "filters=3 size=3 pad=1 antialiasing=1 stride=2"),
    form(image, "convolutional", "filters=3 batch_normalize=1 activation=linear"),
    form(image, "convolutional", "filters=3 batch_normalize=1 activation=linear", .pjreddie),
    form(image, "deconvolutional", "filters=3 size=3 stride=2 padding=1", .pjreddie),
    form(image, "local", "filters=2 size=3 stride=1 pad=1 activation=logistic"),
    form(vector, "connected", "output=3 activation=logistic"),
    form(vector, "connected", "output=3 batch_normalize=1 activation=linear"),
    form(image, "batchnorm"),
  ]

  private static let activations = ActivationName.allCases.map { name in
    form(
      image, "convolutional", "filters=3 activation=\(name.rawValue)",
      named: "activation \(name.rawValue)")
  }

  private static let layers = [
    form(image, "maxpool", "size=2 stride=2"), form(image, "maxpool", "size=3 stride=1"),
    form(image, "maxpool", "maxpool_depth=1 out_channels=2"),
    form(image, "avgpool"), form(image, "local_avgpool", "size=2 stride=2 padding=0"),
    form(image, "local_avgpool", "size=3 stride=1"),
    form(image, "upsample", "stride=2 scale=.5"), form(image, "reorg3d", "stride=1"),
    form(image.replacing("width=5", with: "width=6"), "reorg", "stride=2"),
    form(image.replacing("width=5", with: "width=6"), "reorg3d", "stride=2"),
    form(image.replacing("width=5", with: "width=6"), "upsample", "stride=-2"),
    form(image, "crop", "crop_width=3 crop_height=2"), form(vector, "dropout", "probability=.4"),
    form(image, "implicit", "filters=6", before: conv),
  ]

  private static let merges = [
    form(image, "route", "layers=-1,-2", before: conv + conv),
    form(image, "route", "layers=-1 groups=2 group_id=1", before: conv),
    form(image, "shortcut", "from=-2 activation=leaky", before: conv + conv),
    form(
      image, "shortcut", "from=-2 weights_type=per_channel weights_normalization=softmax",
      before: conv + conv),
    form(
      image, "scale_channels", "from=0", before: conv + "[avgpool]\n"),
    form(image, "sam", "from=0", before: conv + conv),
  ]

  private static let recurrent = [
    form(sequence, "rnn", "output=3 hidden=5 activation=linear"),
    form(sequence, "rnn", "output=3 hidden=5 activation=tanh"),
    form(sequence, "rnn", "shortcut=1 output=3 hidden=5 activation=linear"),
    form(film, "crnn", "output=3 hidden=2 pad=1 activation=linear"),
    form(sequence, "gru", "output=3"), form(sequence, "lstm", "output=3"),
    form(
      sequence.replacing("time_steps=3\n", with: ""), "lstm", "output=3", named: "lstm, one step"),
  ]

  private static let losses =
    ["sse", "smooth", "masked"].map {
      form(vector, "cost", "type=\($0) scale=.5")
    } + [
      form(vector, "cost", "type=L1", .pjreddie), form(vector, "cost", "type=smooth", .pjreddie),
      form(vector, "softmax"), form(vector, "softmax", "groups=2 temperature=2"),
      form(vector, "logistic", "", .pjreddie),
    ]

  private static func head(
    _ type: String, _ options: String, entries: Int, _ dialect: Dialect = .alexeyab
  ) -> GradientForms {
    let lines = options.split(separator: " ").joined(separator: "\n")
    let fork = dialect == .pjreddie ? " (pjreddie)" : ""
    let before = pixel.replacing("FILTERS", with: "\(2 * entries)")
    return GradientForms(
      name: "\(type)\(options.isEmpty ? "" : " \(options)")\(fork)", layer: type,
      text: "\(image)\(before)[\(type)]\nclasses=2\nnum=2\nanchors=1,1,2,2\n\(lines)\n",
      dialect: dialect)
  }

  private static let heads =
    ["mse", "iou", "giou", "diou", "ciou"].map {
      head("yolo", "iou_loss=\($0)", entries: 7)
    } + [
      head("yolo", "", entries: 7, .pjreddie), head("Gaussian_yolo", "", entries: 11),
      head("region", "softmax=1", entries: 7), head("region", "softmax=1", entries: 7, .pjreddie),
    ]
}
