import CCrypto

/// SHA-256 of bytes that arrive in pieces, by OpenSSL's libcrypto.
///
/// Invariant: `context` is a live `EVP_MD_CTX` from `init` to `deinit`, used by one thread at a time.
public final class SHA256 {
  private let context: OpaquePointer

  /// Starts a digest.
  ///
  /// - Throws: ``ModelFileError`` of kind `internalFault` if libcrypto has no memory or no SHA-256.
  public init() throws(ModelFileError) {
    guard let context = EVP_MD_CTX_new() else { throw Self.fault }
    self.context = context
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw Self.fault }
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Takes in more bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Ends the digest: 64 lower-case hexadecimal digits. Call it once.
  public func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let fault = ModelFileError(
    .internalFault, "libcrypto can't compute SHA-256",
    remedy: "check the installation of OpenSSL 3")
}
