import FileSupport

/// What a conversion did.
public struct ConversionReport: Sendable {
  /// The files that were written.
  public var outputs: [String] = []
  /// Layers of the model, counted as the source's format counts them.
  public var layerCount = 0
  /// Numbers that were written.
  public var parameterCount = 0
  /// Arrays that the target has no place for and that travel beside the model.
  public var carriedArrays: [String] = []
  /// What the user should know.
  public var warnings: [ModelWarning] = []
}

/// Called while bytes pass: how many are done, and how many there are in all.
public typealias ConversionProgress = (_ done: UInt64, _ total: UInt64) -> Void
