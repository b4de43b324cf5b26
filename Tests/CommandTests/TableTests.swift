import Testing

@testable import nnfmt

struct TableTests {
  private let plain = Style(Console.Stream(descriptor: -1))

  @Test func columnsLineUp() {
    var table = Table([("#", .right), ("layer", .left), ("bytes", .right)])
    table.add(["1", "conv", "5 B"])
    table.add(["10", "convolutional", "12 KiB"])
    #expect(
      table.lines(style: plain) == [
        " #  layer           bytes", " 1  conv              5 B", "10  convolutional  12 KiB",
      ])
  }

  @Test func columnsWithoutTextAreLeftOut() {
    var table = Table([("a", .left), ("b", .left), ("c", .left)])
    table.add(["1", "", "3"])
    table.add(["4", "", "6"])
    #expect(table.lines(style: plain) == ["a  c", "1  3", "4  6"])
  }

  @Test func noBlanksAtTheEnd() {
    var table = Table([("name", .left), ("detail", .left)])
    table.add(["x", "long text"])
    table.add(["y", ""])
    #expect(table.lines(style: plain) == ["name  detail", "x     long text", "y"])
  }

  /// What counts is characters, not bytes.
  @Test func charactersBeyondASCII() {
    var table = Table([("größe", .left), ("n", .right)])
    table.add(["3×3", "1"])
    #expect(table.lines(style: plain) == ["größe  n", "3×3    1"])
  }

  @Test func textOutOfAFileIsEscaped() {
    var table = Table([("name", .left)])
    table.add(["a\u{1B}[2Jb"])
    #expect(table.lines(style: plain) == ["name", "a\\u{1b}[2Jb"])
  }

  private func narrow(_ width: Int) -> Style { Style(isColoured: false, width: width) }

  @Test func aNarrowTerminalWrapsWhatMayWrap() {
    var table = Table([("#", .right), ("detail", .left), ("n", .right)], wrapping: [1])
    table.add(["1", "3×3/2 depthwise bn mish", "7"])
    table.add(["2", "max", "10"])
    #expect(
      table.lines(style: narrow(25)) == [
        "#  detail               n", "1  3×3/2 depthwise bn   7", "   mish",
        "2  max                 10",
      ])
    #expect(table.lines(style: narrow(80)) == table.lines(style: plain))
  }

  /// Before a word is broken in the middle, every column gives way down to the parts of its names.
  @Test func partsOfNamesStayWhole() {
    var table = Table([("layer", .left), ("class", .left), ("n", .right)], wrapping: [0, 1])
    table.add(["convolutional_14_bn", "BatchNormalization", "1"])
    #expect(
      table.lines(style: narrow(33)) == [
        "layer           class           n", "convolutional_  Batch           1",
        "14_bn           Normalization",
      ])
  }

  @Test func namesBreakBehindTheirParts() {
    #expect("model/block_12/expand".wrapped(to: 16) == ["model/block_12/", "expand"])
    #expect("conv_14_act".wrapped(to: 9) == ["conv_14_", "act"])
    #expect("GlobalMaxPooling2D".wrapped(to: 10) == ["GlobalMax", "Pooling2D"])
    #expect("HDF5".wrapped(to: 3) == ["HDF", "5"])
    #expect("a...b".wrapped(to: 4) == ["a...", "b"])
    #expect("abcdefghij".wrapped(to: 4) == ["abcd", "efgh", "ij"])
    #expect("one two".wrapped(to: 7) == ["one two"])
    #expect("one two".wrapped(to: 4) == ["one", "two"])
    #expect("one two".wrapped(to: 3) == ["one", "two"])
    #expect("".wrapped(to: 3) == [""])
  }

  /// Nothing is lost where a table can't be made narrow enough.
  @Test func tooNarrow() {
    var table = Table([("layer", .left), ("n", .right)], wrapping: [0])
    table.add(["convolutional", "123,456"])
    #expect(table.lines(style: narrow(5)) == ["layer             n", "convolutio  123,456", "nal"])
  }

  @Test func noRows() {
    #expect(Table([("a", .left)]).lines(style: plain) == [""])
  }
}

struct NumberTextTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (123_456, "123,456"),
    (62_001_757, "62,001,757"), (-1234, "-1,234"), (-123, "-123"),
    (Int.max, "9,223,372,036,854,775,807"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func grouped(number: Int, text: String) {
    #expect(NumberText.grouped(number) == text)
  }

  @Test(arguments: [
    (UInt64(0), "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1536, "1.50 KiB"),
    (10_239, "10.0 KiB"), (102_399, "100 KiB"), (1_048_575, "1.00 MiB"), (248_007_048, "237 MiB"),
    (5 << 30, "5.00 GiB"), (.max, "16.0 EiB"),
  ])
  func bytes(count: UInt64, text: String) {
    #expect(NumberText.bytes(count) == text)
  }

  @Test func unitOfOperations() {
    #expect(NumberText.operations(24, unit: "FLOPs") == "24 FLOPs")
    #expect(NumberText.operations(21_600_000, unit: "FLOPs") == "21.6 MFLOPs")
  }

  @Test func counted() {
    #expect(NumberText.counted(0, "layer") == "0 layers")
    #expect(NumberText.counted(1, "layer") == "1 layer")
    #expect(NumberText.counted(1234, "layer") == "1,234 layers")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1.00 k"), (9_994, "9.99 k"), (9_996, "10.0 k"),
    (65_862_733_824, "65.9 G"), (999_999, "1.00 M"), (Int.max, "9.22 E"),
  ])
  func operations(count: Int, text: String) {
    #expect(NumberText.operations(count) == text)
  }

  @Test(arguments: [
    (0.5, "0.50"), (42.04, "42.0"), (1234, "1.23 k"), (9.9e20, "990 E"), (1e21, "1.00e+21"),
    (1.24e300, "1.24e+300"), (.infinity, "inf"), (.nan, "nan"),
  ])
  func factor(value: Double, text: String) {
    #expect(NumberText.factor(value) == text)
  }
}
