import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The fonts that the system has.
public enum InstalledFonts {
  /// Where fonts are, by the standards of Linux's and Apple's desktops.
  private static let folders = [
    "/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts",
  ]
  /// Plain fonts that are legible when small, the best first.
  private static let preferred = [
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Ubuntu-R.ttf",
    "FreeSans.ttf", "Helvetica.ttc", "Arial.ttf",
  ]
  private static let endings = [".ttf", ".otf", ".ttc"]
  /// More files than any system has fonts.
  private static let maximumCount = 100_000

  /// A font that has letters for these texts; if none has for all, the first one.
  ///
  /// - Throws: `ModelFileError` of kind `unreadable` if there is none.
  public static func font(for texts: [String]) throws(ModelFileError) -> Font {
    var files = found()
    files.sort { rank($0) < rank($1) }
    var first: Font?
    for file in files {
      // Some files of that name are no fonts, or can't be drawn.
      guard let font = try? Font(path: file) else { continue }
      if texts.allSatisfy(font.has) { return font }
      first = first ?? font
    }
    guard let first else {
      throw ModelFileError(
        .unreadable, "there is no font to write names with",
        expected: "a .ttf or .otf file below \(folders[0])",
        remedy: "install one (apt-get install fonts-dejavu-core), or name one with --font FILE")
    }
    return first
  }

  private static func rank(_ path: String) -> (Int, String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let isOblique = ["Italic", "Oblique", "Bold", "Mono"].contains { name.contains($0) }
    return (
      preferred.firstIndex(of: name) ?? preferred.count + (isOblique ? 1 : 0), path
    )
  }

  private static func found() -> [String] {
    var found: [String] = []
    var waiting = folders
    var seen = 0
    while let folder = waiting.popLast(), seen < maximumCount {
      guard let names = try? FolderNames.all(in: folder) else { continue }
      for name in names {
        seen += 1
        let path = "\(folder)/\(name)"
        if endings.contains(where: name.lowercased().hasSuffix) {
          found.append(path)
        } else if !name.contains(".") {
          waiting.append(path)
        }
      }
    }
    return found
  }
}
