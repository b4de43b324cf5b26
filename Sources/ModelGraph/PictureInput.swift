/// How a picture has to be made into a network's input, as far as its file says.
public struct PictureInput: Sendable, Equatable {
  /// The order of an array's axes, without the batch.
  public enum Layout: String, Sendable {
    /// Plane by plane.
    case channelsFirst = "CHW"
    /// Pixel by pixel.
    case channelsLast = "HWC"
  }

  /// How a picture of another size is fitted.
  public enum Fitting: String, Sendable {
    /// Its proportions are kept, and grey fills the rest.
    case letterbox
    /// It is drawn to the size of the input along both axes.
    case stretch
  }

  /// Rows; `nil` where the model takes any number.
  public var height: Int?
  /// Columns; `nil` where the model takes any number.
  public var width: Int?
  /// Numbers of a pixel.
  public var channels: Int
  /// Where the channels stand.
  public var layout: Layout
  /// The order of the channels: `RGB`, `grey`; `nil` where nothing tells.
  public var order: String?
  /// The numbers that black and white have; `nil` where nothing tells.
  public var range: ClosedRange<Double>?
  /// How the picture is fitted; `nil` where nothing tells.
  public var fitting: Fitting?

  /// A picture of which nothing but its shape is known.
  public init(height: Int?, width: Int?, channels: Int, layout: Layout) {
    self.height = height
    self.width = width
    self.channels = channels
    self.layout = layout
  }

  /// Takes up what is not known from another description of the same model, which may have another layout.
  public mutating func complete(from other: PictureInput) {
    guard channels == other.channels else { return }
    order = order ?? other.order
    range = range ?? other.range
    fitting = fitting ?? other.fitting
  }
}
