import Testing

@testable import FileSupport

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

  private func write(_ value: JSONValue, _ style: JSONWriter.Style = .compact) -> String {
    String(decoding: JSONWriter(style: style).bytes(of: value), as: UTF8.self)
  }

  @Test func keepsOrderIntegersAndShortDoubles() throws {
    let text = #"{"b":1,"a":[0.1,-2,18446744073709551615,1e-05,true,null],"":{}}"#
    #expect(write(try parse(text)) == text)
    #expect(write(JSONValue(shortest: 0.1)) == "0.1")
  }

  @Test func lastOfEqualKeysWinsAtTheFirstPlace() throws {
    #expect(write(try parse(#"{"a":1,"b":2,"a":3}"#)) == #"{"a":3,"b":2}"#)
  }

  @Test func keysAreComparedByBytes() throws {
    let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value.object?.count == 2)
    #expect(value["\u{E9}"]?.int == 1)
    #expect(value["e\u{301}"]?.int == 2)
    #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
  }

  @Test func removedKeysLeaveTheOthersInPlace() {
    var object: JSONObject = ["a": 1, "b": 2, "c": 3]
    object["a"] = nil
    #expect(object.keys == ["b", "c"])
    #expect(object["c"] == 3)
  }

  @Test func pythonNumbers() throws {
    let value = try parse("[NaN, Infinity, -Infinity]")
    #expect(value[0]?.double?.isNaN == true)
    #expect(value[2]?.double == -.infinity)
    #expect(write(value) == #"["NaN","Infinity","-Infinity"]"#)
    let python = JSONWriter(nonFinite: .pythonTokens).bytes(of: value)
    #expect(String(decoding: python, as: UTF8.self) == "[NaN,Infinity,-Infinity]")
    #expect(throws: ModelFileError.self) {
      try JSONParser.parse(Array("NaN".utf8), allowsPythonNumbers: false)
    }
  }

  @Test func surrogates() throws {
    #expect(try parse(#""\ud83d\ude00""#).text == "\u{1F600}")
    #expect(try parse(#""\ud800x""#).text == "\u{FFFD}x")
    #expect(try parse(#""\udc00""#).text == "\u{FFFD}")
    #expect(try parse(#""\ud800\u0041""#).text == "\u{FFFD}A")
  }

  @Test(arguments: [
    ("", 0), ("[1,]", 3), ("01", 0), ("[1 2]", 3), ("{\"a\" 1}", 5), ("\"\u{1}\"", 1), ("\"abc", 0),
    ("tru", 0), ("-", 1), ("1.", 2), ("1e", 2), (#""\u12"#, 5), (#""\x""#, 2), ("1 2", 2),
    ("{1:2}", 1), ("\"\\", 2),
  ])
  func malformedTextIsRefusedWithItsOffset(text: String, offset: UInt64) throws {
    let error = #expect(throws: ModelFileError.self) { try parse(text) }
    #expect(error?.kind == .damaged)
    #expect(error?.places == [.byte(offset)])
  }

  @Test func invalidUTF8IsRefused() {
    #expect(throws: ModelFileError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
  }

  @Test func limitsHold() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: ModelFileError.self) { try parse(deep) }
    let nested = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
    _ = try parse(nested)
    #expect(throws: ModelFileError.self) {
      try JSONParser.parse(Array("[1,2,3]".utf8), limits: JSONParser.Limits(values: 3))
    }
  }

  @Test func prettyText() throws {
    let value = try parse(#"{"shape":[1,2],"list":[{"a":1}],"none":{},"empty":[]}"#)
    #expect(
      write(value, .pretty) == """
        {
          "shape": [1, 2],
          "list": [
            {
              "a": 1
            }
          ],
          "none": {},
          "empty": []
        }
        """)
  }

  @Test func controlCharactersAreEscaped() throws {
    let text = "a\u{1B}\u{9B}\"\\\n\u{7F}é"
    #expect(write(.string(text)) == #""a\u001b\u009b\"\\\n\u007fé""#)
    #expect(try parse(write(.string(text))).text == text)
  }
}
