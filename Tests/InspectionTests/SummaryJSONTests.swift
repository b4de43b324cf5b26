import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Inspection

/// The document of a summary, key by key.
struct SummaryJSONTests {
  private func text(_ summary: Summary) -> String {
    String(decoding: JSONWriter(style: .compact).bytes(of: summary.json), as: UTF8.self)
  }

  @Test func whatIsUnknownIsLeftOut() {
    let summary = Summary(file: "a.cfg", format: "darknet-cfg", bytes: 5)
    #expect(
      text(summary) == """
        {"file":"a.cfg","format":"darknet-cfg","bytes":5,"layers":[],"parameter_count":0,"warnings":[]}
        """)
  }

  @Test func whatIsNoNumberIsAString() throws {
    var statistics = Statistics()
    statistics.add([.nan, .infinity])
    var parameter = Summary.StoredParameter(name: "weights", shape: [2], dtype: "float32", bytes: 8)
    parameter.statistics = statistics
    var layer = Summary.Layer(index: 0, name: "x")
    layer.parameters = [parameter]
    var summary = Summary(file: "a", format: "hdf5", bytes: 1)
    summary.layers = [layer]
    #expect(
      text(summary).contains(
        "\"stats\":{\"min\":\"NaN\",\"max\":\"NaN\",\"mean\":\"NaN\",\"std\":\"NaN\","
          + "\"zeros\":0,\"nan\":1,\"inf\":1}"))
    let parsed = try JSONParser.parse(Array(text(summary).utf8))
    #expect(parsed["layers"] != nil)
  }

  @Test func everything() {
    var summary = Summary(file: "a.weights", format: "darknet-weights", bytes: .max)
    summary.dialect = "alexeyab"
    summary.config = "a.cfg"
    summary.header = .init(
      major: 0, minor: 2, revision: 5, seen: .max, bytes: 20, isTransposed: false)
    summary.expectedBytes = 40
    summary.status = .trailing
    summary.trailingBytes = 2
    summary.inputShape = [3, 8, 8]
    summary.warnings = [ModelWarning(file: "a", at: [.line(3)], "is odd")]
    #expect(
      text(summary) == """
        {"file":"a.weights","format":"darknet-weights","dialect":"alexeyab","cfg":"a.cfg",\
        "bytes":18446744073709551615,\
        "header":{"major":0,"minor":2,"revision":5,"seen":18446744073709551615,"bytes":20,\
        "transposed":false},"expected_bytes":40,"status":"trailing","trailing_bytes":2,\
        "input_shape":[3,8,8],"layers":[],"parameter_count":0,"warnings":["a: line 3: is odd"]}
        """)
  }

  @Test func datasetsWithoutExtent() {
    var summary = Summary(file: "a.h5", format: "hdf5", bytes: 1)
    summary.datasets = [
      Summary.StoredDataset(
        path: "/x", shape: nil, dtype: "float32", layout: "compact", filters: ["shuffle"])
    ]
    #expect(
      text(summary).contains(
        "\"datasets\":[{\"path\":\"/x\",\"shape\":null,\"dtype\":\"float32\","
          + "\"layout\":\"compact\",\"filters\":[\"shuffle\"]}]"))
  }
}
