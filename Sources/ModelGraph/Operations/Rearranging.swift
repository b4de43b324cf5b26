import FileSupport

/// The elements in the same C order under another shape.
public struct Reshaping: Operation {
  /// The new shape.
  public let shape: Shape
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A reshaping.
  public init(to shape: Shape) { self.shape = shape }

  /// The new shape; the number of elements must agree.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let input = try inputs.only()
    guard input.elementCount == shape.elementCount else {
      throw ModelFileError(
        .damaged, "reshapes to another number of elements", expected: "\(input)", found: "\(shape)")
    }
    return shape
  }
}

/// A part of the image: some rows and columns.
public struct Crop: Operation {
  /// Rows cut off above.
  public let top: Int
  /// Columns cut off on the left.
  public let left: Int
  /// Rows that remain.
  public let height: Int
  /// Columns that remain.
  public let width: Int
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A crop.
  public init(top: Int, left: Int, height: Int, width: Int) {
    self.top = top
    self.left = left
    self.height = height
    self.width = width
  }

  /// `[C, height, width]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage()
    let spatial = layout.spatial(of: image)
    guard min(top, left, height - 1, width - 1) >= 0, top.clampedSum(height) <= spatial[0],
      left.clampedSum(width) <= spatial[1]
    else {
      throw ModelFileError(
        .damaged, "crops more than there is", expected: "at least \(height) × \(width)",
        found: "\(image)")
    }
    return layout.shape(channels: layout.channels(of: image), spatial: [height, width])
  }
}

/// Each cell repeated `factor` times along both axes, times `scale`.
public struct Upsampling: Operation {
  /// The repetitions.
  public let factor: Int
  /// What every element is multiplied by.
  public let scale: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: abs(scale)) }

  /// An enlargement to the nearest cell.
  public init(factor: Int, scale: Double) {
    self.factor = factor
    self.scale = scale
  }

  /// `[C, H · factor, W · factor]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage(inBlocksOf: factor)
    return layout.shape(
      channels: layout.channels(of: image),
      spatial: layout.spatial(of: image).map { $0.clampedProduct(factor) })
  }
}

/// The sum of each block of `factor` × `factor` cells, times `scale`: upsampling's transpose.
public struct BlockSum: Operation {
  /// The extent of a block.
  public let factor: Int
  /// What every sum is multiplied by.
  public let scale: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A reduction by sums.
  public init(factor: Int, scale: Double) {
    self.factor = factor
    self.scale = scale
  }

  /// `[C, H / factor, W / factor]`
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage(inBlocksOf: factor)
    return layout.shape(
      channels: layout.channels(of: image), spatial: layout.spatial(of: image).map { $0 / factor })
  }
}

/// Cells moved between the image plane and the channels, in one of darknet's orders.
public struct SpaceToDepth: Operation {
  /// Which cell becomes which channel, *s* being the block.
  public enum Order: String, Sendable {
    /// `y[k, j, i] = x[k mod C, j·s + (k / C) / s, i·s + (k / C) mod s]` (darknet's `reorg3d`).
    case blocks
    /// The formula of `blocks` read backwards over the memory of `x` seen as
    /// `[C / s², H·s, W·s]` (darknet's `reorg`, a mistake that trained models depend on).
    case reorg
    /// The inverse scatter of `reorg`, from `[C, H, W]` to `[C / s², H·s, W·s]`
    /// (darknet's `reorg` with `reverse=1`).
    case reverseReorg
  }

  /// The extent of a block.
  public let block: Int
  /// The order.
  public let order: Order
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A move of cells.
  public init(block: Int, order: Order) {
    self.block = block
    self.order = order
  }

  /// `[C·s², H/s, W/s]`, or `[C/s², H·s, W·s]` for the reverse.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    let image = try inputs.onlyImage(inBlocksOf: block)
    let channels = layout.channels(of: image)
    let spatial = layout.spatial(of: image)
    let cells = block.clampedProduct(block)
    if order == .reverseReorg {
      return layout.shape(
        channels: channels / cells, spatial: spatial.map { $0.clampedProduct(block) })
    }
    return layout.shape(
      channels: channels.clampedProduct(cells), spatial: spatial.map { $0 / block })
  }
}

extension Upsampling {
  /// Nothing if each cell stays one, as it is.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: factor == 1 && scale == 1)
  }
}

extension BlockSum {
  /// Nothing if each cell stays one, as it is.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: factor == 1 && scale == 1)
  }
}

extension SpaceToDepth {
  /// Nothing for blocks of one cell.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: block == 1)
  }
}

extension Reshaping {
  /// Nothing if the shape stays.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    inputs == [output] ? .identity : .reshaping
  }
}

extension Crop {
  /// Nothing if all is taken.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: inputs == [output])
  }
}
