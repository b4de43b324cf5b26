import FileSupport
import Foundation
import TestSupport
import Testing

@testable import Darknet

/// The comment that states which darknet a cfg is for.
struct StatedDialectTests {
  /// pjreddie's darknet alone has this layer.
  private static let layers = "[net]\ninputs=4\n[connected]\noutput=3\n[logistic]\n"

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func isTakenUp() throws {
    let path = try folder.write(
      "a.cfg", "# made by hand\n#nnfmt: dialect = pjreddie\n" + Self.layers)
    #expect(try Network(contentsOf: path, dialect: nil).dialect == .pjreddie)
    #expect(try Network(contentsOf: path, dialect: nil, otherwise: .hankAI).dialect == .pjreddie)
    #expect(try ConfigText(contentsOf: path).statedDialect() == .pjreddie)
    // What the user says counts.
    #expect(try failure { try Network(contentsOf: path, dialect: .alexeyab) }.kind == .unsupported)
  }

  @Test func isTheStandardOneIfNotStated() throws {
    let path = try folder.write(
      "a.cfg", "[net]\ninputs=4\n# nnfmt: dialect=pjreddie\n[connected]\noutput=3\n")
    #expect(try Network(contentsOf: path, dialect: nil).dialect == .alexeyab)
    #expect(try Network(contentsOf: path, dialect: nil, otherwise: .pjreddie).dialect == .pjreddie)
  }

  @Test(arguments: ["", "darknet", "pjreddie2"]) func noDialect(name: String) throws {
    let path = try folder.write("a.cfg", "# nnfmt: dialect=\(name)\n" + Self.layers)
    let error = try failure { try Network(contentsOf: path, dialect: nil) }
    #expect(error.kind == .damaged && error.places == [.line(1)])
    #expect(try Network(contentsOf: path, dialect: .pjreddie).layers.count == 2)
  }

  @Test func isWritten() throws {
    let sections = try network(Self.layers, .pjreddie).config.sections
    func text(_ dialect: Dialect) throws -> String {
      String(decoding: try ConfigWriter(dialect: dialect).bytes(of: sections), as: UTF8.self)
    }
    #expect(try text(.pjreddie).hasPrefix("# nnfmt: dialect=pjreddie\n[net]\n"))
    #expect(try text(.hankAI).hasPrefix("# nnfmt: dialect=hank-ai\n[net]\n"))
    #expect(try text(.alexeyab).hasPrefix("[net]\n"))
  }
}
