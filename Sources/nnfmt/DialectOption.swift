import ArgumentParser
import Darknet

extension Dialect: ExpressibleByArgument {}

extension Dialect {
  /// By which a file is read if `--dialect` names none, as help says it.
  static let whereUnnamed = "what the cfg states, else \(standard.rawValue)"
}
