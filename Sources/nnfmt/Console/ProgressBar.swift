import FileSupport

/// A bar on standard error while long work runs: only on a terminal, ten times a second at most, and
/// not before the work has taken a moment.
final class ProgressBar {
  private let label: String
  private let started = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private static let patience = Duration.milliseconds(300)
  private static let interval = Duration.milliseconds(100)

  init(_ label: String) {
    self.label = label
  }

  deinit {
    if lastDrawn != nil { Console.messages.write(Array("\r\u{1B}[K".utf8)) }
  }

  /// Shows how far the work is.
  func show(_ done: UInt64, of total: UInt64) {
    guard Console.messages.showsProgress, total > 0 else { return }
    let now = ContinuousClock.now
    guard now - started > Self.patience, lastDrawn.map({ now - $0 > Self.interval }) ?? true else {
      return
    }
    lastDrawn = now
    let cells = max(10, min(40, (Console.messages.width ?? 80) - label.count - 30))
    let filled = Int(Double(cells) * min(1, Double(done) / Double(total)))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
    let text = "\r\(label) \(bar) \(NumberText.bytes(done)) of \(NumberText.bytes(total))\u{1B}[K"
    Console.messages.write(Array(text.utf8))
  }
}
