import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

@Suite struct HeadTests {
  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test func yoloLeavesSizesRaw() throws {
    let x: [Float] = [0, 1, 2, 3, 4, 5]
    let head = YoloHead(
      anchors: [1, 1], mask: [0], classes: 1, scaleXY: 1.5, usesNewCoordinates: false)
    #expect(
      agree(
        try values(of: head, on: [6, 1, 1], x),
        [0.5, logistic(1) * 1.5 - 0.25, 2, 3, logistic(4), logistic(5)]))
    let new = YoloHead(
      anchors: [1, 1], mask: [0], classes: 1, scaleXY: 2, usesNewCoordinates: true)
    #expect(try values(of: new, on: [6, 1, 1], x) == [-0.5, 1.5, 2, 3, 4, 5])
  }

  @Test func gaussianLeavesTheMeansOfSizesRaw() throws {
    let head = GaussianYoloHead(anchors: [1, 1], mask: [0], classes: 1, scaleXY: 1)
    let result = try values(of: head, on: [10, 1, 1], (0..<10).map(Float.init))
    var expected = (0..<10).map { logistic(Double($0)) }
    expected[4] = 4
    expected[6] = 6
    #expect(agree(result, expected))
  }

  @Test func regionInEachOrder() throws {
    // One box of 2 coordinates, objectness and 2 classes on 1 × 2 cells.
    let x = (0..<10).map(Float.init)
    func head(isPlanar: Bool, usesSoftmax: Bool) -> RegionHead {
      RegionHead(
        anchors: [1, 1], boxes: 1, coordinates: 2, classes: 2, usesSoftmax: usesSoftmax,
        isPlanar: isPlanar)
    }
    #expect(
      agree(
        try values(of: head(isPlanar: false, usesSoftmax: false), on: [5, 1, 2], x),
        [0, 2, logistic(4), 6, 8, 1, 3, logistic(5), 7, 9]))
    // Classes 6 and 8 of the first cell, 7 and 9 of the second.
    let share = logistic(-2)
    let coordinates = (0..<6).map { logistic(Double($0)) }
    let planar = try values(of: head(isPlanar: true, usesSoftmax: true), on: [5, 1, 2], x)
    #expect(agree(planar, coordinates + [share, share, 1 - share, 1 - share]))
  }

  /// Of no object and two classes one holds; without softmax only the classes go through the logistic function.
  @Test func regionWithBackground() throws {
    func head(usesSoftmax: Bool) -> RegionHead {
      RegionHead(
        anchors: [1, 1], boxes: 1, coordinates: 2, classes: 2, usesSoftmax: usesSoftmax,
        isPlanar: true, hasBackground: true)
    }
    let chances = [1.0, 2, 3].map { exp($0) / (exp(1.0) + exp(2.0) + exp(3.0)) }
    #expect(
      agree(
        try values(of: head(usesSoftmax: true), on: [5, 1, 1], [0, 0, 1, 2, 3]),
        [0.5, 0.5] + chances))
    #expect(
      agree(
        try values(of: head(usesSoftmax: false), on: [5, 1, 1], [0, 0, 1, 2, 3]),
        [0.5, 0.5, 1, logistic(2), logistic(3)]))
  }

  @Test func gridSoftmaxesTheClassesInFront() throws {
    let head = GridHead(side: 1, boxes: 1, coordinates: 1, classes: 2, usesSoftmax: true)
    #expect(try values(of: head, on: [4], [3, 3, 7, 8]) == [0.5, 0.5, 7, 8])
    let segmentation = SegmentationHead(classes: 1, embedding: 1)
    #expect(try values(of: segmentation, on: [2, 1, 1], [0, 5]) == [0.5, 5])
  }
}
