import FileSupport
import ModelGraph

/// The value of a Keras layer while a model is put together.
struct KerasTensor {
  /// The layer that makes it.
  let layer: String
  /// Which call of the layer, counted from 0.
  var call = 0
  /// Its shape as Keras has it: `[H, W, C]` of an image.
  let shape: Shape

  /// How calls of other layers refer to it.
  var reference: KerasTensorReference { KerasTensorReference(layer: layer, node: call) }
  /// If the value is an image laid out flat with its channels innermost, where the graph has them
  /// outermost: the image's `[C, H, W]`. Only fully connected layers take such a value; they permute
  /// their rows.
  var flattenedImage: Shape?
  /// If the value stands in another order than Keras's images: the layer, with its shape, whose elements in C order are
  /// the value's in the C order that it has in the graph.
  var elements: Elements?

  /// A layer whose elements, one after the other, are those of a value.
  struct Elements {
    let layer: String
    var call = 0
    let shape: Shape
  }
}

/// The numbers of a variable: whose they are and in which order.
struct VariableContent {
  let parameter: Parameter
  let view: StridedView
  var adjustment = ValueAdjustment.none

  /// A parameter as it is.
  init(_ parameter: Parameter) {
    self.parameter = parameter
    view = parameter.view
  }

  /// A parameter in another order, or with other numbers.
  init(_ parameter: Parameter, view: StridedView, adjustment: ValueAdjustment = .none) {
    self.parameter = parameter
    self.view = view
    self.adjustment = adjustment
  }
}

/// Puts a Keras model together, layer by layer, and works out every shape on the way.
final class KerasModelBuilder: RaisingBuilder {
  typealias Value = KerasTensor

  private(set) var layers: [KerasLayer] = []
  private var names = UniqueNames()
  /// The names of the main layers, by node.
  private var mainNames: [Int: String] = [:]
  /// The layer that gives 1, if there is one yet.
  private var unit: KerasTensor?
  /// The positions of the layers that were made for each part of the model.
  private var made: [Int: [Int]] = [:]
  /// The part that layers are added for.
  private var part: (key: Int, isAgain: Bool, next: Int)?
  private let placing: KerasRaising.Placing

  /// No layers yet. The main layers of these nodes come first to their names; those of helpers give way.
  init(for nodes: [Node], places: @escaping KerasRaising.Placing) {
    placing = places
    for node in nodes { mainNames[node.id] = freeName(KerasName.legal(from: node.name)) }
  }

  func places(of node: Node) -> [ModelFileError.Place] { placing(node) }

  /// The name of the main layer of a node.
  func name(of node: Node) -> String { mainNames[node.id] ?? node.name }

  /// A name for a further layer of a node.
  func freeName(_ wanted: String) -> String {
    let name = names.unused(wanted)
    _ = names.take(name)
    return name
  }

  /// Begins a part of the model. If it is there already, its layers are called again, one after the other, in place
  /// of those that are added.
  ///
  /// - Parameter key: what tells it from all other parts; `nil` for what is in none.
  func begin(_ key: Int?) {
    part = key.map { ($0, made[$0] != nil, 0) }
    if let key, made[key] == nil { made[key] = [] }
  }

  /// Adds a layer, or calls the one again that stands at this place of the part.
  ///
  /// - Parameters:
  ///   - name: a name got from this builder.
  ///   - variables: what each variable of the layer holds, by its name.
  /// - Throws: `ModelFileError` if the layer can't take these inputs or variables.
  func add(
    _ layerClass: some KerasLayerClass, named name: String, on inputs: [KerasTensor],
    variables: [String: VariableContent] = [:], source: LayerReference?
  ) throws(ModelFileError) -> KerasTensor {
    let shapes = inputs.map { KerasShape($0.shape) }
    let outputShape = try layerClass.outputShape(of: shapes)
    guard let shape = outputShape.known else {
      throw ModelFileError(.internalFault, "the Keras layer '\(name)' has an open shape")
    }
    let call = KerasCall(inputs.map(\.reference))
    if let part, part.isAgain {
      guard let positions = made[part.key], positions.indices.contains(part.next),
        layers[positions[part.next]].outputShape == outputShape
      else {
        throw ModelFileError(.internalFault, "a step of a sequence differs from the first one")
      }
      self.part?.next += 1
      let layer = layers[positions[part.next]]
      layers[positions[part.next]] = layer.called(again: call)
      return KerasTensor(layer: layer.name, call: layer.calls.count, shape: shape)
    }
    var bound: [KerasVariable] = []
    let forms = try layerClass.variables(for: shapes)
    for form in forms {
      guard let content = variables[form.name],
        content.view.elementCount == form.shape.elementCount
      else {
        throw ModelFileError(
          .internalFault, at: [.array(form.name)],
          "the Keras layer '\(name)' has nothing for a variable of shape \(form.shape)")
      }
      bound.append(
        KerasVariable(
          name: form.name, shape: form.shape, parameter: content.parameter, view: content.view,
          adjustment: content.adjustment))
    }
    if let part { made[part.key, default: []].append(layers.count) }
    let calls = inputs.isEmpty ? [] : [call]
    layers.append(
      KerasLayer(
        name: name, layerClass: layerClass, calls: calls, variables: bound,
        outputShape: outputShape, source: source, forms: forms))
    return KerasTensor(layer: name, shape: shape)
  }

  /// The number 1 for each sample: what a layer with a kernel alone makes learned constants of.
  ///
  /// It is 0 · m + 1 with the largest number *m* of the model's input, which is exact for all finite inputs: a sum or
  /// a mean of them might overflow, and the values of inner layers might have done so already.
  func one() throws(ModelFileError) -> KerasTensor {
    if let unit { return unit }
    let rest = part
    defer { part = rest }
    part = nil
    guard let input = layers.first(where: { $0.layerClass is KerasLayers.InputLayer }),
      let shape = input.outputShape?.known
    else { throw ModelFileError(.internalFault, "a constant is raised before any input") }
    let column = try add(
      KerasLayers.Reshape([shape.elementCount, 1, 1]), named: freeName("one_column"),
      on: [KerasTensor(layer: input.name, shape: shape)], source: nil)
    let largest = try add(
      KerasLayers.GlobalMaxPooling2D(), named: freeName("one_largest"), on: [column], source: nil)
    let one = try add(
      KerasLayers.Rescaling(scale: 0, offset: 1), named: freeName("one"), on: [largest],
      source: nil)
    unit = one
    return one
  }
}
