/// The names that Keras takes for layers.
enum KerasName {
  /// The nearest name that both frameworks take: ASCII letters, digits, `_`, `.` and `-`, not beginning
  /// with `_` or `-`. TensorFlow refuses other characters in the scope of a layer, Keras 3 a slash.
  static func legal(from name: String) -> String {
    var bytes = name.utf8.map { byte in isPlain(byte) ? byte : UInt8(ascii: "_") }
    if bytes.first.map({ $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }) ?? true {
      bytes.insert(contentsOf: "layer".utf8, at: 0)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
