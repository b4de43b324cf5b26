// tf_keras 2.21.0; made by `Tests/Interop/constructor_keys.py`, not by hand.

extension KerasNames2 {
  /// The initializers.
  static let initializers = """
    Constant(value) ConstantV2(value) GlorotNormal(seed) GlorotNormalV2(seed)
    GlorotUniform(seed) GlorotUniformV2(seed) HeNormal(seed) HeNormalV2(seed) HeUniform(seed)
    HeUniformV2(seed) Identity(gain) IdentityV2(gain) Initializer() LecunNormal(seed)
    LecunNormalV2(seed) LecunUniform(seed) LecunUniformV2(seed) Ones() OnesV2() Orthogonal(gain
    seed) OrthogonalV2(gain seed) RandomNormal(mean seed stddev) RandomNormalV2(mean seed
    stddev) RandomUniform(maxval minval seed) RandomUniformV2(maxval minval seed)
    TruncatedNormal(mean seed stddev) TruncatedNormalV2(mean seed stddev)
    VarianceScaling(distribution mode scale seed) VarianceScalingV2(distribution mode scale
    seed) Zeros() ZerosV2() constant(value) glorot_normal(seed) glorot_normalV2(seed)
    glorot_uniform(seed) glorot_uniformV2(seed) he_normal(seed) he_normalV2(seed)
    he_uniform(seed) he_uniformV2(seed) identity(gain) initializer() lecun_normal(seed)
    lecun_normalV2(seed) lecun_uniform(seed) lecun_uniformV2(seed) normal(mean seed stddev)
    one() ones() orthogonal(gain seed) random_normal(mean seed stddev) random_uniform(maxval
    minval seed) truncated_normal(mean seed stddev) uniform(maxval minval seed)
    variance_scaling(distribution mode scale seed) zero() zeros()
    """

  /// The regularizers.
  static let regularizers = """
    L1(l1) L1L2(l1 l2) L2(l2) OrthogonalRegularizer(factor mode) Regularizer() l1(l1) l1_l2()
    l2(l2) orthogonal_regularizer(factor mode)
    """

  /// The constraints.
  static let constraints = """
    Constraint() MaxNorm(axis max_value) MinMaxNorm(axis max_value min_value rate) NonNeg()
    RadialConstraint() UnitNorm(axis) max_norm(axis max_value) maxnorm(axis max_value)
    min_max_norm(axis max_value min_value rate) non_neg() nonneg() radial_constraint()
    unit_norm(axis) unitnorm(axis)
    """

  /// The names of functions that an activation can have.
  static let activations = """
    ELU LeakyReLU PReLU ReLU Softmax ThresholdedReLU elu exponential gelu hard_sigmoid
    leaky_relu linear log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign
    swish tanh
    """
}
