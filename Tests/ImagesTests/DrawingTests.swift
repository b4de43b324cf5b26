import FileSupport
import Foundation
import TestSupport
import Testing

@testable import Images

struct DrawingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written(_ picture: Picture) throws -> Picture {
    let path = folder.path("out.png")
    let file = try OutputFile(path: path, overwrites: true)
    try picture.appendPNG(to: file)
    try OutputFile.commit([file])
    return try PictureFile.read(path).picture
  }

  @Test func whatIsWrittenIsRead() throws {
    var picture = Picture(width: 7, height: 3, color: Color(1, 2, 3))
    picture[6, 2] = .white
    #expect(try written(picture) == picture)
  }

  @Test func boxesReachBeyondThePicture() throws {
    let picture = Picture(width: 40, height: 30, color: .black)
    let font = try InstalledFonts.font(for: ["a"])
    for box in [-100.0...100, 39.5...39.6, -5 ... -1, 60...80] {
      let annotation = Annotation(columns: box, rows: box, label: "long name 99%", classNumber: 3)
      let drawn = try picture.annotated(with: [annotation], font: font)
      #expect(drawn.width == 40 && drawn != picture)
    }
    #expect(try picture.annotated(with: [], font: font) == picture)
  }

  @Test func labelsAreLegible() {
    // WCAG asks for 4.5 of small text; twenty classes have it.
    func luminance(_ color: Color) -> Double {
      let parts = [color.red, color.green, color.blue].map { part -> Double in
        let value = Double(part) / 255
        return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    for number in 0..<100 {
      let color = Color.ofClass(number)
      let pair = [luminance(color), luminance(color.legible)].sorted()
      #expect((pair[1] + 0.05) / (pair[0] + 0.05) > 4.5, "class \(number)")
    }
    #expect(Set((0..<80).map { "\(Color.ofClass($0))" }).count == 80)
  }

  @Test func aFontHasItsLetters() throws {
    let font = try InstalledFonts.font(for: ["dog"])
    #expect(font.has("dog"))
    let text = try font.draw("dog", size: 20)
    #expect((20...60).contains(text.width) && (18...40).contains(text.height))
    #expect(throws: ModelFileError.self) { try Font(path: folder.path("none.ttf")) }
  }
}
