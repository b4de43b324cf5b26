import FileSupport
import ModelGraph

/// The variables of an optimizer, read from a file and put in the order of those who are to go on with the training.
struct OptimizerState {
  /// A variable that is to be written.
  struct Variable {
    let name: String
    let shape: Shape
    let elementType: ElementType
    let source: any TensorSource
  }

  /// The variables in the file.
  private let stored: [StoredWeight]
  private let layout: OptimizerLayout

  /// Takes the variables in a file for those of a layout.
  ///
  /// - Throws: ``SettingsRefusal`` if they are not those of any.
  init(
    _ stored: [StoredWeight], as layouts: [OptimizerLayout]
  ) throws(SettingsRefusal) {
    let shapes: [Shape]
    let types: [ElementType]
    do throws(ModelFileError) {
      shapes = try stored.map { (weight) throws(ModelFileError) in try weight.shape() }
      types = try stored.map { (weight) throws(ModelFileError) in try weight.elementType() }
      for weight in stored { try weight.dataset.checkDecodable() }
    } catch {
      throw SettingsRefusal(error.problem)
    }
    let found = layouts.first { layout in
      layout.entries.map(\.shape) == shapes
        && zip(layout.entries, types).allSatisfy { $0.use == .iterations || $1.isFloating }
    }
    guard let found, types.first?.isCount == true else {
      throw SettingsRefusal("its arrays are not those of the variables that are trained")
    }
    self.stored = stored
    layout = found
  }

  /// The same variables as they are, for the Keras that wrote them.
  func unchanged() throws(SettingsRefusal) -> [Variable] {
    do throws(ModelFileError) {
      return try zip(layout.entries, stored).map { (entry, weight) throws(ModelFileError) in
        Variable(
          name: entry.use.name, shape: entry.shape, elementType: try weight.elementType(),
          source: try weight.source())
      }
    } catch {
      throw SettingsRefusal(error.problem)
    }
  }

  /// The rate of learning, if it is among the variables.
  func rate() throws(SettingsRefusal) -> Double? {
    guard let position = layout.entries.firstIndex(where: { $0.use == .rate }) else { return nil }
    let rate: Double
    do throws(ModelFileError) { rate = try Self.number(stored[position]) } catch {
      throw SettingsRefusal(error.problem)
    }
    guard rate.isFinite, rate >= 0 else { throw SettingsRefusal("the rate of learning is \(rate)") }
    return rate
  }

  /// The variables for another generation.
  ///
  /// - Throws: ``SettingsRefusal`` if one has no place there, or is missing here.
  func mapped(
    to target: OptimizerLayout, of optimizer: OptimizerSettings
  ) throws(SettingsRefusal) -> [Variable] {
    var left = Dictionary(
      zip(layout.entries.map(\.use), stored), uniquingKeysWith: { first, _ in first })
    var variables: [Variable] = []
    for entry in target.entries {
      let weight = left.removeValue(forKey: entry.use)
      variables.append(try Self.variable(entry, weight, of: optimizer))
    }
    // Without momentum, tf_keras's SGD keeps numbers that the next step multiplies by 0; the rate of learning goes into
    // the settings.
    for use in left.keys {
      switch use {
      case .rate: continue
      case .slot where optimizer.isWithoutMomentum: continue
      default:
        throw SettingsRefusal(
          "'\(optimizer.className)' keeps other variables in the Keras that the file is for")
      }
    }
    return variables
  }

  private static func variable(
    _ entry: OptimizerLayout.Entry, _ weight: StoredWeight?, of optimizer: OptimizerSettings
  ) throws(SettingsRefusal) -> Variable {
    do throws(ModelFileError) {
      switch (entry.use, weight) {
      case (.iterations, let weight?):
        return Variable(
          name: entry.use.name, shape: entry.shape, elementType: .int64,
          source: MemorySource(bytes: try count(weight)))
      case (.rate, _):
        guard let rate = optimizer.fixedRate else { break }
        return Variable(
          name: entry.use.name, shape: entry.shape, elementType: .float32,
          source: MemorySource([Float(rate)]))
      case (_, let weight?):
        return Variable(
          name: entry.use.name, shape: entry.shape, elementType: try weight.elementType(),
          source: try weight.source())
      case (.slot, nil) where optimizer.isWithoutMomentum:
        return Variable(
          name: entry.use.name, shape: entry.shape, elementType: .float32,
          source: ZeroSource(byteCount: entry.shape.elementCount * 4))
      default: break
      }
    } catch {
      throw SettingsRefusal(error.problem)
    }
    throw SettingsRefusal(
      "'\(optimizer.className)' keeps other variables in the Keras that the file is for")
  }

  /// The bytes of a count as int64, which TensorFlow keeps it in; JAX has int32.
  private static func count(_ weight: StoredWeight) throws(ModelFileError) -> [UInt8] {
    let source = try weight.source()
    var bytes = [UInt8](repeating: 0, count: source.byteCount)
    var failure: ModelFileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(ModelFileError) { try source.read(into: buffer, at: 0) } catch { failure = error }
    }
    if let failure { throw failure }
    let isNegative = try weight.elementType().isSigned && (bytes.last ?? 0) >= 0x80
    while bytes.count < 8 { bytes.append(isNegative ? 0xFF : 0) }
    return bytes
  }

  /// The number of a scalar.
  private static func number(_ weight: StoredWeight) throws(ModelFileError) -> Double {
    var value = [Float](repeating: 0, count: 1)
    var failure: ModelFileError?
    value.withUnsafeMutableBufferPointer { buffer in
      do throws(ModelFileError) { try weight.dataset.readFloats(into: buffer) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return Double(value[0])
  }
}

extension ElementType {
  /// Whether steps can be counted in it.
  fileprivate var isCount: Bool { !isFloating && self != .bool }
  fileprivate var isSigned: Bool { [.int8, .int16, .int32, .int64].contains(self) }
}
