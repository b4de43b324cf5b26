import FileSupport

/// What makes a layer depart, found by trial: undone in the candidate, or done to the reference, the layer agrees.
public struct LikelyCause: Sendable, Equatable {
  /// What it is.
  public let kind: Kind
  /// The layer, by the reference's name.
  public let layer: String
  /// The tensor, where a single one departs.
  public let tensor: String?
  /// What exactly: which axes, which tensors, how many numbers, which option.
  public let detail: String?

  /// The kinds, by the words of the report; `spec/causes.md` tells how each is tried.
  public enum Kind: String, CaseIterable, Sendable {
    /// The axes of a kernel or a matrix lie in another order.
    case transposedKernel = "transposed kernel"
    /// A kernel is turned by 180°, or mirrored.
    case flippedKernel = "flipped kernel"
    /// Each of some tensors holds the numbers of another.
    case swappedTensors = "swapped tensors"
    /// A tensor holds the numbers of another, which is there too.
    case copiedTensor = "copied tensor"
    /// From some place on all numbers stand some floats later, or earlier.
    case shiftedFile = "shifted file"
    /// The same within one tensor.
    case shiftedTensor = "shifted tensor"
    /// What an input is or was: RGB and BGR, rows of pixels and planes.
    case channelOrder = "other channel order"
    /// Filters, units or channels stand in another order.
    case swappedChannels = "swapped channels"
    /// The gates of a recurrent layer stand in another order.
    case gateOrder = "gates in another order"
    /// Numbers have the other sign.
    case flippedSign = "flipped sign"
    /// The bytes of each number stand in another order.
    case byteOrder = "byte order"
    /// Numbers went through float16 or bfloat16.
    case halfPrecision = "half precision"
    /// Numbers have lost bits in another way.
    case reducedPrecision = "reduced precision"
    /// Numbers lie on a grid of at most 256 steps.
    case quantised = "quantised"
    /// All numbers are multiplied by one factor.
    case scaled = "scaled"
    /// One number is added to all.
    case addedConstant = "added constant"
    /// A variance is a standard deviation.
    case deviation = "deviation for variance"
    /// A variance is squared or inverted, or has the epsilon in it.
    case varianceForm = "variance in another form"
    /// Numbers became NaN.
    case notANumber = "NaN"
    /// Numbers became infinite.
    case infinite = "infinite"
    /// The end of a tensor is zeros, or another constant.
    case truncatedTensor = "truncated tensor"
    /// All numbers of a tensor are the same.
    case constantTensor = "constant tensor"
    /// A bit of a number is another.
    case flippedBit = "flipped bit"
    /// A few numbers are others.
    case changedNumbers = "changed numbers"
    /// All numbers of a tensor are others.
    case staleTensor = "stale tensor"
    /// The candidate does without a tensor.
    case missingTensor = "missing tensor"
    /// The number that keeps a normalization from dividing by 0.
    case epsilon = "other epsilon"
    /// The cells around an image.
    case padding = "other padding"
    /// The function behind a layer.
    case activation = "other activation"
    /// A number of that function: a slope, a limit.
    case slope = "other slope"
    /// How far a window goes at a time.
    case stride = "other stride"
    /// How far the cells of a window are apart.
    case dilation = "other dilation"
    /// How many groups channels are split into.
    case groups = "other groups"
    /// Maximum or mean, and of what.
    case pooling = "other pooling"
    /// Nearest cell, bilinear.
    case interpolation = "other interpolation"
    /// The same inputs one after another otherwise.
    case inputOrder = "other order of inputs"
    /// Other values are taken.
    case inputs = "other inputs"
    /// All steps of a sequence, or the last.
    case sequences = "other return_sequences"
    /// Forwards or backwards through a sequence.
    case direction = "other direction"
    /// The axis along which something is done.
    case axis = "other axis"
    /// A detection head's anchors.
    case anchors = "other anchors"
    /// Which of the anchors a head has.
    case mask = "other mask"
    /// How many classes, or in which groups.
    case classes = "other classes"
    /// Any other option.
    case option = "other option"

    /// What was tried, for the end of a sentence.
    var trial: String {
      switch self {
      case .notANumber, .infinite, .truncatedTensor, .constantTensor, .changedNumbers,
        .staleTensor, .missingTensor:
        "all else agrees"
      case .halfPrecision, .reducedPrecision, .quantised, .deviation, .varianceForm:
        "done to the reference, the layer agrees"
      default: "undone, the layer agrees"
      }
    }
  }

  init(_ kind: Kind, layer: String, tensor: String? = nil, detail: String? = nil) {
    self.kind = kind
    self.layer = layer
    self.tensor = tensor
    self.detail = detail
  }

  /// The document's form of it.
  var json: JSONValue {
    var members: JSONObject = ["kind": .string(kind.rawValue), "layer": .string(layer)]
    if let tensor { members["tensor"] = .string(tensor) }
    if let detail { members["detail"] = .string(detail) }
    return .object(members)
  }
}

extension LikelyCause: CustomStringConvertible {
  /// `transposed kernel in convolutional_12 (height and width): undone, the layer agrees`
  public var description: String {
    let place = tensor ?? layer
    return "\(kind.rawValue) in \(place)\(detail.map { " (\($0))" } ?? ""): \(kind.trial)"
  }
}
