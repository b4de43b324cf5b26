import Darknet
import FileSupport
import ModelGraph

extension Summary {
  /// The document of `nnfmt inspect --json`; `spec/json.md` lists its keys.
  public var json: JSONValue {
    var object = JSONObject()
    object["file"] = .string(file)
    object["format"] = .string(format)
    object["dialect"] = dialect.map(JSONValue.string)
    object["cfg"] = config.map(JSONValue.string)
    object["keras_version"] = kerasVersion.map(JSONValue.string)
    object["metadata"] = metadata.map {
      .object(JSONObject($0.map { ($0.key, .string($0.value)) }))
    }
    object["backend"] = backend.map(JSONValue.string)
    object["loads_in"] = loadsIn.map { .array($0.map(JSONValue.string)) }
    if !doesNotLoad.isEmpty {
      object["does_not_load"] = .object(
        JSONObject(doesNotLoad.map { ($0.keras, .string($0.reason)) }))
    }
    object["bytes"] = JSONValue(bytes)
    object["header"] = header?.json
    object["expected_bytes"] = expectedBytes.map { JSONValue($0) }
    object["status"] = status.map { .string($0.rawValue) }
    object["trailing_bytes"] = trailingBytes.map { JSONValue($0) }
    object["layers_loaded"] = layersLoaded.map { JSONValue($0) }
    object["input_shape"] = inputShape.map(JSONValue.init(extents:))
    object["picture"] = picture?.json
    object["layers"] = .array(layers.map { $0.json(isCloser: isCloser) })
    if !carriedHeads.isEmpty { object["heads"] = .array(carriedHeads.map(\.json)) }
    object["parameter_count"] = JSONValue(parameterCount)
    object["trainable_count"] = trainableCount.map { JSONValue($0) }
    object["activations"] = activations?.json
    if !optimizer.isEmpty {
      object["optimizer"] = ["parameters": .array(optimizer.map(\.json))]
    }
    object["datasets"] = datasets.map { .array($0.map(\.json)) }
    object["attributes"] = attributes.map { .array($0.map(\.json)) }
    object["fits"] = fits.map { .array($0.map(\.json)) }
    object["warnings"] = .array(warnings.map { .string($0.description) })
    return .object(object)
  }
}

extension JSONValue {
  /// A shape; an open extent is `null`.
  fileprivate init(extents: [Int?]) {
    self = .array(extents.map { extent in extent.map { JSONValue($0) } ?? .null })
  }
}

extension Fit {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["cfg"] = .string(config)
    object["status"] = status.map { .string($0.rawValue) }
    object["expected_bytes"] = expectedBytes.map { JSONValue($0) }
    object["layers_loaded"] = layersLoaded.map { JSONValue($0) }
    object["difference"] = difference.map { JSONValue($0) }
    object["error"] = error.map { .string($0.description) }
    return .object(object)
  }
}

extension Shape {
  fileprivate var json: JSONValue { JSONValue(extents) }
}

extension Summary.Header {
  fileprivate var json: JSONValue {
    [
      "major": JSONValue(major), "minor": JSONValue(minor), "revision": JSONValue(revision),
      "seen": JSONValue(seen), "bytes": JSONValue(bytes), "transposed": .bool(isTransposed),
    ]
  }
}

extension Summary.Layer {
  fileprivate func json(isCloser: Bool) -> JSONValue {
    var object = JSONObject()
    object["index"] = JSONValue(index)
    object["name"] = .string(name)
    object["type"] = type.map(JSONValue.string)
    object["class_name"] = className.map(JSONValue.string)
    object["connected_to"] = sources.map { .array($0.map(JSONValue.string)) }
    object["input_shape"] = inputShape.map(JSONValue.init(extents:))
    object["output_shape"] = outputShape.map(JSONValue.init(extents:))
    object["parameter_count"] = JSONValue(parameterCount)
    object["flops"] = flops.map { JSONValue($0) }
    object["parameters"] = .array(parameters.map(\.json))
    object["head"] = head?.json
    if isCloser { object["options"] = options.map { .array($0.map(\.json)) } }
    object["layers"] = children.map { .array($0.map { $0.json(isCloser: false) }) }
    return .object(object)
  }
}

extension PictureInput {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["height"] = height.map { JSONValue($0) } ?? .null
    object["width"] = width.map { JSONValue($0) } ?? .null
    object["channels"] = JSONValue(channels)
    object["layout"] = .string(layout.rawValue)
    object["order"] = order.map(JSONValue.string)
    object["range"] = range.map { [.number($0.lowerBound), .number($0.upperBound)] }
    object["resize"] = fitting.map { .string($0.rawValue) }
    return .object(object)
  }
}

extension HeadDescription {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["classes"] = JSONValue(classes)
    object["boxes"] = JSONValue(boxes)
    if !anchors.isEmpty {
      object["anchors"] = .array(anchors.map { [.number($0.width), .number($0.height)] })
      object["anchor_unit"] = .string(countsCells ? "cells" : "pixels")
    }
    object["mask"] = mask.map { .array($0.map { JSONValue($0) }) }
    object["scale_x_y"] = scaleXY.map(JSONValue.number)
    object["new_coords"] = usesNewCoordinates.map(JSONValue.bool)
    return .object(object)
  }
}

extension Summary.CarriedHead {
  fileprivate var json: JSONValue {
    [
      "output": JSONValue(output), "index": JSONValue(index), "type": .string(type),
      "head": head.json,
    ]
  }
}

extension Summary.StoredParameter {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    object["shape"] = shape.json
    object["dtype"] = .string(dtype)
    object["offset"] = offset.map { JSONValue($0) }
    object["bytes"] = JSONValue(bytes)
    object["trainable"] = isTrainable.map(JSONValue.bool)
    object["sha256"] = sha256.map(JSONValue.string)
    object["stats"] = statistics?.json
    object["values"] = values.map { .array($0.map { .number(Double($0)) }) }
    return .object(object)
  }
}

extension Summary.StoredDataset {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["path"] = .string(path)
    object["shape"] = shape.map { .array($0.map { JSONValue($0) }) } ?? .null
    object["dtype"] = .string(dtype)
    object["layout"] = .string(layout)
    object["filters"] = .array(filters.map(JSONValue.string))
    object["bytes"] = bytes.map { JSONValue($0) }
    object["stored_bytes"] = storedBytes.map { JSONValue($0) }
    object["sha256"] = sha256.map(JSONValue.string)
    object["stats"] = statistics?.json
    return .object(object)
  }
}

extension Statistics {
  fileprivate var json: JSONValue {
    [
      "min": .number(minimum), "max": .number(maximum), "mean": .number(mean),
      "std": .number(deviation), "zeros": JSONValue(zeros), "nan": JSONValue(nans),
      "inf": JSONValue(infinities),
    ]
  }
}
