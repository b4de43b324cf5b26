import FileSupport
import ModelGraph

extension KerasLayers {
  /// Rows and columns cut off an image.
  public typealias Cropping2D = Cropping

  /// Cells cut off before and after on each spatial axis.
  public struct Cropping: KerasLayerClass {
    /// Keras's name of the class for images.
    public static let className = "Cropping2D"
    /// Keras's names for other numbers of axes.
    public static let aliases = ["Cropping1D", "Cropping3D"]
    /// Its name.
    public let className: String
    /// Cells cut off before and after, axis by axis.
    public let cropping: [Padding]
    /// Which axes are cut: those that are not the channels.
    public let layout: ImageLayout

    /// A cut of rows and columns. With `channelsFirst` and an image whose channels are last it cuts
    /// columns and channels.
    public init(_ cropping: [Padding], layout: ImageLayout = .channelsLast) {
      className = Self.className
      self.cropping = cropping
      self.layout = layout
    }

    /// Reads `cropping`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      let rank = try SpatialClass.rank(of: className)
      // Only that of sequences cuts something if it is not told what.
      cropping = try configuration.margins("cropping", count: rank, default: rank == 2 ? 0 : 1)
      layout = try configuration.layout()
    }

    /// `cropping`
    public var configuration: JSONObject {
      var members: JSONObject = ["cropping": JSONValue(margins: cropping)]
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// The extents shrink by the cut; something must remain.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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
  /// What is left of the spatial axes.
  public func lower(
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
