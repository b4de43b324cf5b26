import FileSupport
import ModelGraph

extension KerasLayers {
  /// Rows and columns cut off an image.
  typealias Cropping2D = Cropping

  /// Cells cut off before and after on each spatial axis.
  struct Cropping: KeyedLayerClass {
    static let className = "Cropping2D"
    /// Keras's names for other numbers of axes.
    static let aliases = ["Cropping1D", "Cropping3D"]
    var className: String = Self.className
    /// Cells cut off before and after, axis by axis.
    var cropping: [Padding] = []
    /// Which axes are cut: those that are not the channels.
    var layout = ImageLayout.channelsLast

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .margins("cropping", \.cropping, 1, ofImages: 0),
      .layout(\.layout),
    ]

    /// The extents shrink by the cut; something must remain.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: cropping.count + 1)
      let spatial = zip(layout.spatial(of: image), cropping).map { extent, margin in
        extent.map { $0 - margin.total }
      }
      guard spatial.allSatisfy({ $0.map { $0 > 0 } ?? true }) else {
        throw ModelFileError(
          .damaged, at: [.option("cropping")], "cuts off more than there is", found: "\(image)")
      }
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }
}

extension KerasLayers.Cropping {
  /// A cut of rows and columns. With `channelsFirst` and an image whose channels are last it cuts columns and channels.
  init(_ cropping: [Padding], layout: ImageLayout = .channelsLast) {
    self.init(cropping: cropping, layout: layout)
  }

  /// What is left of the spatial axes.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    _ = try outputShape(of: [KerasShape(shape)])
    let margins = layout == .channelsFirst ? [.none] + cropping : cropping
    return [
      try context.applyWithoutMask(Slice(cutting: margins, of: shape), to: input)
    ]
  }
}
