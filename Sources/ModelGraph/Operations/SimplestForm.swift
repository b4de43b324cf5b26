/// An operation at its place in a graph without what means nothing there: two of the same form compute the
/// same, however they are configured.
///
/// Only what follows from shapes and formulas counts, never what values happen to be.
public enum SimplestForm: Sendable {
  /// It puts out what it takes.
  case identity
  /// The elements under another shape, in the same order.
  case reshaping
  /// Anything else.
  case operation(any Operation)

  /// The identity where `isIdentity` holds, else the operation.
  init(_ operation: any Operation, unless isIdentity: Bool) {
    self = isIdentity ? .identity : .operation(operation)
  }
}

extension Node {
  /// Its operation without what means nothing here.
  public func simplestForm(in graph: Graph) -> SimplestForm {
    operation.simplestForm(
      inputs: inputs.map { graph.nodes[$0].shape }, output: shape, layout: graph.layout)
  }
}
