/// A small network that several targets' tests work with.
public enum SampleNetwork {
  /// Two convolutions on images of 3 × 8 × 8, the first with batch normalization: 124 floats and 80.
  public static let convolutions = """
    [net]
    width=8
    height=8
    channels=3
    [convolutional]
    batch_normalize=1
    filters=4
    size=3
    pad=1
    activation=leaky
    [convolutional]
    filters=16
    activation=linear

    """
}
