// keras 3.15.1; made by `Tests/Interop/constructor_keys.py`, not by hand.

extension KerasNames3 {
  /// The initializers.
  static let initializers = """
    Constant(value) GlorotNormal(input_axes output_axes seed) GlorotUniform(input_axes
    output_axes seed) HeNormal(input_axes output_axes seed) HeUniform(input_axes output_axes
    seed) Identity(gain) IdentityInitializer(gain) Initializer() LecunNormal(input_axes
    output_axes seed) LecunUniform(input_axes output_axes seed) Ones() Orthogonal(gain seed)
    OrthogonalInitializer(gain seed) RandomNormal(mean seed stddev) RandomUniform(maxval minval
    seed) STFT(periodic scaling side window) STFTInitializer(periodic scaling side window)
    TruncatedNormal(mean seed stddev) VarianceScaling(distribution input_axes mode output_axes
    scale seed) Zeros() constant(value) glorot_normal(input_axes output_axes seed)
    glorot_uniform(input_axes output_axes seed) he_normal(input_axes output_axes seed)
    he_uniform(input_axes output_axes seed) identity(gain) initializer() lecun_normal(input_axes
    output_axes seed) lecun_uniform(input_axes output_axes seed) normal(mean seed stddev) one()
    ones() orthogonal(gain seed) random_normal(mean seed stddev) random_uniform(maxval minval
    seed) stft(periodic scaling side window) truncated_normal(mean seed stddev) uniform(maxval
    minval seed) variance_scaling(distribution input_axes mode output_axes scale seed) zero()
    zeros()
    """

  /// The regularizers.
  static let regularizers = """
    L1(l1) L1L2(l1 l2) L2(l2) OrthogonalRegularizer(factor mode) Regularizer() l1(l1) l1l2(l1
    l2) l2(l2) orthogonal_regularizer(factor mode) regularizer()
    """

  /// The constraints.
  static let constraints = """
    Constraint() MaxNorm(axis max_value) MinMaxNorm(axis max_value min_value rate) NonNeg()
    UnitNorm(axis) constraint() max_norm(axis max_value) min_max_norm(axis max_value min_value
    rate) non_neg() unit_norm(axis)
    """

  /// The names of functions that an activation can have.
  static let activations = """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink
    softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh
    tanh_shrink threshold
    """
}
