import FileSupport

/// A bar on standard error while long work runs: only on a terminal, ten times a second at most, and
/// not before the work has taken a moment.
final class ProgressBar {
  /// What the work is counted in.
  enum Unit {
    case bytes
    /// Things of this name.
    case counted(String)
  }

  private let label: String
  private let unit: Unit
  private let started = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var isVisible = false
  private static let patience = Duration.milliseconds(300)
  private static let interval = Duration.milliseconds(100)
  /// What stands beside the bar has so many columns.
  private static let textColumns = 30

  init(_ label: String, unit: Unit) {
    self.label = label
    self.unit = unit
  }

  deinit { clear() }

  /// Takes the bar away, so that something else can be said.
  func clear() {
    guard isVisible else { return }
    isVisible = false
    Console.messages.write(Array("\r\u{1B}[K".utf8))
  }

  /// Shows how far the work is, and what it came to so far.
  func show(_ done: UInt64, of total: UInt64, _ detail: @autoclosure () -> String = "") {
    guard Console.messages.showsProgress, total > 0 else { return }
    let now = ContinuousClock.now
    guard now - started > Self.patience, lastDrawn.map({ now - $0 > Self.interval }) ?? true else {
      return
    }
    lastDrawn = now
    isVisible = true
    let room = (Console.messages.width ?? 80) - 1
    let cells = max(10, min(40, room - label.count - Self.textColumns))
    let filled = Int(Double(cells) * min(1, Double(done) / Double(total)))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
    // A line that is longer than the terminal would stay there.
    let text = "\(label) \(bar) \(amounts(done, total))\(detail())".prefix(room)
    Console.messages.write(Array("\r\(text)\u{1B}[K".utf8))
  }

  private func amounts(_ done: UInt64, _ total: UInt64) -> String {
    switch unit {
    case .bytes: "\(NumberText.bytes(done)) of \(NumberText.bytes(total))"
    case .counted(let noun):
      "\(NumberText.grouped(done)) of \(NumberText.counted(total, noun))"
    }
  }
}
