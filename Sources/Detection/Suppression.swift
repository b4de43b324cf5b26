import Darknet

/// Something that was found in a picture.
public struct DetectedObject: Sendable, Equatable {
  /// Its class, counted from 0.
  public let classNumber: Int
  /// How likely it is.
  public let probability: Float
  /// Where it is, in parts of the picture.
  public let box: Box

  /// An object.
  public init(classNumber: Int, probability: Float, box: Box) {
    self.classNumber = classNumber
    self.probability = probability
    self.box = box
  }
}

extension HeadDescription.Suppression {
  /// Leaves one of the boxes around each thing: of a class the likeliest first, each takes away those that it overlaps
  /// (`box.c: do_nms_sort`, `diounms_sort`).
  ///
  /// - Parameters:
  ///   - candidates: the boxes, in parts of the picture.
  ///   - threshold: how much they may overlap; 0 leaves all, as in darknet.
  /// - Returns: the objects, the likeliest first.
  public func objects(among candidates: [Candidate], threshold: Float) -> [DetectedObject] {
    var byClass: [Int: [DetectedObject]] = [:]
    for candidate in candidates {
      for (number, probability) in candidate.classes {
        byClass[number, default: []].append(
          DetectedObject(classNumber: number, probability: probability, box: candidate.box))
      }
    }
    var found: [DetectedObject] = []
    for number in byClass.keys.sorted() {
      let sorted = Self.sorted(byClass[number] ?? [])
      var kept: [DetectedObject] = []
      for object in sorted
      where threshold == 0 || !kept.contains(where: { overlaps($0.box, object.box, threshold) }) {
        kept.append(object)
      }
      found += kept
    }
    return Self.sorted(found)
  }

  private func overlaps(_ kept: Box, _ other: Box, _ threshold: Float) -> Bool {
    switch self {
    case .overlap: kept.intersectionOverUnion(other) > threshold
    case .distance(let power): kept.nearness(other, power: power) > threshold
    }
  }

  /// The likeliest first; equally likely ones keep their order.
  private static func sorted(_ objects: [DetectedObject]) -> [DetectedObject] {
    objects.enumerated().sorted {
      ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset)
    }.map(\.element)
  }
}
