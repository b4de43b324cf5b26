import Conversion
import Darknet
import FileSupport
import Images
import Inference
import Keras
import ModelGraph

/// What is said of pictures that a model's file does not say.
public struct PictureOptions: Sendable, Equatable {
  /// The numbers that black and white have.
  public var range: ClosedRange<Double>?
  /// How a picture of another size is fitted; stretched where nothing says it.
  public var fitting: PictureInput.Fitting?

  /// Nothing beyond what the file says.
  public init(range: ClosedRange<Double>? = nil, fitting: PictureInput.Fitting? = nil) {
    self.range = range
    self.fitting = fitting
  }

}

/// Makes pictures into a model's input, in the way that its file tells.
package final class PictureFeeding {
  private let path: String
  private let options: PictureOptions
  private let find: () throws(ModelFileError) -> PictureInput?
  private var found: PictureInput?
  private var known: [String: Tensor] = [:]
  private var isUsed = false
  /// What was said of pictures, if none came.
  var strayOption: String? {
    guard !isUsed else { return nil }
    return options.range != nil ? "--pixel-range" : options.fitting != nil ? "--resize" : nil
  }

  /// Pictures for a model, whose file is not looked at before one comes.
  package init(for source: ModelSource, _ options: PictureOptions) {
    path = source.model.path
    self.options = options
    find = { () throws(ModelFileError) in try source.pictureInput() }
  }

  /// The input that a picture is made into.
  ///
  /// - Returns: one sample, `[1, C, H, W]` or `[1, H, W, C]`. Extents that the model leaves open are the picture's.
  /// - Throws: `ModelFileError`: `usage` for a model that takes no picture, or does not say how; of the picture's file.
  func tensor(_ file: InputFile) throws(ModelFileError) -> Tensor {
    if let known = known[file.path] { return known }
    let input = try input()
    guard let range = options.range ?? input.range else {
      throw ModelFileError(
        .usage, file: path, "the model does not say which numbers black and white have",
        expected: "--pixel-range LOW,HIGH", found: "a picture",
        remedy: "often it is 0,1 or 0,255 or -1,1: what the model was trained with")
    }
    let (picture, _) = try PictureFile.read(file)
    let (width, height) = (input.width ?? picture.width, input.height ?? picture.height)
    let resizing =
      switch options.fitting ?? input.fitting ?? .stretch {
      case .letterbox: PictureResizing.letterbox(of: picture, to: width, height)
      case .stretch: PictureResizing.stretch(to: width, height)
      }
    var values = resizing.planes(of: picture, channels: input.channels)
    if range != 0...1 {
      let (low, extent) = (Float(range.lowerBound), Float(range.upperBound - range.lowerBound))
      for index in values.indices { values[index] = low + values[index] * extent }
    }
    let tensor: Tensor
    switch input.layout {
    case .channelsFirst:
      tensor = Tensor(shape: Shape([1, input.channels, height, width]), values: values)
    case .channelsLast:
      let area = width * height
      tensor = Tensor(
        shape: Shape([1, height, width, input.channels]),
        values: (0..<values.count).map {
          values[$0 % input.channels * area + $0 / input.channels]
        })
    }
    known[file.path] = tensor
    isUsed = true
    return tensor
  }

  private func input() throws(ModelFileError) -> PictureInput {
    if let found { return found }
    guard let input = try find() else {
      throw ModelFileError(
        .usage, file: path, "it is not known how a picture becomes an input of the model",
        expected: "a model with one input, an image of 1 or 3 channels", found: "a picture",
        remedy: "give it an array: --input X.npy")
    }
    found = input
    return input
  }
}

extension ModelSource {
  /// How a picture becomes the model's input; `nil` for one that takes none.
  ///
  /// - Throws: `ModelFileError` if the files hold no model.
  func pictureInput() throws(ModelFileError) -> PictureInput? {
    guard try vocabulary() == .keras else { return try weights().network.picture }
    if let config, try !config.mayBeKeras() { return try checkpoint().network.picture }
    var picture = try model.kerasNetwork(config: config).picture()
    if let carried = try model.embeddedNetwork(dialect: dialect)?.picture {
      picture?.complete(from: carried)
    }
    return picture
  }
}
