import FileSupport
import ModelGraph

extension Network {
  /// `[net]`'s: whether AlexeyAB's detector keeps the proportions of a picture.
  private static let letterBox = Option("letter_box", 0, in: .alexeyAndLater)

  /// How darknet's own commands feed a picture (`image.c: load_image_color`, `detector.c: test_detector`):
  /// planes of red, green and blue, black 0 and white 1. `nil` for a network that takes no picture.
  ///
  /// A detector of pjreddie's gets it in a letterbox, one of AlexeyAB's stretched unless `letter_box` is set.
  /// Classifiers are fed by several commands in several ways: nothing is said of them.
  public var picture: PictureInput? {
    let input = options.input
    guard input.isImage, input.imageCount == input.count, [1, 3].contains(input.channels) else {
      return nil
    }
    var picture = PictureInput(
      height: input.height, width: input.width, channels: input.channels, layout: .channelsFirst)
    picture.order = input.channels == 3 ? "RGB" : "grey"
    picture.range = 0...1
    if layers.contains(where: { $0.layer is any HeadLayer }) {
      let reader = OptionReader(section: 0, of: config, dialect: dialect)
      // `[detection]` has commands of its own (`yolo.c`), which stretch.
      let isEarly = layers.contains { $0.layer is Detection }
      let keepsProportions =
        !isEarly && dialect.alwaysLetterboxes || reader[Self.letterBox] != 0
      picture.fitting = keepsProportions ? .letterbox : .stretch
    }
    return picture
  }
}
