import FileSupport
import ModelGraph

extension DifferenceReport {
  /// The document; `spec/schemas/diff.json` describes it.
  package var json: JSONValue {
    var summary: JSONObject = ["tensors": JSONValue(tensors.count)]
    for state in TensorDifference.State.allCases {
      summary[state.rawValue] = JSONValue(count(state))
    }
    summary["options"] = JSONValue(options.count)
    summary["metadata"] = JSONValue(metadata.count)
    summary["storage"] = JSONValue(storage.reduce(0) { $0 + $1.tensors.count })
    return [
      "match": .bool(matches), "a": first.json, "b": second.json, "summary": .object(summary),
      "tensors": .array(tensors.map(\.json)),
      "options": .array(options.map(\.json)),
      "equivalent": .array(equivalent.map(\.json)),
      "metadata": .array(metadata.map(\.json)),
      "storage": .array(
        storage.map {
          [
            "tensors": .array($0.tensors.map(JSONValue.string)), "a": .string($0.first),
            "b": .string($0.second),
          ]
        }),
      "not_compared": .array(notCompared.map(JSONValue.string)),
      "warnings": .array(warnings.map { .string($0.description) }),
    ]
  }
}

extension DifferenceReport.Side {
  fileprivate var json: JSONValue {
    ["file": .string(path), "format": .string(format), "bytes": JSONValue(bytes)]
  }
}

extension DifferenceReport.Entry {
  fileprivate var json: JSONValue {
    var members = JSONObject()
    members["layer"] = layer.map(JSONValue.string)
    members[layer == nil ? "key" : "option"] = .string(key)
    members["a"] = first.map(JSONValue.string) ?? .null
    members["b"] = second.map(JSONValue.string) ?? .null
    return .object(members)
  }
}

extension ModelContents.Tensor {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "shape": JSONValue(shape.extents), "dtype": .string(typeName),
      "role": .string(role.rawValue),
    ]
  }
}

extension TensorDifference {
  fileprivate var json: JSONValue {
    var members: JSONObject = ["state": .string(state.rawValue)]
    members["a"] = first?.json ?? .null
    members["b"] = second?.json ?? .null
    guard let numbers else { return .object(members) }
    members["numbers"] = [
      "count": JSONValue(numbers.count), "differing": JSONValue(numbers.differing),
      "rounded": JSONValue(numbers.rounded), "not_finite": JSONValue(numbers.notFinite),
      "max_abs": .number(numbers.maximumAbsolute), "mean_abs": .number(numbers.meanAbsolute),
      "max_ulp": JSONValue(numbers.maximumUnits),
    ]
    if !numbers.examples.isEmpty, let shape = first?.shape {
      members["values"] = .array(
        numbers.examples.map {
          [
            "index": JSONValue(shape.index(of: $0.position)), "a": .number($0.first),
            "b": .number($0.second),
          ]
        })
    }
    return .object(members)
  }
}

extension Shape {
  /// The index of the element at a position in C order.
  package func index(of position: Int) -> [Int] {
    var rest = position
    var index: [Int] = []
    for extent in extents.reversed() where extent > 0 {
      index.append(rest % extent)
      rest /= extent
    }
    return index.reversed()
  }
}
