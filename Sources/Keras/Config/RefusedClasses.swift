/// Classes of Keras whose layers are not computed, and why.
enum RefusedClasses {
  /// The reasons, to follow "a layer of class '…'".
  static let reasons: [String: String] = [
    "StringLookup": texts, "TextVectorization": texts, "Hashing": hashes,
    "HashedCrossing": hashes, "IntegerLookup": "looks numbers up in a vocabulary of its own",
    "MelSpectrogram": spectra, "STFTSpectrogram": spectra,
    "RandomFourierFeatures": "has kernels that no operation stands for",
  ]

  private static let texts = "works on texts"
  private static let hashes = "works out hashes"
  private static let spectra = "works out the spectrum of a sound"
}
