import ArgumentParser
import ModelFiles
import ModelGraph

/// The options of a command that takes pictures as inputs.
struct PictureInputOptions: ParsableArguments {
  @Option(
    help:
      "How a picture is fitted: letterbox or stretch (default: as the model says, else stretch).")
  var resize: PictureInput.Fitting?

  @Option(
    name: .customLong("pixel-range"), parsing: .unconditional,
    help: ArgumentHelp(
      "The numbers that black and white have, such as 0,255 (default: as the model says).",
      valueName: "low,high"))
  var range: PixelRange?

  /// As the library takes them.
  var options: PictureOptions { PictureOptions(range: range?.range, fitting: resize) }
}

/// The numbers that black and white have: `-1,1`.
struct PixelRange: ExpressibleByArgument {
  let range: ClosedRange<Double>

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
      .compactMap { Double($0) }
    guard parts.count == 2, parts.allSatisfy(\.isFinite), parts[0] < parts[1] else { return nil }
    range = parts[0]...parts[1]
  }
}
