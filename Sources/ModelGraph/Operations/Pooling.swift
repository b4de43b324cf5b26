import FileSupport

/// One number out of each window of each channel, over 0 to 3 axes.
public struct Pooling: WindowedOperation {
  /// What becomes of the cells of a window.
  public enum Rule: String, Sendable {
    /// The largest. Cells outside the image don't count; a window without any cell gives the
    /// smallest float.
    case maximum
    /// The mean of the cells that lie inside the image.
    case average
  }

  /// The rule.
  public let rule: Rule
  /// How the window moves.
  public let window: Window
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation {
    .function(
      slope: 1, summands: rule == .average ? Shape(window.size).elementCount : 1)
  }

  /// A pooling.
  public init(_ rule: Rule, window: Window) {
    self.rule = rule
    self.window = window
  }

  /// `[C, (in + padding − size) / stride + 1, …]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage(axes: 0...3)
    return layout.shape(
      channels: layout.channels(of: image),
      spatial: try window.outputExtents(of: layout.spatial(of: image)))
  }
}

/// The largest of every `outputs`-th channel: `y[g] = max over k of x[g + k · outputs]`.
public struct ChannelMaximum: Operation {
  /// The number of channels that remain.
  public let outputs: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// Pooling over channels.
  public init(outputs: Int) { self.outputs = outputs }

  /// `[outputs, H, W]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    guard outputs > 0, outputs <= layout.channels(of: image) else {
      throw ModelFileError(
        .damaged, "pools into more channels than there are",
        expected: "1 to \(layout.channels(of: image))", found: "\(outputs)")
    }
    return layout.shape(channels: outputs, spatial: layout.spatial(of: image))
  }
}

extension Pooling {
  /// With the simplest window; whatever is taken of a single cell is that cell.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    guard let input = inputs.first else { return .operation(self) }
    let window = window.simplified(input: input, output: output, layout)
    let isOfOne = window.size.allSatisfy { $0 == 1 }
    let isWhole =
      isOfOne && input == output && window.strides.allSatisfy { $0 == 1 }
      && window.padding.allSatisfy { $0.before == 0 && $0.after == 0 }
    let seesNoBorder = window.padding.allSatisfy { $0.before == 0 && $0.after <= 0 }
    return SimplestForm(
      Pooling(isOfOne && seesNoBorder ? .maximum : rule, window: window), unless: isWhole)
  }
}

extension ChannelMaximum: LayoutFollowing {}

extension Pooling: LayoutFollowing {}
