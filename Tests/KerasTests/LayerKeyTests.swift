import FileSupport
import Testing

@testable import Keras

/// Which keys a class takes, of classes that are one type here or are parts of one another.
@Suite struct LayerKeyTests {
  /// A layer's configuration with a further key, and whether the class knows it.
  @Test(arguments: [
    ("GaussianNoise", #""stddev": 1, "rate": 1"#, false), ("AlphaDropout", #""rate": 1"#, true),
    ("AlphaDropout", #""noise_shape": 1"#, true), ("SpatialDropout1D", #""noise_shape": 1"#, false),
    ("SpatialDropout1D", #""data_format": 1"#, true), ("Identity", #""rate": 1"#, false),
    ("RandomFlip", #""mode": 1"#, true), ("Embedding", #""dropout": 1"#, true),
    ("ReversibleEmbedding", #""dropout": 1"#, false), ("LSTM", #""implementation": 1"#, true),
    ("LSTM", #""use_bias": true"#, true), ("CuDNNLSTM", #""use_bias": true"#, false),
    ("LSTM", #""cell": {}"#, false), ("ConvLSTM2D", #""time_major": false"#, true),
    ("ConvLSTM2D", #""time_major": true"#, false), ("SeparableConv2D", #""groups": 1"#, true),
    ("SeparableConv2D", #""groups": 2"#, false), ("Dense", #""momentum": 1"#, false),
    ("Dense", #""kernel_initializer": "zeros""#, true), ("Dense", #""foo": null"#, true),
  ])
  func keysOfClasses(name: String, text: String, isKnown: Bool) throws {
    let base = #""units": 2, "filters": 2, "kernel_size": 2, "input_dim": 3, "output_dim": 2"#
    let own = KerasLayers.keys(of: name).map(\.name)
    var members = JSONObject()
    for (key, value) in try parsed(base) where own.contains(key) { members[key] = value }
    for (key, value) in try parsed(text) { members[key] = value }
    let layer = try KerasLayers.layer(KerasConfiguration(className: name, members: members))
    #expect(!(layer is UnknownLayer) == isKnown)
  }

  private func parsed(_ members: String) throws -> JSONObject {
    try #require(try JSONParser.parse(Array("{\(members)}".utf8)).object)
  }

  /// Keys that no constructor of a class takes belong to another class of the same type.
  @Test func listedKeys() {
    let listed = { (name: String) in KerasLayers.keys(of: name).map(\.name) }
    #expect(listed("RNN").contains("cell") && !listed("RNN").contains("units"))
    #expect(listed("LSTM").contains("units") && !listed("LSTM").contains("cell"))
    #expect(listed("GRU").contains("reset_after") && !listed("LSTM").contains("reset_after"))
    #expect(listed("GaussianNoise") == ["stddev"] && listed("SpatialDropout2D") == ["rate"])
  }
}
