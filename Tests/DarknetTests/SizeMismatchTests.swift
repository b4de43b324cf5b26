import FileSupport
import Foundation
import TestSupport
import Testing

@testable import Darknet

/// The whole text of what is said where weights and cfg disagree (users.md A and B).
struct SizeMismatchTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A detector of two heads.
  private func detector(classes: Int, channels: Int = 3) -> String {
    let filters = 3 * (classes + 5)
    let head = "[yolo]\nmask=0,1,2\nnum=6\nclasses=\(classes)\n"
    return "[net]\nwidth=32\nheight=32\nchannels=\(channels)\n"
      + "[convolutional]\nbatch_normalize=1\nfilters=8\nsize=3\npad=1\nactivation=leaky\n"
      + "[convolutional]\nfilters=\(filters)\nactivation=linear\n\(head)"
      + "[route]\nlayers=-3\n[convolutional]\nfilters=\(filters)\nactivation=linear\n\(head)"
  }

  /// A classifier.
  private func classifier(classes: Int) -> String {
    "[net]\nwidth=32\nheight=32\nchannels=3\n[convolutional]\nfilters=8\nsize=3\npad=1\n"
      + "[avgpool]\n[connected]\noutput=\(classes)\nactivation=linear\n[softmax]\n"
  }

  private func floats(_ text: String, _ dialect: Dialect = .alexeyab) throws -> Int {
    try network(text, dialect).weightCount
  }

  private func whole(_ text: String, _ dialect: Dialect = .alexeyab) throws -> [UInt8] {
    weights(header: WeightsHeader(.third, seen: 0), floats: try floats(text, dialect))
  }

  /// Holds the bytes of a file against a cfg and compares what is said.
  private func expect(
    _ bytes: [UInt8], for text: String, _ dialect: Dialect = .alexeyab, snapshot: String
  ) throws {
    let cfg = try folder.write("a.cfg", Array(text.utf8))
    let network = try Network(contentsOf: cfg, dialect: dialect)
    let file = try WeightsFile(path: try folder.write("a.weights", bytes), network: network)
    try #require(file.status != .complete)
    let error = try SizeMismatch(file).error()
    #expect(error.kind == .damaged)
    #expect(error.file == file.file.path)
    #expect(error.remedy?.isEmpty == false)
    try expectSnapshot(error.description, named: "misfit-\(snapshot)", hiding: folder.root.path)
  }

  /// A header is told by its length if that is a whole number of floats and shorter than darknet's.
  @Test(arguments: [(4, true), (10, false), (12, true), (15, false), (18, false), (24, false)])
  func headersOfOtherLengths(length: Int, isTold: Bool) throws {
    let text = detector(classes: 2)
    let cfg = try folder.write("a.cfg", Array(text.utf8))
    let bytes = [UInt8](repeating: 0, count: length) + (try whole(text).dropFirst(20))
    let file = try WeightsFile(
      path: try folder.write("a.weights", bytes),
      network: try Network(contentsOf: cfg, dialect: .alexeyab))
    let remedy = try SizeMismatch(file).error().remedy ?? ""
    #expect(remedy.contains("a header of \(length) bytes") == isTold, "\(remedy)")
  }

  /// keras-yolo4#2, keras-YOLOv3-model-set#75: the download was a web page.
  @Test func html() throws {
    try expect(
      Array("<!DOCTYPE html>\n<html><body>Quota exceeded</body></html>\n".utf8),
      for: detector(classes: 2), snapshot: "html")
  }

  /// opencv#19218: a file kept by git-lfs was never fetched.
  @Test func lfs() throws {
    try expect(
      Array(
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 248007048\n".utf8),
      for: detector(classes: 2), snapshot: "lfs")
  }

  /// AlexeyAB/darknet#6903: a .data file was passed as weights.
  @Test func dataFile() throws {
    try expect(
      Array("classes= 2\ntrain = train.txt\nnames = obj.names\n".utf8),
      for: detector(classes: 2), snapshot: "data-file")
  }

  /// tensorflow-yolov3#447 and its like: trained for another number of classes.
  @Test func classesOfTwoHeads() throws {
    try expect(
      whole(detector(classes: 80)), for: detector(classes: 2), snapshot: "fewer-classes-in-cfg")
    try expect(
      whole(detector(classes: 2)), for: detector(classes: 80), snapshot: "more-classes-in-cfg")
  }

  @Test func classesOfAClassifier() throws {
    try expect(
      whole(classifier(classes: 10)), for: classifier(classes: 1000), snapshot: "classifier")
  }

  /// keras-yolo3#14: a network of one channel.
  @Test func channels() throws {
    try expect(
      whole(detector(classes: 2, channels: 1)), for: detector(classes: 2), snapshot: "channels")
  }

  /// pjreddie/darknet#1593: vgg-16.weights has no header at all.
  @Test func withoutHeader() throws {
    let text = detector(classes: 2)
    try expect(
      Array(try whole(text).dropFirst(20)), for: text, snapshot: "without-header")
  }

  @Test func headerOfTwelveBytes() throws {
    let text = detector(classes: 2)
    let bytes = try whole(text)
    try expect(
      Array(bytes[..<12] + bytes[20...]), for: text, snapshot: "header-of-12-bytes")
  }

  /// `[batchnorm]` has biases in one fork only.
  @Test func anotherDialect() throws {
    let text = "[net]\nwidth=8\nheight=8\nchannels=32\n[batchnorm]\n[maxpool]\nsize=2\n"
    try expect(whole(text, .pjreddie), for: text, .alexeyab, snapshot: "pjreddie-as-alexeyab")
    try expect(whole(text, .alexeyab), for: text, .pjreddie, snapshot: "alexeyab-as-pjreddie")
  }

  @Test func truncatedInAnArray() throws {
    let text = detector(classes: 2)
    try expect(
      Array(try whole(text).prefix(20 + 4 * 100 + 2)), for: text, snapshot: "truncated-in-array")
  }

  @Test func truncatedBetweenArrays() throws {
    let text = detector(classes: 2)
    try expect(
      Array(try whole(text).prefix(20 + 4 * 16)), for: text, snapshot: "truncated-between-arrays")
  }

  /// YAD2K#59: unused weights.
  @Test func trailing() throws {
    let text = detector(classes: 2)
    try expect(
      try whole(text) + [UInt8](repeating: 0, count: 1001), for: text, snapshot: "trailing")
  }

  /// hank-ai/darknet#83: a file cut by `darknet partial`.
  @Test func partial() throws {
    let text = detector(classes: 2)
    let plan = WeightsPlan(try network(text), upTo: 1)
    try expect(
      weights(header: WeightsHeader(.third, seen: 0), floats: plan.floatCount), for: text,
      snapshot: "partial")
  }

  @Test func headerAlone() throws {
    try expect(
      WeightsHeader(.third, seen: 0).bytes, for: detector(classes: 2), snapshot: "header-alone")
  }

  @Test func empty() throws {
    try expect([], for: detector(classes: 2), snapshot: "empty")
  }

  @Test func headerCut() throws {
    try expect(
      Array(WeightsHeader(.third, seen: 0).bytes.prefix(17)), for: detector(classes: 2),
      snapshot: "header-cut")
  }

  /// opencv#19218: of a damaged file the first numbers look like a huge version.
  @Test func noise() throws {
    var random = SplitMix64(seed: 7)
    let bytes = (0..<3001).map { _ in UInt8.random(in: 0...255, using: &random) }
    try expect(bytes, for: detector(classes: 2), snapshot: "noise")
  }
}
