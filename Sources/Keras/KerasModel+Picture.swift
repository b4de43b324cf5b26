import ModelGraph

extension KerasModel {
  /// How a picture is fed, as far as the configuration says; `nil` for a model whose first input is none.
  ///
  /// The shape is that of a picture if the layer that takes the input works on images: then its data format
  /// says where the channels stand. The scale is known only of a model that begins with a Rescaling layer,
  /// which makes small numbers of those from 0 to 255. No file says the order of the channels.
  public var picture: PictureInput? {
    guard inputs.count == 1, let input = inputs.first,
      let extents = layers.first(where: { $0.name == input.layer })?.outputShape?.extents,
      extents.count == 3
    else { return nil }
    var range: ClosedRange<Double>?
    var source = input.layer
    var seen: Set<String> = []
    while seen.insert(source).inserted, let next = onlyReader(of: source) {
      if let rescaling = next.layerClass as? KerasLayers.Rescaling {
        if case .one(let scale) = rescaling.scale, range == nil, source == input.layer,
          (0.001...0.02).contains(scale)
        {
          range = 0...255
        }
      } else if let layout = next.pictureLayout {
        let isLast = layout == .channelsLast
        guard let channels = isLast ? extents[2] : extents[0], [1, 3].contains(channels) else {
          return nil
        }
        var picture = PictureInput(
          height: isLast ? extents[0] : extents[1], width: isLast ? extents[1] : extents[2],
          channels: channels, layout: layout)
        picture.range = range
        return picture
      } else if !next.keepsPictures {
        return nil
      }
      source = next.name
    }
    return nil
  }

  /// The layer that takes a layer's value, if just one does.
  private func onlyReader(of name: String) -> KerasLayer? {
    let readers = layers.filter { layer in
      layer.calls.contains { call in call.references.contains { $0.layer == name } }
    }
    return readers.count == 1 ? readers[0] : nil
  }
}

extension KerasLayer {
  /// Where a layer that works on images has the channels; `nil` for other layers.
  fileprivate var pictureLayout: PictureInput.Layout? {
    guard className.hasSuffix("2D"), !(layerClass is UnknownLayer) else { return nil }
    let isFirst = layerClass.configuration["data_format"]?.text == "channels_first"
    return isFirst ? .channelsFirst : .channelsLast
  }

  /// Whether a picture is still one behind it.
  fileprivate var keepsPictures: Bool {
    ["InputLayer", "Dropout", "GaussianNoise", "Activation", "BatchNormalization", "Normalization"]
      .contains(className)
  }
}
