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

/// The sum of each block of `factor` × `factor` cells, times `scale`: the transpose of a ``Repeat``.
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

extension BlockSum: LayoutFollowing {}

extension SpaceToDepth: LayoutFollowing {}

extension Reshaping: OrderFollowing {}
