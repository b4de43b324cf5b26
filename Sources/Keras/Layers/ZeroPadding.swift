import FileSupport
import ModelGraph

extension KerasLayers {
  /// Zeros put around an image.
  typealias ZeroPadding2D = ZeroPadding

  /// Zeros put before and after the cells of each spatial axis.
  struct ZeroPadding: KeyedLayerClass {
    static let className = "ZeroPadding2D"
    /// Keras's names for other numbers of axes.
    static let aliases = ["ZeroPadding1D", "ZeroPadding3D"]
    var className: String = Self.className
    /// Cells before and after, axis by axis.
    var padding: [Padding] = []
    /// Which axes are padded: those that are not the channels.
    var layout = ImageLayout.channelsLast

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .margins("padding", \.padding, 1), .layout(\.layout),
    ]

    /// The extents grow by the padding.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: padding.count + 1)
      let spatial = zip(layout.spatial(of: image), padding).map { extent, margin in
        extent.map { $0 + margin.total }
      }
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }
}

extension KerasLayers.ZeroPadding {
  /// A padding of rows and columns. With `channelsFirst` and an image whose channels are last it pads columns and
  /// channels.
  init(_ padding: [Padding], layout: ImageLayout = .channelsLast) {
    self.init(padding: padding, layout: layout)
  }

  /// Zeros around the spatial axes.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let margins = layout == .channelsFirst ? [.none] + padding : padding + [.none]
    return [try context.applyWithoutMask(Pad(margins: margins, value: 0), to: input)]
  }
}
