/// What an operation becomes in a graph whose images lie the other way round.
public enum LayoutChange {
  /// The same: no axis matters, or the graph's layout says which is which.
  case unchanged
  /// The same with other axes.
  case changed(any Operation)
  /// It takes the elements of its inputs in the order that they had: axes are moved back in front of it.
  case elementOrder
}

/// How axes move when images are brought into another layout: the channels from one end to the other.
public struct AxisMove: Sendable {
  /// The layout that they are brought into.
  public let target: ImageLayout

  /// A move.
  public init(to target: ImageLayout) { self.target = target }

  /// For a value of this rank: the old axis of each new one.
  public func order(rank: Int) -> [Int] {
    let axes = Array(0..<rank)
    guard rank > 1 else { return axes }
    return target == .channelsFirst
      ? [rank - 1] + axes.dropLast() : Array(axes.dropFirst()) + [0]
  }

  /// The new place of an old axis.
  public func place(of axis: Int, rank: Int) -> Int {
    order(rank: rank).firstIndex(of: axis) ?? axis
  }

  /// What was said of each axis, for the new axes.
  public func moved<Element>(_ elements: [Element]) -> [Element] {
    order(rank: elements.count).map { elements[$0] }
  }
}

/// An operation that is the same in both layouts: the graph's tells the axes, or no axis matters.
protocol LayoutFollowing: Operation {}

extension LayoutFollowing {
  /// Nothing changes.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? { .unchanged }
}

/// An operation that goes by the order of the elements.
protocol OrderFollowing: Operation {}

extension OrderFollowing {
  /// The axes are moved back in front of it.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? { .elementOrder }
}
