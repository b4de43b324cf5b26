import FileSupport
import ModelGraph
import Testing

@testable import Keras

/// What pooling becomes, where Keras's windows are darknet's and where they are not.
@Suite struct RaisedPoolingTests {
  @Test(arguments: [
    (3, 1, 2, "same"), (2, 2, 1, "same"), (13, 1, 12, "same"), (3, 3, 0, "valid"),
  ])
  func poolingWhereKerasAgrees(size: Int, stride: Int, pad: Int, padding: String) throws {
    let padded = Padding(before: pad / 2, after: pad - pad / 2)
    let window = Window(size: [size, size], strides: [stride, stride], padding: [padded, padded])
    let model = try raised(Pooling(.maximum, window: window), on: [3, 9, 9])
    let layer = try #require(model.layer("op")?.layerClass as? KerasLayers.MaxPooling2D)
    #expect(layer.padding.rawValue == padding)
    #expect(model.layers.count == 2)
  }

  @Test func poolingWhereKerasDiffers() throws {
    let pad = Padding(before: 1, after: 1)
    let window = Window(size: [3, 3], strides: [2, 2], padding: [pad, pad])
    let model = try raised(Pooling(.maximum, window: window), on: [3, 8, 8])
    #expect(
      model.outline == [
        "input:InputLayer", "op_dense:MaxPooling2D", "op_cut:Cropping2D", "op:MaxPooling2D",
      ])
    #expect(model.layer("op")?.outputShape == [4, 4, 3])
  }

  @Test func poolingWithAnyBorder() throws {
    let pad = Padding(before: 3, after: 3)
    let window = Window(size: [2, 2], strides: [2, 2], padding: [pad, pad])
    let model = try raised(Pooling(.maximum, window: window), on: [3, 5, 5])
    #expect(model.layer("op_floor")?.inbound == ["op_outside"])
    #expect(model.layer("op")?.outputShape == [5, 5, 3])
    let error = #expect(throws: ModelFileError.self) {
      try raised(Pooling(.average, window: window), on: [3, 5, 5])
    }
    #expect(error?.kind == .unsupported)
  }
}
