import Detection
import FileSupport
import Images
import ModelFiles
import Synchronization

/// Pictures with boxes, as files: one, or one for each picture in a folder.
final class Drawings: Sendable {
  private enum Place {
    case file(String)
    case folder(String)
  }

  private let place: Place
  private let overwrites: Bool
  private let detector: Detector
  /// FreeType draws with one thread at a time.
  private let font: Mutex<Font>
  private let folder: Mutex<OutputFolder?>
  /// The names in the folder by the pictures' paths.
  private let names: [String: String]

  /// Finds a font, and makes the folder if it is missing; `nil` if nothing is drawn.
  ///
  /// - Throws: `ModelFileError`: `unreadable` or `damaged` for a font, `cannotCreate` for the folder.
  init?(
    _ options: DrawingOptions, of sources: PictureSources, _ detector: Detector
  ) throws(ModelFileError) {
    guard let path = options.draw else { return nil }
    self.detector = detector
    overwrites = options.force
    let font: Font
    if let named = options.font {
      font = try Font(path: named)
    } else {
      font = try InstalledFonts.font(for: detector.names?.all ?? [])
    }
    self.font = Mutex(font)
    if sources.isSingle, !path.hasSuffix("/") {
      place = .file(path)
      folder = Mutex(nil)
      names = [:]
      // Before anything is computed: the name may be taken.
      _ = try OutputFile(path: path, overwrites: overwrites)
      return
    }
    place = .folder(path)
    folder = Mutex(try OutputFolder(path: path))
    names = Self.names(for: sources.all)
  }

  /// `dog.png` for `photos/dog.jpg`; `dog_2.png` for another one of that name.
  private static func names(for paths: [String]) -> [String: String] {
    var taken: Set<String> = []
    var names: [String: String] = [:]
    for path in paths where names[path] == nil {
      let file = path.split(separator: "/").last.map(String.init) ?? path
      let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
      var name = stem
      var number = 1
      while !taken.insert(name).inserted {
        number += 1
        name = "\(stem)_\(number)"
      }
      names[path] = name + ".png"
    }
    return names
  }

  /// Writes a picture with its boxes.
  ///
  /// - Returns: the file.
  /// - Throws: `ModelFileError` of the font or the file.
  func draw(
    _ objects: [DetectedObject], in picture: Picture, of path: String
  ) throws(ModelFileError) -> String {
    let annotations = objects.reversed().map { annotation(of: $0, in: picture) }
    let drawn = try font.withLock { (font) throws(ModelFileError) in
      try picture.annotated(with: annotations, font: font)
    }
    let target =
      switch place {
      case .file(let path): path
      case .folder(let folder):
        (folder.hasSuffix("/") ? folder : folder + "/") + (names[path] ?? "picture.png")
      }
    let file = try OutputFile(path: target, overwrites: overwrites)
    try drawn.appendPNG(to: file)
    try OutputFile.commit([file])
    // The folder stays, now that there is something in it.
    try folder.withLock { (folder) throws(ModelFileError) in try folder?.commit() }
    return target
  }

  private func annotation(of object: DetectedObject, in picture: Picture) -> Annotation {
    let (left, top) = object.corner(in: picture)
    let name = detector.name(ofClass: object.classNumber) ?? "class \(object.classNumber)"
    let percent = Int((Double(object.probability) * 100).rounded())
    return Annotation(
      columns: left...(left + Double(max(0, object.box.width)) * Double(picture.width)),
      rows: top...(top + Double(max(0, object.box.height)) * Double(picture.height)),
      label: "\(name) \(percent)%", classNumber: object.classNumber)
  }
}

extension DetectedObject {
  /// The upper left corner of its box, in pixels.
  func corner(in picture: Picture) -> (left: Double, top: Double) {
    (
      Double(box.x - max(0, box.width) / 2) * Double(picture.width),
      Double(box.y - max(0, box.height) / 2) * Double(picture.height)
    )
  }
}
