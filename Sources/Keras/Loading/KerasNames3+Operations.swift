// keras 3.15.1; made by `Tests/Interop/constructor_keys.py`, not by hand.

extension KerasNames3 {
  /// The functions of `keras.ops`, by the last part of their module.
  static let operations = """
    core.AssociativeScan(axis name reverse|f! elems!) core.Cast(dtype! name|x!)
    core.Cond(name|pred! true_fn! false_fn!) core.ConvertToTensor(dtype name ragged sparse|x!)
    core.ForiLoop(body_fun! lower! name upper!|init_val!) core.Map(name|f! xs!)
    core.SaturateCast(dtype! name|x!) core.Scan(length name reverse unroll|f! init! xs)
    core.Scatter(name shape!|indices! values!) core.ScatterUpdate(name reduction|inputs!
    indices! updates!) core.Slice(name shape!|inputs! start_indices!)
    core.SliceUpdate(name|inputs! start_indices! updates!) core.StopGradient(name|variable!)
    core.Switch(name|index! branches! *) core.Unstack(axis name num|x!)
    core.VectorizedMap(function! name|elements!) core.WhileLoop(body! cond! maximum_iterations
    name|loop_vars!) einops.Rearrange(name|tensor! pattern! *) function.Function(inputs! name
    outputs!|inputs!) image.AffineTransform(data_format fill_mode fill_value interpolation
    name|images! transform!) image.CropImages(bottom_cropping data_format left_cropping name
    right_cropping target_height target_width top_cropping|images!) image.ElasticTransform(alpha
    data_format fill_mode fill_value interpolation name seed sigma|images!)
    image.ExtractPatches(data_format dilation_rate name padding size! strides|images!)
    image.GaussianBlur(data_format kernel_size name sigma|images!) image.HSVToRGB(data_format
    name|images!) image.MapCoordinates(fill_mode fill_value name order!|inputs! coordinates!)
    image.PadImages(bottom_padding data_format left_padding name right_padding target_height
    target_width top_padding|images!) image.PerspectiveTransform(data_format fill_value
    interpolation name|images! start_points! end_points!) image.RGBToGrayscale(data_format
    name|images!) image.RGBToHSV(data_format name|images!) image.Resize(antialias
    crop_to_aspect_ratio data_format fill_mode fill_value interpolation name pad_to_aspect_ratio
    size!|images!) image.SSIM(data_format filter_sigma filter_size k1 k2 max_val name|image1!
    image2!) image.ScaleAndTranslate(antialias method! name spatial_dims!|images! output_shape!
    scale! translation!) image.SobelEdges(data_format name|images!) linalg.Cholesky(name
    upper|x!) linalg.CholeskyInverse(name upper|x!) linalg.Det(name|x!) linalg.Eig(name|x!)
    linalg.Eigh(name|x!) linalg.Inv(name|x!) linalg.JVP(has_aux name|fun! primals! tangents!)
    linalg.Lstsq(name rcond|a! b!) linalg.LuFactor(name|x!) linalg.MatrixRank(name tol|x!)
    linalg.Norm(axis keepdims name ord|x!) linalg.Pinv(name rcond|x!) linalg.Qr(mode name|x!)
    linalg.SVD(compute_uv full_matrices name|x!) linalg.Solve(name|a! b!)
    linalg.SolveTriangular(lower name|a! b!) math.CDist(name|x! y!) math.Erf(name|x!)
    math.Erfc(name|x!) math.Erfinv(name|x!) math.ExtractSequences(name sequence_length!
    sequence_stride!|x!) math.FFT(name|x!) math.FFT2(name|x!) math.IFFT2(name|x!)
    math.IRFFT(fft_length name|x!) math.ISTFT(center fft_length! length name sequence_length!
    sequence_stride! window|x!) math.InTopK(k! name|targets! predictions!) math.Logdet(name|x!)
    math.Logsumexp(axis keepdims name|x!) math.RFFT(fft_length name|x!) math.Rsqrt(name|x!)
    math.STFT(center fft_length! name sequence_length! sequence_stride! window|x!)
    math.SegmentMax(name num_segments sorted|data! segment_ids!) math.SegmentMin(name
    num_segments sorted|data! segment_ids!) math.SegmentProd(name num_segments sorted|data!
    segment_ids!) math.SegmentReduction(name num_segments sorted|* *) math.SegmentSum(name
    num_segments sorted|data! segment_ids!) math.TopK(k! name sorted|x!)
    math.ViewAsComplex(name|x!) math.ViewAsReal(name|x!) nn.AdaptiveAveragePool(data_format name
    output_size!|inputs!) nn.AdaptiveMaxPool(data_format name output_size!|inputs!)
    nn.AveragePool(data_format name padding pool_size! strides|inputs!) nn.BatchNorm(axis!
    epsilon name|x! mean! variance! offset scale) nn.BinaryCrossentropy(from_logits name|target!
    output!) nn.CTCDecode(beam_width mask_index merge_repeated name strategy top_paths|inputs!
    sequence_lengths!) nn.CTCLoss(mask_index name|target! output! target_length! output_length!)
    nn.CategoricalCrossentropy(axis from_logits name|target! output!) nn.Celu(alpha name|x!)
    nn.Conv(data_format dilation_rate name padding strides|inputs! kernel!)
    nn.ConvTranspose(data_format dilation_rate name output_padding padding strides|inputs!
    kernel!) nn.DepthToSpace(block_size! data_format name|x!) nn.DepthwiseConv(data_format
    dilation_rate name padding strides|inputs! kernel!)
    nn.DotProductAttention(attn_logits_soft_cap flash_attention is_causal name|query! key!
    value! bias mask scale) nn.Elu(alpha name|x!) nn.Fold(dilation kernel_size! name
    output_size! padding stride|x!) nn.Gelu(approximate name|x!) nn.Glu(axis name|x!)
    nn.HardShrink(name threshold|x!) nn.HardSigmoid(name|x!) nn.HardSilu(name|x!)
    nn.HardTanh(name|x!) nn.LayerNorm(axis epsilon name rms_scaling|x! gamma beta)
    nn.LeakyRelu(name negative_slope|x!) nn.LogSigmoid(name|x!) nn.LogSoftmax(axis name|x!)
    nn.MaxPool(data_format name padding pool_size! strides|inputs!) nn.Moments(axes! keepdims
    name synchronized|x!) nn.MultiHot(axis dtype name num_classes sparse|inputs!)
    nn.Normalize(axis epsilon name order|x!) nn.OneHot(axis dtype name num_classes! sparse|x!)
    nn.PSNR(max_val! name|x1! x2!) nn.Polar(name|abs_! angle!) nn.RMSNorm(axis epsilon name|x!
    scale) nn.Relu(name|x!) nn.Relu6(name|x!) nn.Selu(name|x!) nn.SeparableConv(data_format
    dilation_rate name padding strides|inputs! depthwise_kernel! pointwise_kernel!)
    nn.Sigmoid(name|x!) nn.Silu(name|x!) nn.SoftShrink(name threshold|x!) nn.Softmax(axis
    name|x!) nn.Softplus(name|x!) nn.Softsign(name|x!) nn.SpaceToDepth(block_size! data_format
    name|x!) nn.SparseCategoricalCrossentropy(axis from_logits name|target! output!)
    nn.SparsePlus(name|x!) nn.SparseSigmoid(name|x!) nn.Sparsemax(axis name|x!) nn.Squareplus(b
    name|x!) nn.TanhShrink(name|x!) nn.Threshold(default_value! name threshold!|x!)
    nn.Unfold(dilation kernel_size! name padding stride|x!) numpy.Abs(name|x!)
    numpy.Absolute(name|x!) numpy.Add(name|x1! x2!) numpy.All(axis keepdims name|x!)
    numpy.AllClose(atol equal_nan name rtol|x1! x2!) numpy.Amax(axis keepdims name|x!)
    numpy.Amin(axis keepdims name|x!) numpy.Angle(name|x!) numpy.Any(axis keepdims name|x!)
    numpy.Append(axis name|x1! x2!) numpy.Arange(dtype name|start! stop step)
    numpy.Arccos(name|x!) numpy.Arccosh(name|x!) numpy.Arcsin(name|x!) numpy.Arcsinh(name|x!)
    numpy.Arctan(name|x!) numpy.Arctan2(name|x1! x2!) numpy.Arctanh(name|x!) numpy.Argmax(axis
    keepdims name|x!) numpy.Argmin(axis keepdims name|x!) numpy.Argpartition(axis kth! name|x!)
    numpy.Argsort(axis name|x!) numpy.Array(dtype name|x!) numpy.ArraySplit(axis
    indices_or_sections! name|x!) numpy.Average(axis name|x! weights) numpy.Bincount(minlength
    name sparse weights|x!) numpy.BitwiseAnd(name|x! y!) numpy.BitwiseInvert(name|x!)
    numpy.BitwiseLeftShift(name|x! y!) numpy.BitwiseNot(name|x!) numpy.BitwiseOr(name|x! y!)
    numpy.BitwiseRightShift(name|x! y!) numpy.BitwiseXor(name|x! y!) numpy.BroadcastTo(name
    shape!|x!) numpy.Cbrt(name|x!) numpy.Ceil(name|x!) numpy.Clip(name x_max! x_min!|x!)
    numpy.Concatenate(axis name|xs!) numpy.Conj(name|x!) numpy.Conjugate(name|x!)
    numpy.Copy(name|x!) numpy.Corrcoef(name|x!) numpy.Correlate(mode name|x1! x2!)
    numpy.Cos(name|x!) numpy.Cosh(name|x!) numpy.CountNonzero(axis name|x!) numpy.Cross(axis
    axisa axisb axisc name|x1! x2!) numpy.Cumprod(axis dtype name|x!) numpy.Cumsum(axis dtype
    name|x!) numpy.Deg2rad(name|x!) numpy.Diag(k name|x!) numpy.Diagflat(k name|x!)
    numpy.Diagonal(axis1 axis2 name offset|x!) numpy.Diff(axis n name|a!) numpy.Digitize(name|x!
    bins!) numpy.Divide(name|x1! x2!) numpy.DivideNoNan(name|x1! x2!) numpy.Dot(name|x1! x2!)
    numpy.Dsplit(indices_or_sections! name|x!) numpy.Dstack(name|xs!) numpy.Einsum(name
    subscripts!|* *) numpy.EmptyLike(dtype name|x!) numpy.Equal(name|x1! x2!) numpy.Exp(name|x!)
    numpy.Exp2(name|x!) numpy.ExpandDims(axis! name|x!) numpy.Expm1(name|x!) numpy.Fabs(name|x!)
    numpy.Flip(axis name|x!) numpy.Fliplr(name|x!) numpy.Flipud(name|x!) numpy.Floor(name|x!)
    numpy.FloorDivide(name|x1! x2!) numpy.Fmax(name|x1! x2!) numpy.Fmin(name|x1! x2!)
    numpy.Fmod(name|x1! x2!) numpy.Full(dtype name shape!|fill_value!) numpy.FullLike(dtype
    name|x! fill_value!) numpy.Gcd(name|x1! x2!) numpy.Geomspace(axis dtype endpoint name
    num|start! stop!) numpy.GetItem(name|x! key!) numpy.Greater(name|x1! x2!)
    numpy.GreaterEqual(name|x1! x2!) numpy.Heaviside(name|x1! x2!) numpy.Histogram(bins name
    range|x!) numpy.Hsplit(indices_or_sections! name|x!) numpy.Hstack(name|xs!)
    numpy.Hypot(name|x1! x2!) numpy.I0(name|x!) numpy.Imag(name|x!) numpy.Inner(name|x1! x2!)
    numpy.IsIn(assume_unique invert name|x1! x2!) numpy.Isclose(equal_nan name|x1! x2! rtol
    atol) numpy.Isfinite(name|x!) numpy.Isinf(name|x!) numpy.Isnan(name|x!)
    numpy.Isneginf(name|x!) numpy.Isposinf(name|x!) numpy.Isreal(name|x!) numpy.Kron(name|x1!
    x2!) numpy.Lcm(name|x1! x2!) numpy.Ldexp(name|x1! x2!) numpy.LeftShift(name|x! y!)
    numpy.Less(name|x1! x2!) numpy.LessEqual(name|x1! x2!) numpy.Linspace(axis dtype endpoint
    name num retstep|start! stop!) numpy.Log(name|x!) numpy.Log10(name|x!) numpy.Log1p(name|x!)
    numpy.Log2(name|x!) numpy.Logaddexp(name|x1! x2!) numpy.Logaddexp2(name|x1! x2!)
    numpy.LogicalAnd(name|x1! x2!) numpy.LogicalNot(name|x!) numpy.LogicalOr(name|x1! x2!)
    numpy.LogicalXor(name|x1! x2!) numpy.Logspace(axis base dtype endpoint name num|start!
    stop!) numpy.Matmul(name|x1! x2!) numpy.Max(axis initial keepdims name|x!)
    numpy.Maximum(name|x1! x2!) numpy.Mean(axis keepdims name|x!) numpy.Median(axis keepdims
    name|x!) numpy.Meshgrid(indexing name|*) numpy.Min(axis initial keepdims name|x!)
    numpy.Minimum(name|x1! x2!) numpy.Mod(name|x1! x2!) numpy.Moveaxis(destination! name
    source!|x!) numpy.Multiply(name|x1! x2!) numpy.NanToNum(name nan neginf posinf|x!)
    numpy.Nanargmax(axis keepdims name|x!) numpy.Nanargmin(axis keepdims name|x!)
    numpy.Nancumprod(axis dtype name|x!) numpy.Nancumsum(axis dtype name|x!) numpy.Nanmax(axis
    keepdims name|x!) numpy.Nanmean(axis keepdims name|x!) numpy.Nanmedian(axis keepdims
    name|x!) numpy.Nanmin(axis keepdims name|x!) numpy.Nanpercentile(axis keepdims method
    name|x! q!) numpy.Nanprod(axis keepdims name|x!) numpy.Nanquantile(axis keepdims method
    name|x! q!) numpy.Nanstd(axis keepdims name|x!) numpy.Nansum(axis keepdims name|x!)
    numpy.Nanvar(axis keepdims name|x!) numpy.Ndim(name|x!) numpy.Negative(name|x!)
    numpy.Nextafter(name|x1! x2!) numpy.Nonzero(name|x!) numpy.NotEqual(name|x1! x2!)
    numpy.OnesLike(dtype name|x!) numpy.Outer(name|x1! x2!) numpy.Pad(mode name pad_width!|x!
    constant_values) numpy.Percentile(axis keepdims method name|x! q!) numpy.Power(name|x1! x2!)
    numpy.Prod(axis dtype keepdims name|x!) numpy.Ptp(axis keepdims name|x!) numpy.Quantile(axis
    keepdims method name|x! q!) numpy.Rad2deg(name|x!) numpy.Ravel(name|x!) numpy.Real(name|x!)
    numpy.Reciprocal(name|x!) numpy.Repeat(axis name repeats!|x!) numpy.Reshape(name
    newshape!|x!) numpy.RightShift(name|x! y!) numpy.Roll(axis name shift!|x!) numpy.Rot90(axes
    k name|array!) numpy.Round(decimals name|x!) numpy.SearchSorted(name side|sorted_sequence!
    values!) numpy.Select(name|condlist! choicelist! default) numpy.Sign(name|x!)
    numpy.Signbit(name|x!) numpy.Sin(name|x!) numpy.Sinc(name|x!) numpy.Sinh(name|x!)
    numpy.Size(name|x!) numpy.Slogdet(name|x!) numpy.Sort(axis name|x!) numpy.Split(axis
    indices_or_sections! name|x!) numpy.Sqrt(name|x!) numpy.Square(name|x!) numpy.Squeeze(axis
    name|x!) numpy.Stack(axis name|x!) numpy.Std(axis keepdims name|x!) numpy.Subtract(name|x1!
    x2!) numpy.Sum(axis keepdims name|x!) numpy.Swapaxes(axis1! axis2! name|x!) numpy.Take(axis
    name|x! indices!) numpy.TakeAlongAxis(axis name|x! indices!) numpy.Tan(name|x!)
    numpy.Tanh(name|x!) numpy.Tensordot(axes name|x1! x2!) numpy.Tile(name repeats!|x!)
    numpy.Trace(axis1 axis2 name offset|x!) numpy.Transpose(axes name|x!) numpy.Trapezoid(axis
    dx name x|y!) numpy.Tril(k name|x!) numpy.Triu(k name|x!) numpy.TrueDivide(name|x1! x2!)
    numpy.Trunc(name|x!) numpy.Unique(axis fill_value name return_counts return_index
    return_inverse size sorted|x!) numpy.UnravelIndex(name shape!|indices!) numpy.Vander(N
    increasing name|x!) numpy.Var(axis keepdims name|x!) numpy.Vdot(name|x1! x2!)
    numpy.View(dtype name|x!) numpy.Vsplit(indices_or_sections! name|x!) numpy.Vstack(name|xs!)
    numpy.Where(name|condition! x1 x2) numpy.ZerosLike(dtype name|x!)
    """

