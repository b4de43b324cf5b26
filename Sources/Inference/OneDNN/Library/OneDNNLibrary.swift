import COneDNN

/// oneDNN as this process has it. It is opened when something is first computed with it, as that costs more than
/// many commands take.
public enum OneDNNLibrary {
  /// Why there is none; `nil` if there is.
  public static let fault: String? = onednn_open().map { String(cString: $0) }

  /// The lanes of float32 in the widest vectors that it uses here: 16, 8, or 0 for fewer.
  static var lanes: Int { fault == nil ? Int(onednn_lanes()) : 0 }
}
