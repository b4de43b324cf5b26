import FileSupport

/// The names of a model's classes, a line each, as darknet's `.names` files have them.
public struct ClassNames: Sendable, Equatable {
  /// The names in the order of the classes; an empty one for a class without.
  public let all: [String]

  /// The largest file that is read.
  package static let maximumBytes = 16 << 20

  /// Reads a file.
  ///
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` for one that is too large or no text.
  public init(path: String) throws(ModelFileError) {
    let file = try InputFile(path: path)
    guard file.size <= UInt64(Self.maximumBytes) else {
      throw ModelFileError(
        .damaged, file: path, "is too large for a list of names",
        expected: "at most \(Self.maximumBytes) bytes", found: "\(file.size)")
    }
    try self.init(text: try file.prefix(Self.maximumBytes), path: path)
  }

  /// Reads lines, which end as in Unix or Windows; a byte order mark and empty lines at the end are passed over.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for what is no text.
  package init(text: [UInt8], path: String) throws(ModelFileError) {
    guard !text.contains(0) else {
      throw ModelFileError(
        .damaged, file: path, "is no list of names", expected: "text, a name in each line",
        found: "bytes that no text has")
    }
    let marked = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
    var lines = marked.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { line in
        let name = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return String(decoding: name, as: UTF8.self)
      }
    while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
    all = lines
  }

  /// The list as a file.
  package var text: [UInt8] { Array(all.map { $0 + "\n" }.joined().utf8) }

  private init(_ all: [String]) { self.all = all }

  /// The name of a class; `nil` if it has none.
  public func name(of number: Int) -> String? {
    guard all.indices.contains(number), !all[number].isEmpty else { return nil }
    return all[number]
  }

  /// The names of so many classes. Empty lines between names count as classes without one, as in darknet, unless the file
  /// has a name for each class without them.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if there are more or fewer.
  package func names(ofClasses count: Int, path: String) throws(ModelFileError) -> ClassNames {
    guard all.count != count else { return self }
    let filled = all.filter { !$0.allSatisfy(\.isWhitespace) }
    guard filled.count == count else {
      throw ModelFileError(
        .damaged, file: path, "names other classes than the model has",
        expected: count.counted("name"), found: "\(all.count)",
        remedy: "take the list that the model was trained with")
    }
    return ClassNames(filled)
  }
}

extension ModelSource {
  /// The names of the model's classes: those of the file that is named, else those that the model carries, else those in
  /// the file beside it with the same stem and the ending `.names`.
  ///
  /// - Parameters:
  ///   - named: the file that is named, if one is.
  ///   - count: how many classes the model has.
  /// - Returns: `nil` if nothing names them.
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` for another number of names.
  package func classNames(
    _ named: String?, count: Int
  ) throws(ModelFileError) -> ClassNames? {
    if let named {
      return try ClassNames(path: named).names(ofClasses: count, path: named)
    }
    if let carried = try model.carriedNames() {
      return try carried.names(ofClasses: count, path: model.path)
    }
    guard let beside = ModelFile.pathBeside(model.path, ending: ".names"),
      (try? InputFile(path: beside)) != nil
    else { return nil }
    return try ClassNames(path: beside).names(ofClasses: count, path: beside)
  }
}
