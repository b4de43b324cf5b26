import Detection
import FileSupport
import Images
import Inference
import ModelFiles
import ModelGraph

/// A detector at work on pictures: each is told as soon as it and those before it are done.
struct DetectionRun {
  let detector: Detector
  let settings: Detector.Settings
  let sources: PictureSources
  let drawings: Drawings?
  let jobs: Int
  let isJSON: Bool

  /// What was found in a file.
  private struct Found: Sendable {
    /// Of an array each sample, of a picture one.
    var samples: [[DetectedObject]]
    var size: (width: Int, height: Int)?
    var drawing: String?
    var warnings: [ModelWarning] = []
  }

  /// Looks at all pictures. Ends the process with the largest exit code of a picture, unless that is 0.
  ///
  /// - Throws: `ModelFileError` of the only picture.
  func run() throws(ModelFileError) {
    var images: [JSONValue] = []
    var worst = ExitStatus.done
    var done: UInt64 = 0
    let progress = ProgressBar("detecting", unit: .counted("picture"))
    let style = Style(Console.output)
    try OrderedQueue<String, Result<Found, ModelFileError>>.run(
      sources.all, jobs: jobs,
      work: { path in Result { () throws(ModelFileError) in try self.look(at: path) } },
      onResult: { (path, result) throws(ModelFileError) in
        progress.clear()
        switch result {
        case .success(let found):
          if isJSON {
            images += json(of: found, path)
          } else {
            Console.output.lines(lines(of: found, path, style))
          }
          Console.warnings(found.warnings)
        case .failure(let error):
          guard !sources.isSingle else { throw error }
          Console.error(error)
          images.append(["image": .string(path), "error": .string("\(error)")])
          let status = ExitStatus(error.kind)
          if status.rawValue > worst.rawValue { worst = status }
        }
        done += 1
        progress.show(done, of: UInt64(sources.all.count))
      })
    progress.clear()
    if isJSON {
      let single = sources.isSingle && images.count == 1
      Console.document(single ? images[0] : ["images": .array(images)])
    }
    if worst != .done { Console.exit(worst) }
  }

  private func look(at path: String) throws(ModelFileError) -> Found {
    let file = try InputFile(path: path)
    if try NpyFile.begins(file) {
      guard drawings == nil, settings.fitting == nil else {
        throw ModelFileError(
          .usage, file: path, "an array is no picture: it can't be fitted or drawn on",
          remedy: "leave out --draw and --resize, or give a picture")
      }
      let array = try NpyFile(file)
      do {
        let tensor = Tensor(shape: Shape(array.shape), values: try array.floats())
        return Found(samples: try detector.detect(in: tensor, settings))
      } catch {
        throw error.inFile(path)
      }
    }
    let (picture, warnings) = try PictureFile.read(file)
    let objects = try detector.detect(in: picture, settings)
    var found = Found(samples: [objects], size: (picture.width, picture.height))
    found.warnings = warnings
    found.drawing = try drawings?.draw(objects, in: picture, of: path)
    return found
  }

  // MARK: JSON

  private func json(of found: Found, _ path: String) -> [JSONValue] {
    found.samples.enumerated().map { sample, objects in
      var object = JSONObject()
      object["image"] = .string(path)
      if found.samples.count > 1 { object["sample"] = JSONValue(sample) }
      if let size = found.size {
        object["width"] = JSONValue(size.width)
        object["height"] = JSONValue(size.height)
      }
      object["detections"] = .array(objects.map(json))
      object["drawing"] = found.drawing.map(JSONValue.string)
      if !found.warnings.isEmpty {
        object["warnings"] = .array(found.warnings.map { .string($0.description) })
      }
      return .object(object)
    }
  }

  private func json(of object: DetectedObject) -> JSONValue {
    [
      "class_id": JSONValue(object.classNumber),
      "class": detector.name(ofClass: object.classNumber).map(JSONValue.string) ?? .null,
      "probability": .number(Double(object.probability)),
      "cx": .number(Double(object.box.x)), "cy": .number(Double(object.box.y)),
      "width": .number(Double(object.box.width)), "height": .number(Double(object.box.height)),
    ]
  }

  // MARK: Text

  private func lines(of found: Found, _ path: String, _ style: Style) -> [String] {
    found.samples.enumerated().flatMap { sample, objects in
      var heading = style.heading(path.escapedForTerminal)
      if let size = found.size { heading += "  \(size.width)×\(size.height)" }
      if found.samples.count > 1 { heading += "  sample \(sample)" }
      heading += ", " + objects.count.counted("object")
      if let drawing = found.drawing { heading += ", drawn in \(drawing.escapedForTerminal)" }
      return [heading] + (objects.isEmpty ? [] : table(of: objects, found.size).lines(style: style))
    }
  }

  /// Boxes in pixels, as a person looks for them; of an array in parts of the input.
  private func table(of objects: [DetectedObject], _ size: (width: Int, height: Int)?) -> Table {
    var table = Table(
      [
        ("class", .left), ("probability", .right), ("left", .right), ("top", .right),
        ("width", .right), ("height", .right),
      ], wrapping: [0])
    for object in objects {
      let box = object.box
      let places = [box.x - box.width / 2, box.y - box.height / 2, box.width, box.height]
      let whole = size.map { [$0.width, $0.height, $0.width, $0.height] }
      let cells = places.enumerated().map { index, value in
        whole.map { "\(Int((Double(value) * Double($0[index])).rounded()))" }
          ?? NumberText.significant(Double(value))
      }
      table.add(
        [
          detector.name(ofClass: object.classNumber) ?? "class \(object.classNumber)",
          "\(Int((Double(object.probability) * 100).rounded())) %",
        ] + cells)
    }
    return table
  }
}
