import FileSupport
import HDF5

extension ConfigurationLoader {
  /// Layers that put values together: their only argument is a list of them.
  private static let merging: Set<String> = [
    "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot",
  ]

  /// Layers that take the states from which they start by name in Keras 3, and behind the sequence in Keras 2.
  private static func runsAlongSequence(_ callee: Called) -> Bool {
    guard case .layer(let row) = callee.found else { return false }
    return row.call?.contains("initial_state") == true
  }

  /// Goes through an element of `inbound_nodes`.
  mutating func call(
    of callee: Called, _ name: String, _ node: JSONValue, among called: [LinkName: Called]
  ) throws(LoadingRefusal) {
    if let object = node.object, generation == .third || object["args"] != nil {
      guard generation == .third else {
        throw LoadingRefusal("the calls are written in Keras 3's way")
      }
      try call(of: callee, name, object, among: called)
    } else {
      try listedCall(of: callee, name, node, among: called)
    }
  }

  // MARK: Keras 3's way

  private mutating func call(
    of callee: Called, _ name: String, _ node: JSONObject, among called: [LinkName: Called]
  ) throws(LoadingRefusal) {
    guard let arguments = node["args"]?.elements, let named = node["kwargs"]?.object else {
      throw LoadingRefusal("a call of \(Self.shown(name)) lacks its arguments")
    }
    try fit(arguments.count, Array(named.keys), into: callee, name)
    if case .operation(let row) = callee.found {
      let missing = (row.call ?? []).dropFirst(arguments.count).first {
        row.requiredInCall.contains($0) && named[$0] == nil
      }
      if let missing {
        throw LoadingRefusal("\(Self.shown(name)) is called without \(Self.shown(missing))")
      }
    }
    if case .layer = callee.found, Self.merging.contains(callee.className),
      arguments.first.map({ $0.elements == nil }) ?? true
    {
      throw LoadingRefusal(
        "\(Self.shown(name)) is called with one value, where \(generation.name)'s "
          + "\(Self.shown(callee.className)) takes a list")
    }
    for value in arguments + named.map(\.value) { try argument(value, among: called) }
  }

  private mutating func argument(
    _ value: JSONValue, among called: [LinkName: Called]
  ) throws(LoadingRefusal) {
    for element in value.elements ?? [] { try argument(element, among: called) }
    guard let object = value.object else { return }
    guard let className = object["class_name"]?.text, let config = object["config"] else {
      for (_, element) in object { try argument(element, among: called) }
      return
    }
    switch className {
    case "__keras_tensor__":
      if !Self.isPlainTensor(config) { doubtForm("a value") }
      guard let reference = config["keras_history"].flatMap(KerasTensorReference.init) else {
        return
      }
      guard let source = called[LinkName(reference.layer)] else {
        throw LoadingRefusal(
          "a value of \(Self.shown(reference.layer)) is taken, which is not there")
      }
      try check(reference, of: source)
    case "__slice__":
      if ["start", "stop", "step"].contains(where: { config[$0] == nil }) { doubtForm("a slice") }
    case "__tensor__", "__numpy__", "__bytes__", "__ellipsis__": return
    case "__lambda__":
      throw LoadingRefusal("a call passes code of the author's, which is loaded only on request")
    default: doubt("a call passes an object of class \(Self.shown(className))")
    }
  }

  /// Holds the number and names of arguments against those of the callee.
  private mutating func fit(
    _ count: Int, _ named: [String], into callee: Called, _ name: String
  ) throws(LoadingRefusal) {
    let row: NameTable.Row
    switch callee.found {
    case .model:
      guard count <= 3 else { throw LoadingRefusal("a model is called with too many arguments") }
      return
    case .layer(let found), .operation(let found): row = found
    case .unknown: return
    }
    guard let parameters = row.call, !row.takesAnyArguments else { return }
    guard count <= parameters.count else {
      throw LoadingRefusal(
        "\(Self.shown(name)) is called with \(count) arguments, and \(generation.name)'s "
          + "\(Self.shown(callee.className)) takes \(parameters.count)")
    }
    // Both Kerases pass over `training` where a layer does not ask for it.
    var known = parameters
    if case .layer = callee.found { known.append("training") }
    if generation == .second, parameters.contains("initial_state") { known.append("constants") }
    for key in named where !known.contains(key) {
      throw LoadingRefusal(
        "\(generation.name)'s \(Self.shown(callee.className)) can't be called with "
          + Self.shown(key))
    }
  }

  // MARK: Keras 2's way

  private mutating func listedCall(
    of callee: Called, _ name: String, _ node: JSONValue, among called: [LinkName: Called]
  ) throws(LoadingRefusal) {
    guard node[0]?.text == nil || generation == .second else {
      throw LoadingRefusal("a call of \(Self.shown(name)) is written without a list of values")
    }
    if node.elements == nil, node.object == nil { doubtForm("a call of \(Self.shown(name))") }
    let entries = generation == .second ? Self.values(node) : node.elements ?? []
    if generation == .third, entries.count > 1, Self.runsAlongSequence(callee) {
      throw LoadingRefusal(
        "\(Self.shown(name)) is called with \(entries.count) values in Keras 2's way, of which Keras 3's "
          + "\(Self.shown(callee.className)) takes one")
    }
    for (position, entry) in entries.enumerated() {
      guard let reference = KerasTensorReference(entry) else {
        guard isOwn, generation == .second else {
          throw LoadingRefusal("a call of \(Self.shown(name)) takes something that is no value")
        }
        if entry[0]?.text != "_CONSTANT_VALUE" {
          doubtForm("a call of \(Self.shown(name))")
        } else if hasOtherTypes {
          // tf_keras makes it float32 before it sees what it goes with.
          doubt(
            "a number stands in front of a value in \(Self.shown(name)), of which the type is not known"
          )
        }
        continue
      }
      if !entry.isPlainReference(withNamed: true) { doubtForm("a call of \(Self.shown(name))") }
      guard let source = called[LinkName(reference.layer)] else {
        throw LoadingRefusal(
          "a value of \(Self.shown(reference.layer)) is taken, which is not there")
      }
      try check(reference, of: source)
      // Of the arguments that stand beside each value, those beside the last are passed.
      let isLast = position == entries.count - 1
      let named = isLast ? entry[3]?.object ?? [:] : [:]
      try fit(1, named.keys, into: callee, name)
      for (key, value) in named where holdsValue(value, called) {
        // Keras 3 does not see that this names a value; some of its layers don't look at it.
        if generation == .third {
          doubt(
            "\(Self.shown(name)) is called with a value for \(Self.shown(key)) in Keras 2's way")
        }
      }
    }
  }

  /// The values that a call takes in Keras 2's way: one, a list of them, or a dictionary, which only tf_keras takes.
  private static func values(_ node: JSONValue, depth: Int = 0) -> [JSONValue] {
    if node[0]?.text != nil || depth == KerasConfiguration.maximumDepth { return [node] }
    if let members = node.object {
      return members.flatMap { values($0.value, depth: depth + 1) }
    }
    return (node.elements ?? []).flatMap { entry in
      entry.object == nil ? [entry] : values(entry, depth: depth + 1)
    }
  }

  /// Whether a value of the model is in an argument.
  private func holdsValue(_ value: JSONValue, _ called: [LinkName: Called]) -> Bool {
    if let reference = KerasTensorReference(value) {
      return called[LinkName(reference.layer)] != nil
    }
    return (value.elements ?? []).contains { holdsValue($0, called) }
  }
}