  /// Public names of layers beside those of their classes.
  static let aliases = """
    AvgPool1D(AveragePooling1D) AvgPool2D(AveragePooling2D) AvgPool3D(AveragePooling3D)
    Convolution1D(Conv1D) Convolution1DTranspose(Conv1DTranspose) Convolution2D(Conv2D)
    Convolution2DTranspose(Conv2DTranspose) Convolution3D(Conv3D)
    Convolution3DTranspose(Conv3DTranspose) FlaxLayer(FlaxLayer)
    GlobalAvgPool1D(GlobalAveragePooling1D) GlobalAvgPool2D(GlobalAveragePooling2D)
    GlobalAvgPool3D(GlobalAveragePooling3D) GlobalMaxPool1D(GlobalMaxPooling1D)
    GlobalMaxPool2D(GlobalMaxPooling2D) GlobalMaxPool3D(GlobalMaxPooling3D)
    GroupQueryAttention(GroupedQueryAttention) JaxLayer(JaxLayer) MaxPool1D(MaxPooling1D)
    MaxPool2D(MaxPooling2D) MaxPool3D(MaxPooling3D) SeparableConvolution1D(SeparableConv1D)
    SeparableConvolution2D(SeparableConv2D) TFSMLayer(TFSMLayer)
    TorchModuleWrapper(TorchModuleWrapper)
    """
}
