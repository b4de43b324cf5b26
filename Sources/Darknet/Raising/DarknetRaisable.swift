import FileSupport
import ModelGraph

/// An operation that sections of a cfg can express. The files of this folder are named as those of the
/// operations.
protocol DarknetRaisable: Operation {
  /// Adds the sections that compute the node's value.
  ///
  /// - Returns: where the value is.
  /// - Throws: `ModelFileError` of kind `unsupported` if no sections compute exactly this.
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue
}

/// A value of the graph as the network that is made has it.
struct RaisedValue: Equatable {
  /// In which order the numbers stand.
  enum Order: Equatable {
    /// In the layer's own: an image plane by plane, where the graph has it pixel by pixel.
    case own
    /// A vector of the layer's image pixel by pixel (`Flatten`), which only a fully connected layer can be
    /// told, by the order of its weights.
    case pixels
    /// That of an image whose channels the graph has in front, as darknet has them itself.
    case planes
  }

  /// The index of the layer; -1 is the network's input.
  let layer: Int
  /// The order of its numbers.
  var order = Order.own

  /// The value of a layer.
  init(layer: Int) { self.layer = layer }

  /// The same numbers in another order.
  func ordered(_ order: Order) -> RaisedValue {
    var copy = self
    copy.order = order
    return copy
  }
}

/// The options of a section that is made, by the descriptions that its layer reads them with.
struct SectionOptions {
  /// The lines.
  private(set) var entries: [ConfigEntry] = []

  /// Sets an option; what holds without it is left out.
  mutating func set<Value>(_ option: Option<Value>, _ value: Value) {
    if value != option.defaultValue { write(option, value) }
  }

  /// Sets an option that stands in every section.
  mutating func write<Value>(_ option: Option<Value>, _ value: Value) {
    entries.append(ConfigEntry(key: option.key, value: value.optionText))
  }

  /// Adds the lines of others.
  mutating func append(_ others: SectionOptions) { entries += others.entries }

  /// Sets an option that names a function.
  mutating func write(_ option: Option<String>, _ activation: ActivationName) {
    write(option, activation.rawValue)
  }
}

extension OrderedTensor {
  /// The numbers of a parameter as float32, in the order of its shape or in another.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` if no file holds them.
  init(_ parameter: Parameter, view: StridedView? = nil) throws(ModelFileError) {
    guard let source = parameter.source else {
      throw ModelFileError(
        .internalFault, at: [.array(parameter.name)], "the array has no numbers to be written")
    }
    let isFloat = parameter.elementType == .float32
    self.init(
      source: isFloat ? source : FloatSource(source, elementType: parameter.elementType),
      elementType: .float32, view: view ?? parameter.view)
  }

  /// Numbers that were worked out.
  init(_ values: [Float]) {
    self.init(
      source: MemorySource(values), elementType: .float32,
      view: StridedView(contiguous: [values.count]))
  }

  /// One number over and over.
  init(repeating value: Float, count: Int) {
    self.init(
      source: RepeatedSource(value, count: count), elementType: .float32,
      view: StridedView(contiguous: [count]))
  }

  /// All numbers in order, for the few of a normalization.
  func values() throws(ModelFileError) -> [Float] {
    var values: [Float] = []
    try TensorStream().forEachBand(of: source, elementType: elementType, view: view) { band in
      elementType.append(band, to: &values)
    }
    return values
  }
}
