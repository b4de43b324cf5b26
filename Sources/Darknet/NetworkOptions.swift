import FileSupport

/// The `[net]` section: the network's input, and how it is trained.
public struct NetworkOptions: Sendable {
  static let batch = Option("batch", 1)
  static let subdivisions = Option("subdivisions", 1)
  static let timeSteps = Option("time_steps", 1)
  static let height = Option("height", 0)
  static let width = Option("width", 0)
  static let channels = Option("channels", 0)
  static let inputs = Option("inputs", 0)

  /// Every key of the section.
  static let options: [OptionDescription] =
    [
      batch.description, subdivisions.description, timeSteps.description, height.description,
      width.description, channels.description, inputs.description,
    ]
    + NetworkTraining.options
    + trainingOptions("max_crop", "min_crop", "angle", "aspect", "saturation", "exposure", "hue")
    + trainingOptions(
      "track", "augment_speed", "sequential_subdivisions", "try_fix_nan", "use_cuda_graph",
      "loss_scale", "optimized_memory", "workspace_size_limit_MB", "flip", "blur",
      "gaussian_noise", "mixup", "cutmix", "mosaic", "letter_box", "mosaic_bound",
      "contrastive_jit_flip", "contrastive_color", "label_smooth_eps", "resize_step",
      "max_chart_loss", "show_receptive_field", in: .alexeyAndLater)
    + trainingOptions(
      "ema_alpha", "weights_reject_freq", "adversarial_lr", "attention", "equidistant_point",
      "badlabels_rejection_percentage", "num_sigmas_reject_badlabels", "dynamic_minibatch",
      "contrastive", "unsupervised", "seq_scales", in: .alexeyAndLater, refused: true)
    + trainingOptions("notruth", "random", "max_ratio", "min_ratio", "center", in: .pjreddieOnly)
    + trainingOptions("clip", in: .pjreddieOnly, refused: true)

  /// The batch of the cfg, subdivisions not taken off.
  public let batch: Int
  /// Into how many parts a batch is split.
  public let subdivisions: Int
  /// Frames of a sequence.
  public let timeSteps: Int
  /// What the first layer takes: an image, or a number of values.
  public let input: LayerShape

  init(_ options: OptionReader) throws(ModelFileError) {
    let range = 0...Int(Int32.max)
    batch = try options.value(Self.batch, in: range)
    subdivisions = try options.value(Self.subdivisions, in: range)
    timeSteps = try options.value(Self.timeSteps, in: range)
    let image = LayerShape(
      channels: try options.value(Self.channels, in: range),
      height: try options.value(Self.height, in: range),
      width: try options.value(Self.width, in: range))
    let count = options.value(of: Self.inputs) ?? image.count
    guard count > 0, max(count, image.count) <= LayerShape.maximumCount else {
      throw options.error(
        .damaged, nil, "the network takes no input that darknet could count",
        expected: "height, width and channels, or inputs, from 1 to \(LayerShape.maximumCount)",
        found: "\(image.height) × \(image.width) × \(image.channels), inputs \(count)")
    }
    input = LayerShape(
      channels: image.channels, height: image.height, width: image.width, count: count)
  }
}
