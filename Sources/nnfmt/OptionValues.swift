import ArgumentParser
import Darknet
import Keras
import ModelFiles
import ModelGraph

// Types of the libraries that an option takes a value of.
extension Dialect: ExpressibleByArgument {}
extension HeaderGeneration: ExpressibleByArgument {}
extension HeaderLength: ExpressibleByArgument {
  /// `none`, or the number of bytes.
  public init?(argument: String) { self.init(argument) }
}
extension KerasForm: ExpressibleByArgument {}
extension PictureInput.Fitting: ExpressibleByArgument {}
extension ModelVocabulary: ExpressibleByArgument {}

extension OutputFormat: ExpressibleByArgument {
  package static var allValueStrings: [String] { allCases.map(\.name) }

  package var defaultValueDescription: String { name }

  package init?(argument: String) {
    guard let found = Self.allCases.first(where: { $0.name == argument }) else { return nil }
    self = found
  }
}

extension Dialect {
  /// By which a file is read if `--dialect` names none, as help says it.
  static let whereUnnamed = "what the cfg states, else \(standard.rawValue)"
}

/// The extents of an input, without the batch axis: `224,224,3`.
struct InputSize: ExpressibleByArgument {
  let shape: Shape

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let extents = parts.compactMap { Int($0) }.filter { $0 > 0 }
    guard extents.count == parts.count else { return nil }
    shape = Shape(extents)
  }
}
