import FileSupport

/// Changes to the cfg or to the reading of the header with which a file would fit exactly.
///
/// Sizes are linear in the number of classes and of input channels, so each is solved for, not tried.
struct SizeMismatchCauses {
  private let weights: WeightsFile
  private let network: Network

  init(_ weights: WeightsFile) {
    self.weights = weights
    network = weights.network
  }

  /// Phrases to follow «remedy:», the likeliest first.
  var all: [String] { damage + dialects + classes + channels + headers }

  /// Version numbers that no darknet writes: of a damaged file the first numbers look like a huge
  /// version. A file without a header has such numbers, too.
  private var damage: [String] {
    let header = weights.header
    guard !header.hasPlausibleVersion, headers.isEmpty else { return [] }
    let version = "\(header.major).\(header.minor).\(header.revision)"
    return ["no darknet writes version \(version): the file is damaged; fetch it again"]
  }

  /// Floats that the file has more than the cfg calls for, by each length of the header.
  private var surpluses: [Int] {
    WeightsHeader.lengths.compactMap { length in
      guard weights.file.size >= UInt64(length) else { return nil }
      let payload = Int(clamping: weights.file.size) - length
      return payload % 4 == 0 ? payload / 4 - weights.plan.floatCount : nil
    }
  }

  /// Another number of classes in the heads, or in a classifier's last layer.
  private var classes: [String] {
    var change: [(perClass: Int, classes: Int, text: (Int) -> String)] = []
    let heads = network.layers.compactMap(headCost)
    if let first = heads.first, heads.allSatisfy({ $0.classes == first.classes }) {
      change.append(
        (
          heads.reduce(0) { $0 + $1.floats }, first.classes,
          { count in
            let filters = Set(heads.map { $0.filters(count) }).sorted()
            let list = filters.map { "filters=\($0)" }.joined(separator: " or ")
            return "the file fits classes=\(count): set classes=\(count) in every head and \(list) "
              + "in the [convolutional] before it"
          }
        ))
    }
    if heads.isEmpty, let last = network.layers.last(where: { !$0.arrays.isEmpty }),
      last.layer is Connected || last.layer is Convolutional
    {
      let outputs = last.output.channels
      let floats = last.arrays.reduce(0) { $0 + $1.count }
      if outputs > 0, floats % outputs == 0 {
        let key = (last.layer is Connected ? Connected.outputs : Convolutional.filters).key
        let place = "layer \(last.index) [\(last.type)]"
        change.append(
          (
            floats / outputs, outputs,
            { "the file fits \($0) classes: set \(key)=\($0) in \(place)" }
          ))
      }
    }
    return change.flatMap { change in
      surpluses.compactMap { surplus in
        guard change.perClass > 0, surplus % change.perClass == 0 else { return nil }
        let count = change.classes + surplus / change.perClass
        return count > 0 && count != change.classes ? change.text(count) : nil
      }
    }
  }

  /// What one more class costs in the convolution that feeds a head.
  private func headCost(
    _ head: PlacedLayer
  ) -> (classes: Int, floats: Int, filters: (Int) -> Int)? {
    let shape: (boxes: Int, classes: Int, others: Int)
    switch head.layer {
    case let yolo as Yolo: shape = (yolo.head.mask.count, yolo.head.classes, 5)
    case let yolo as GaussianYolo: shape = (yolo.head.mask.count, yolo.head.classes, 9)
    case let region as Region:
      shape = (region.head.boxes, region.head.classes, region.head.coordinates + 1)
    default: return nil
    }
    guard head.index > 0 else { return nil }
    let before = network.layers[head.index - 1]
    guard let convolution = before.layer as? Convolutional, convolution.groups == 1 else {
      return nil
    }
    let floats = before.arrays.reduce(0) { $0 + $1.count } / convolution.filters
    return (
      shape.classes, shape.boxes * floats, { shape.boxes * ($0 + shape.others) }
    )
  }

  /// Another number of channels of the input image.
  private var channels: [String] {
    guard let first = network.layers.first?.layer as? Convolutional, first.groups == 1 else {
      return []
    }
    let perChannel = first.filters * first.window.size[0] * first.window.size[1]
    return surpluses.compactMap { surplus in
      guard surplus % perChannel == 0 else { return nil }
      let count = first.inputChannels + surplus / perChannel
      guard count > 0, count <= 4, count != first.inputChannels else { return nil }
      return "the file fits channels=\(count) in [net]"
    }
  }

  /// A file without a header, or with one of another length.
  private var headers: [String] {
    let remedy = HeaderRemedy(file: weights.file, network: network)
    guard let length = remedy.lengthThatFits else { return [] }
    let what =
      length == 0
      ? "the file has no header, but fits otherwise"
      : "the file fits with a header of \(length) bytes, which no darknet writes"
    return ["\(what): \(remedy.command(length))"]
  }

  /// Another fork's order of arrays.
  private var dialects: [String] {
    network.dialect.others.compactMap { dialect in
      guard let other = try? Network(network.config, dialect: dialect) else { return nil }
      let count = UInt64(other.weightCount) * 4
      let fits = WeightsHeader.lengths.contains { UInt64($0) + count == weights.file.size }
      return fits ? "the file fits with --dialect \(dialect.rawValue)" : nil
    }
  }
}
