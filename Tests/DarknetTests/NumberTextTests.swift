import Foundation
import Testing

@testable import Darknet

/// Numbers as C reads them; C's own functions are the reference.
struct NumberTextTests {
  @Test(arguments: [
    ("12", 12, true), ("-3", -3, true), (" \t-3 ", -3, true), ("- 3", 0, false), ("+7", 7, true),
    ("007", 7, true), ("3.9", 3, false),
    ("3#x", 3, false), ("1e3", 1, false), ("0x10", 0, false), ("", 0, false), ("-", 0, false),
    ("+-2", 0, false), ("abc", 0, false), (".5", 0, false), ("9223372036854775807", .max, true),
    ("99999999999999999999", .max, true), ("-99999999999999999999", -.max, true),
    // Not digits of C, whatever Unicode calls them; an accent is no part of the digit before it.
    ("٣", 0, false), ("３", 0, false), ("²", 0, false), ("5\u{301}", 5, false),
  ])
  func integers(text: String, value: Int, isWhole: Bool) {
    let got = NumberSyntax.integer(text[...])
    #expect(got == (value, isWhole))
  }

  @Test(arguments: [
    ("1.5", 1.5, true), (" -1.5 ", -1.5, true), ("-.5", -0.5, true), ("+5.", 5, true),
    ("1e3", 1000, true),
    ("1.e-2", 0.01, true), ("1E+2", 100, true), ("2e", 2, false), ("2e+", 2, false),
    ("2ex", 2, false), (".", 0, false), ("", 0, false), ("-", 0, false), ("1.5#x", 1.5, false),
    ("1.2.3", 1.2, false), ("inf", .infinity, true), ("-Infinity", -.infinity, true),
    ("0x2", 2, true), ("0x1.8p1", 3, true), ("0x", 0, false), ("0x.8#", 0.5, false),
    ("1e999", .infinity, true),
    ("1e-999", 0, true), ("5\u{301}", 5, false), ("1,5", 1, false),
  ])
  func reals(text: String, value: Double, isWhole: Bool) {
    let got = NumberSyntax.real(text[...])
    #expect(got == (value, isWhole))
  }

  /// Random texts of the characters that matter, held against `atoi` and `atof`.
  @Test func asCReadsThem() {
    let letters = Array("0123456789+-.eE#, xXpPinfaINFA()")
    for _ in 0..<20_000 {
      let text = String((0..<Int.random(in: 0...9)).compactMap { _ in letters.randomElement() })
      let (real, expected) = (NumberSyntax.real(text[...]).value, atof(text))
      #expect(real == expected || real.isNaN && expected.isNaN, "\(text)")
      #expect(NumberSyntax.integer(text[...]).value == Int(atoi(text)), "\(text)")
    }
  }

  @Test(arguments: [
    ("1,2,3", [1, 2, 3], true), ("-1, -4", [-1, -4], true), ("0 , 1 2", [0, 1], false),
    ("1,,2", [1, 0, 2], false),
    ("1,2,", [1, 2, 0], false), ("1,2#,3", [1, 2], false), ("#", [0], false), ("7", [7], true),
  ])
  func lists(text: String, values: [Int], isWhole: Bool) {
    let got = [Int].parse(text[...])
    #expect(got.value == values)
    #expect(got.isWhole == isWhole)
  }
}
