/// What tf_keras 2.21.0 finds by name, and the keys that it takes; made by
/// `Tests/Interop/constructor_keys.py`, not by hand. ``NameTable`` reads it.
enum KerasNames2 {
  /// The layers: what the constructor takes beyond ``common``, `-key` if not; its call.
  static let layers = """
    AbstractRNNCell(|inputs! states!) Activation(activation!|inputs!)
    ActivityRegularization(l1:f l2:f|inputs! * *) Add(|inputs!) AddLoss(- dtype dynamic name
    trainable unconditional!|inputs!) AddMetric(aggregation metric_name|inputs!)
    AdditiveAttention(dropout:f force_generator rng_type seed use_scale:b|inputs! mask training
    return_attention_scores use_causal_mask) AlphaDropout(force_generator noise_shape rate:f!
    rng_type seed|inputs! training) Attention(dropout:f force_generator rng_type score_mode seed
    use_scale:b|inputs! mask training return_attention_scores use_causal_mask) Average(|inputs!)
    AveragePooling1D(data_format padding pool_function pool_size:l! strides:l|inputs!)
    AveragePooling2D(data_format padding pool_function pool_size:l! strides:l|inputs!)
    AveragePooling3D(data_format padding pool_function pool_size:l! strides:l|inputs!)
    AvgPool1D(data_format padding pool_function pool_size:l strides:l|inputs!)
    AvgPool2D(data_format padding pool_function pool_size:l strides:l|inputs!)
    AvgPool3D(data_format padding pool_function pool_size:l strides:l|inputs!)
    BaseRandomLayer(force_generator rng_type seed|inputs! * *) BatchNormalization(adjustment
    axis:i beta_constraint beta_initializer beta_regularizer center:b epsilon:f fused
    gamma_constraint gamma_initializer gamma_regularizer momentum:f moving_mean_initializer
    moving_variance_initializer renorm renorm_clipping renorm_momentum scale:b synchronized
    virtual_batch_size|inputs! training mask) BatchNormalizationBase(adjustment axis:i
    beta_constraint beta_initializer beta_regularizer center:b epsilon:f fused gamma_constraint
    gamma_initializer gamma_regularizer momentum:f moving_mean_initializer
    moving_variance_initializer renorm renorm_clipping renorm_momentum scale:b synchronized
    virtual_batch_size|inputs! training mask) BatchNormalizationV1(adjustment axis:i
    beta_constraint beta_initializer beta_regularizer center:b epsilon:f fused gamma_constraint
    gamma_initializer gamma_regularizer momentum:f moving_mean_initializer
    moving_variance_initializer renorm renorm_clipping renorm_momentum scale:b synchronized
    virtual_batch_size|inputs! training mask) BatchNormalizationV2(adjustment axis:i
    beta_constraint beta_initializer beta_regularizer center:b epsilon:f fused gamma_constraint
    gamma_initializer gamma_regularizer momentum:f moving_mean_initializer
    moving_variance_initializer renorm renorm_clipping renorm_momentum scale:b synchronized
    virtual_batch_size|inputs! training mask) Bidirectional(backward_layer layer!
    merge_mode|inputs! training mask initial_state constants) CategoryEncoding(max_tokens
    num_tokens:i! output_mode sparse:b|inputs! count_weights) CenterCrop(height:i!
    width:i!|inputs!) ClassMethod(- cls_ref! dtype dynamic method_name! name trainable|args!
    kwargs!) Concatenate(axis:i|inputs!) Conv1D(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format dilation_rate:l filters:i! groups:i kernel_constraint
    kernel_initializer kernel_regularizer kernel_size:l! padding rank strides:l
    use_bias:b|inputs!) Conv1DTranspose(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format dilation_rate:l filters:i! groups:i kernel_constraint
    kernel_initializer kernel_regularizer kernel_size:l! output_padding padding rank strides:l
    use_bias:b|inputs!) Conv2D(activation bias_constraint bias_initializer bias_regularizer
    conv_op data_format dilation_rate:l filters:i! groups:i kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! padding rank strides:l use_bias:b|inputs!)
    Conv2DTranspose(activation bias_constraint bias_initializer bias_regularizer conv_op
    data_format dilation_rate:l filters:i! groups:i kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! output_padding padding rank strides:l use_bias:b|inputs!)
    Conv3D(activation bias_constraint bias_initializer bias_regularizer conv_op data_format
    dilation_rate:l filters:i! groups:i kernel_constraint kernel_initializer kernel_regularizer
    kernel_size:l! padding rank strides:l use_bias:b|inputs!) Conv3DTranspose(activation
    bias_constraint bias_initializer bias_regularizer conv_op data_format dilation_rate
    filters:i! groups:i kernel_constraint kernel_initializer kernel_regularizer kernel_size:l!
    output_padding padding rank strides:l use_bias:b|inputs!) ConvLSTM1D(activation
    bias_constraint bias_initializer bias_regularizer cell data_format dilation_rate:l dropout:f
    filters:i! go_backwards:b input_length kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! padding rank recurrent_activation recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer return_sequences:b
    return_state:b stateful:b strides:l time_major:b unit_forget_bias:b unroll:b use_bias:b
    zero_output_for_mask|inputs! mask training initial_state) ConvLSTM2D(activation
    bias_constraint bias_initializer bias_regularizer cell data_format dilation_rate:l dropout:f
    filters:i! go_backwards:b input_length kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! padding rank recurrent_activation recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer return_sequences:b
    return_state:b stateful:b strides:l time_major:b unit_forget_bias:b unroll:b use_bias:b
    zero_output_for_mask|inputs! mask training initial_state) ConvLSTM3D(activation
    bias_constraint bias_initializer bias_regularizer cell data_format dilation_rate:l dropout:f
    filters:i! go_backwards:b input_length kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! padding rank recurrent_activation recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer return_sequences:b
    return_state:b stateful:b strides:l time_major:b unit_forget_bias:b unroll:b use_bias:b
    zero_output_for_mask|inputs! mask training initial_state) Convolution1D(activation
    bias_constraint bias_initializer bias_regularizer conv_op data_format dilation_rate:l
    filters:i! groups:i kernel_constraint kernel_initializer kernel_regularizer kernel_size:l!
    padding rank strides:l use_bias:b|inputs!) Convolution1DTranspose(activation bias_constraint
    bias_initializer bias_regularizer conv_op data_format dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! output_padding
    padding rank strides:l use_bias:b|inputs!) Convolution2D(activation bias_constraint
    bias_initializer bias_regularizer conv_op data_format dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding rank
    strides:l use_bias:b|inputs!) Convolution2DTranspose(activation bias_constraint
    bias_initializer bias_regularizer conv_op data_format dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! output_padding
    padding rank strides:l use_bias:b|inputs!) Convolution3D(activation bias_constraint
    bias_initializer bias_regularizer conv_op data_format dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding rank
    strides:l use_bias:b|inputs!) Convolution3DTranspose(activation bias_constraint
    bias_initializer bias_regularizer conv_op data_format dilation_rate filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! output_padding
    padding rank strides:l use_bias:b|inputs!) Cropping1D(cropping:l|inputs!)
    Cropping2D(cropping:l data_format|inputs!) Cropping3D(cropping:l data_format|inputs!)
    CuDNNGRU(bias_constraint bias_initializer bias_regularizer go_backwards:b kernel_constraint
    kernel_initializer kernel_regularizer recurrent_constraint recurrent_initializer
    recurrent_regularizer return_sequences:b return_state:b stateful:b time_major:b
    units:i!|inputs! mask training initial_state) CuDNNLSTM(bias_constraint bias_initializer
    bias_regularizer go_backwards:b kernel_constraint kernel_initializer kernel_regularizer
    recurrent_constraint recurrent_initializer recurrent_regularizer return_sequences:b
    return_state:b stateful:b time_major:b unit_forget_bias:b units:i!|inputs! mask training
    initial_state) Dense(activation bias_constraint bias_initializer bias_regularizer
    kernel_constraint kernel_initializer kernel_regularizer units:i! use_bias:b|inputs!)
    DenseFeatures(- dtype dynamic expected_column_type feature_columns! name partitioner
    trainable|features! cols_to_output_tensors training) DepthwiseConv1D(activation
    bias_constraint bias_initializer bias_regularizer conv_op data_format depth_multiplier:i
    depthwise_constraint depthwise_initializer depthwise_regularizer dilation_rate:l filters
    groups:i kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding rank
    strides:l use_bias:b|inputs!) DepthwiseConv2D(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format depth_multiplier:i depthwise_constraint
    depthwise_initializer depthwise_regularizer dilation_rate:l filters groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding rank
    strides:l use_bias:b|inputs!) DeviceWrapper(cell! device!|inputs! state! *)
    Discretization(bin_boundaries! bins epsilon:f num_bins output_mode sparse:b|inputs!)
    Dot(axes:i! normalize:b|inputs!) Dropout(force_generator noise_shape rate:f! rng_type
    seed|inputs! training) DropoutWrapper(- cell! dropout_state_filter_visitor dtype dynamic
    input_keep_prob input_size name output_keep_prob seed state_keep_prob trainable
    variational_recurrent|inputs! state! *) ELU(alpha:f|inputs!) EinsumDense(activation
    bias_axes bias_constraint bias_initializer bias_regularizer equation! kernel_constraint
    kernel_initializer kernel_regularizer output_shape!|inputs!) Embedding(embeddings_constraint
    embeddings_initializer embeddings_regularizer input_length mask_zero:b output_dim:i!
    sparse|inputs!) Flatten(data_format|inputs!) GRU(activation bias_constraint bias_initializer
    bias_regularizer cell dropout:f force_generator go_backwards:b input_length
    kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    reset_after:b return_sequences:b return_state:b rng_type seed stateful:b time_major:b
    units:i! unroll:b use_bias:b zero_output_for_mask|inputs! mask training initial_state)
    GRUCell(activation bias_constraint bias_initializer bias_regularizer dropout:f
    force_generator kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    reset_after:b rng_type seed units:i! use_bias:b|inputs! states! training)
    GRUCellV1(activation bias_constraint bias_initializer bias_regularizer dropout:f
    force_generator kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    reset_after:b rng_type seed units:i! use_bias:b|inputs! states! training)
    GRUCellV2(activation bias_constraint bias_initializer bias_regularizer dropout:f
    force_generator kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    reset_after:b rng_type seed units:i! use_bias:b|inputs! states! training) GRUV1(activation
    bias_constraint bias_initializer bias_regularizer cell dropout:f go_backwards:b input_length
    kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    reset_after:b return_sequences:b return_state:b stateful:b time_major:b units:i! unroll:b
    use_bias:b zero_output_for_mask|inputs! mask training initial_state) GRUV2(activation
    bias_constraint bias_initializer bias_regularizer cell dropout:f force_generator
    go_backwards:b input_length kernel_constraint kernel_initializer kernel_regularizer
    recurrent_activation recurrent_constraint recurrent_dropout:f recurrent_initializer
    recurrent_regularizer reset_after:b return_sequences:b return_state:b rng_type seed
    stateful:b time_major:b units:i! unroll:b use_bias:b zero_output_for_mask|inputs! mask
    training initial_state) GaussianDropout(force_generator rate:f! rng_type seed|inputs!
    training) GaussianNoise(force_generator rng_type seed stddev:f!|inputs! training)
    GlobalAveragePooling1D(data_format keepdims:b|inputs! mask)
    GlobalAveragePooling2D(data_format keepdims:b|inputs!) GlobalAveragePooling3D(data_format
    keepdims:b|inputs!) GlobalAvgPool1D(data_format keepdims:b|inputs! mask)
    GlobalAvgPool2D(data_format keepdims:b|inputs!) GlobalAvgPool3D(data_format
    keepdims:b|inputs!) GlobalMaxPool1D(data_format keepdims:b|inputs!)
    GlobalMaxPool2D(data_format keepdims:b|inputs!) GlobalMaxPool3D(data_format
    keepdims:b|inputs!) GlobalMaxPooling1D(data_format keepdims:b|inputs!)
    GlobalMaxPooling2D(data_format keepdims:b|inputs!) GlobalMaxPooling3D(data_format
    keepdims:b|inputs!) GroupNormalization(axis:i beta_constraint beta_initializer
    beta_regularizer center:b epsilon:f gamma_constraint gamma_initializer gamma_regularizer
    groups:i scale:b|inputs! mask) HashedCrossing(num_bins:i! output_mode sparse:b|inputs!)
    Hashing(mask_value num_bins:i! output_mode salt sparse:b|inputs!) Identity(|inputs!)
    InputLayer(- batch_input_shape:l batch_size dtype input_shape input_tensor name optional:b
    ragged:b sparse:b type_spec|inputs! * *) InstanceMethod(- attr_name! dtype dynamic name
    trainable|obj! args! kwargs!) InstanceProperty(- attr_name! dtype dynamic name
    trainable|obj!) IntegerLookup(idf_weights invert:b mask_token mask_value max_tokens
    num_oov_indices:i oov_token output_mode pad_to_max_tokens:b sparse:b vocabulary
    vocabulary_dtype vocabulary_size|inputs!) LSTM(activation bias_constraint bias_initializer
    bias_regularizer cell dropout:f force_generator go_backwards:b input_length
    kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    return_sequences:b return_state:b rng_type seed stateful:b time_major:b unit_forget_bias:b
    units:i! unroll:b use_bias:b zero_output_for_mask|inputs! mask training initial_state)
    LSTMCell(activation bias_constraint bias_initializer bias_regularizer dropout:f
    force_generator kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    rng_type seed unit_forget_bias:b units:i! use_bias:b|inputs! states! training)
    LSTMCellV1(activation bias_constraint bias_initializer bias_regularizer dropout:f
    force_generator kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    rng_type seed unit_forget_bias:b units:i! use_bias:b|inputs! states! training)
    LSTMCellV2(activation bias_constraint bias_initializer bias_regularizer dropout:f
    force_generator kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    rng_type seed unit_forget_bias:b units:i! use_bias:b|inputs! states! training)
    LSTMV1(activation bias_constraint bias_initializer bias_regularizer cell dropout:f
    go_backwards:b input_length kernel_constraint kernel_initializer kernel_regularizer
    recurrent_activation recurrent_constraint recurrent_dropout:f recurrent_initializer
    recurrent_regularizer return_sequences:b return_state:b stateful:b time_major:b
    unit_forget_bias:b units:i! unroll:b use_bias:b zero_output_for_mask|inputs! mask training
    initial_state) LSTMV2(activation bias_constraint bias_initializer bias_regularizer cell
    dropout:f force_generator go_backwards:b input_length kernel_constraint kernel_initializer
    kernel_regularizer recurrent_activation recurrent_constraint recurrent_dropout:f
    recurrent_initializer recurrent_regularizer return_sequences:b return_state:b rng_type seed
    stateful:b time_major:b unit_forget_bias:b units:i! unroll:b use_bias:b
    zero_output_for_mask|inputs! mask training initial_state) Lambda(arguments function!
    function_type mask module output_shape output_shape_module output_shape_type|inputs! mask
    training) Layer(|inputs! * *) LayerNormalization(axis:i beta_constraint beta_initializer
    beta_regularizer center:b epsilon:f gamma_constraint gamma_initializer gamma_regularizer
    scale:b|inputs!) LeakyReLU(alpha:f|inputs!) LocallyConnected1D(activation bias_constraint
    bias_initializer bias_regularizer data_format filters:i! kernel_constraint
    kernel_initializer kernel_regularizer kernel_size:l! padding strides:l use_bias:b|inputs!)
    LocallyConnected2D(activation bias_constraint bias_initializer bias_regularizer data_format
    filters:i! kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding
    strides:l use_bias:b|inputs!) Masking(mask_value:f|inputs!) MaxPool1D(data_format padding
    pool_function pool_size:l strides:l|inputs!) MaxPool2D(data_format padding pool_function
    pool_size:l strides:l|inputs!) MaxPool3D(data_format padding pool_function pool_size:l
    strides:l|inputs!) MaxPooling1D(data_format padding pool_function pool_size:l
    strides:l|inputs!) MaxPooling2D(data_format padding pool_function pool_size:l
    strides:l|inputs!) MaxPooling3D(data_format padding pool_function pool_size:l
    strides:l|inputs!) Maximum(|inputs!) Minimum(|inputs!) MultiHeadAttention(attention_axes
    bias_constraint bias_initializer bias_regularizer dropout:f kernel_constraint
    kernel_initializer kernel_regularizer key_dim:i! key_shape num_heads:i! output_shape
    query_shape softmax_robust_masking:b use_bias:b value_dim:i value_shape|query! value! key
    attention_mask return_attention_scores training use_causal_mask) Multiply(|inputs!)
    Normalization(axis:l invert:b mean variance|inputs!) PReLU(alpha_constraint
    alpha_initializer alpha_regularizer shared_axes|inputs!) Permute(dims:l!|inputs!) RNN(cell!
    go_backwards:b input_length return_sequences:b return_state:b stateful:b time_major:b
    unroll:b zero_output_for_mask|inputs! mask training initial_state constants)
    RandomBrightness(factor! force_generator rng_type seed value_range|inputs! training)
    RandomContrast(factor:f! force_generator rng_type seed|inputs! training)
    RandomCrop(force_generator height:i! rng_type seed width:i!|inputs! training)
    RandomFlip(force_generator mode rng_type seed|inputs! training) RandomHeight(factor:f!
    force_generator interpolation rng_type seed|inputs! training) RandomRotation(factor:f!
    fill_mode fill_value:f force_generator interpolation rng_type seed|inputs! training)
    RandomTranslation(fill_mode fill_value:f force_generator height_factor:f! interpolation
    rng_type seed width_factor:f!|inputs! training) RandomWidth(factor:f! force_generator
    interpolation rng_type seed|inputs! training) RandomZoom(fill_mode fill_value:f
    force_generator height_factor:f! interpolation rng_type seed width_factor|inputs! training)
    ReLU(max_value negative_slope threshold|inputs!) RepeatVector(n:i!|inputs!)
    Rescaling(offset:f scale:f!|inputs!) Reshape(target_shape:l!|inputs!) ResidualWrapper(cell!
    residual_fn|inputs! state! *) Resizing(crop_to_aspect_ratio:b height:i! interpolation
    width:i!|inputs!) SeparableConv1D(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format depth_multiplier:i depthwise_constraint
    depthwise_initializer depthwise_regularizer dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding
    pointwise_constraint pointwise_initializer pointwise_regularizer rank strides:l
    use_bias:b|inputs!) SeparableConv2D(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format depth_multiplier:i depthwise_constraint
    depthwise_initializer depthwise_regularizer dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding
    pointwise_constraint pointwise_initializer pointwise_regularizer rank strides:l
    use_bias:b|inputs!) SeparableConvolution1D(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format depth_multiplier:i depthwise_constraint
    depthwise_initializer depthwise_regularizer dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding
    pointwise_constraint pointwise_initializer pointwise_regularizer rank strides:l
    use_bias:b|inputs!) SeparableConvolution2D(activation bias_constraint bias_initializer
    bias_regularizer conv_op data_format depth_multiplier:i depthwise_constraint
    depthwise_initializer depthwise_regularizer dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! padding
    pointwise_constraint pointwise_initializer pointwise_regularizer rank strides:l
    use_bias:b|inputs!) SequenceFeatures(- dtype dynamic expected_column_type feature_columns!
    name partitioner trainable|features! training) SimpleRNN(activation bias_constraint
    bias_initializer bias_regularizer cell dropout:f go_backwards:b input_length
    kernel_constraint kernel_initializer kernel_regularizer recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer return_sequences:b
    return_state:b stateful:b time_major:b units:i! unroll:b use_bias:b
    zero_output_for_mask|inputs! mask training initial_state) SimpleRNNCell(activation
    bias_constraint bias_initializer bias_regularizer dropout:f force_generator
    kernel_constraint kernel_initializer kernel_regularizer recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer rng_type seed units:i!
    use_bias:b|inputs! states! training) SlicingOpLambda(- dtype dynamic function! name
    trainable|inputs! * *) Softmax(axis:i robust_masking|inputs! mask)
    SpatialDropout1D(force_generator noise_shape rate:f! rng_type seed|inputs! training)
    SpatialDropout2D(data_format force_generator noise_shape rate:f! rng_type seed|inputs!
    training) SpatialDropout3D(data_format force_generator noise_shape rate:f! rng_type
    seed|inputs! training) StackedRNNCells(cells:l!|inputs! states! constants training *)
    StringLookup(encoding idf_weights invert:b mask_token max_tokens num_oov_indices:i oov_token
    output_mode pad_to_max_tokens:b sparse:b vocabulary vocabulary_dtype
    vocabulary_size|inputs!) Subtract(|inputs!) SyncBatchNormalization(adjustment axis:i
    beta_constraint beta_initializer beta_regularizer center:b epsilon:f fused gamma_constraint
    gamma_initializer gamma_regularizer momentum:f moving_mean_initializer
    moving_variance_initializer renorm renorm_clipping renorm_momentum scale:b synchronized
    virtual_batch_size|inputs! training mask) TFOpLambda(- dtype dynamic function! name
    trainable|inputs! * *) TensorFlowOpLayer(- constants dtype name! node_def!
    trainable|inputs!) TextVectorization(encoding idf_weights max_tokens ngrams output_mode
    output_sequence_length pad_to_max_tokens:b ragged:b sparse:b split standardize vocabulary
    vocabulary_size:i|inputs!) ThresholdedReLU(theta:f|inputs!) TimeDistributed(layer!|inputs!
    training mask) UnitNormalization(axis:i|inputs!) UpSampling1D(size:i|inputs!)
    UpSampling2D(data_format interpolation size:l|inputs!) UpSampling3D(data_format
    size:l|inputs!) Wrapper(layer!|inputs! * *) ZeroPadding1D(padding:l|inputs!)
    ZeroPadding2D(data_format padding:l|inputs!) ZeroPadding3D(data_format padding:l|inputs!)
    _RNNCellWrapper(- cell! dtype dynamic name trainable|inputs! state! *)
    """

  /// What nearly all layers take.
  static let common = """
    activity_regularizer autocast batch_input_shape batch_size dtype dynamic implementation
    input_dim input_shape name trainable weights
    """
}
