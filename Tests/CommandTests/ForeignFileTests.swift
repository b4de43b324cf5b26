import Foundation
import TestSupport
import Testing

/// Exit code 65: something else in place of weights.
struct ForeignFileTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.put("tiny", Sample.tiny)
  }

  static let strangers: [(name: String, bytes: [UInt8])] = [
    ("html", Array("<!DOCTYPE html>\n<html><body>Sign in</body></html>\n".utf8)),
    ("lfs", Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 24\n".utf8)),
    ("zip", Array("PK".utf8) + [3, 4] + [UInt8](repeating: 7, count: 60)),
    ("gzip", [0x1F, 0x8B, 8, 0] + [UInt8](repeating: 7, count: 60)),
    ("json", Array("{\"class_name\": \"Functional\", \"config\": {}}\n".utf8)),
    ("data", Array("classes= 80\ntrain  = train.txt\nnames = coco.names\n".utf8)),
    ("text", Array("Please find the weights on our server.\n".utf8)),
    ("netcdf", Array("CDF".utf8) + [2] + [UInt8](repeating: 7, count: 60)),
    ("png", [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A] + [UInt8](repeating: 7, count: 60)),
    ("jpeg", [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 7, count: 60)),
    ("pickle", [0x80, 2, 0x8A, 0x0A] + [UInt8](repeating: 7, count: 60)),
  ]

  @Test(arguments: strangers) func inPlaceOfWeights(name: String, bytes: [UInt8]) throws {
    try place.write("x.weights", bytes)
    try expectSnapshot(
      try place.nnfmt("convert", "x.weights", "a.h5", "--cfg", "tiny.cfg"), code: 65,
      named: "foreign/\(name)")
    let inspected = try place.nnfmt("inspect", "x.weights", "--cfg", "tiny.cfg")
    #expect(inspected.code == 65)
  }

  @Test func hdf5() throws {
    try place.prepare("convert", "tiny.weights", "model.h5")
    try FileManager.default.moveItem(at: place.url("model.h5"), to: place.url("x.weights"))
    try expectSnapshot(
      try place.nnfmt("convert", "x.weights", "a.h5", "--cfg", "tiny.cfg"), code: 65,
      named: "foreign/hdf5")
  }

  @Test func kerasArchive() throws {
    try place.write("m.keras", Self.strangers[2].bytes)
    try expectSnapshot(
      try place.nnfmt("inspect", "m.keras"), code: 65, named: "foreign/keras-archive")
    try expectSnapshot(
      try place.nnfmt("convert", "m.keras", "a.weights"), code: 65,
      named: "foreign/keras-archive-convert")
  }

  @Test func cfgInPlaceOfWeights() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.cfg", "a.h5"), code: 65, named: "foreign/cfg")
  }

  @Test(arguments: ["inspect", "convert"]) func weightsInPlaceOfCfg(command: String) throws {
    let arguments = ["tiny.weights"] + (command == "convert" ? ["a.h5"] : [])
    try expectSnapshot(
      try place.nnfmt([command] + arguments + ["--cfg", "tiny.weights"]), code: 65,
      named: "foreign/weights-as-cfg-\(command)")
  }

  @Test func weightsBeforeTheCfgSwapped() throws {
    try expectSnapshot(
      try place.nnfmt("convert", "tiny.cfg", "a.h5", "--cfg", "tiny.weights"), code: 65,
      named: "foreign/swapped")
  }

  /// What the file carries of darknet goes along into every container.
  @Test(arguments: ["a.h5", "a.keras", "a.weights.h5"]) func kerasToKeras(output: String) throws {
    try place.prepare("convert", "tiny.weights", "model.h5", "--dialect", "pjreddie")
    try place.prepare("convert", "model.h5", output)
    try place.prepare("convert", output, "back.weights")
    #expect(try place.bytes("back.weights") == (try place.bytes("tiny.weights")))
  }

  @Test func kerasToKerasIsTold() throws {
    try place.prepare("convert", "tiny.weights", "model.h5")
    try expectSnapshot(
      try place.nnfmt("convert", "model.h5", "a.keras", "--keras", "3"), code: 0,
      named: "foreign/h5-to-keras")
  }
}
