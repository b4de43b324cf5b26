/// What keras 3.15.1 finds by name, and the keys that it takes; made by
/// `Tests/Interop/constructor_keys.py`, not by hand. ``NameTable`` reads it.
enum KerasNames3 {
  /// The layers: what the constructor takes beyond ``common``, `-key` if not; its call.
  static let layers = """
    Activation(activation!|inputs!) ActivityRegularization(l1:f l2:f|inputs!)
    AdaptiveAveragePooling1D(data_format output_size:l!|inputs!)
    AdaptiveAveragePooling2D(data_format output_size:l!|inputs!)
    AdaptiveAveragePooling3D(data_format output_size:l!|inputs!)
    AdaptiveMaxPooling1D(data_format output_size:l!|inputs!) AdaptiveMaxPooling2D(data_format
    output_size:l!|inputs!) AdaptiveMaxPooling3D(data_format output_size:l!|inputs!)
    Add(|inputs!) AdditiveAttention(dropout:f score_mode seed use_scale:b|inputs! mask training
    return_attention_scores use_causal_mask) AlphaDropout(noise_shape rate:f! seed|inputs!
    training) Attention(dropout:f score_mode seed use_scale:b|inputs! mask training
    return_attention_scores use_causal_mask) AugMix(all_ops:b alpha:f bounding_box_format
    chain_depth:i data_format factor:l interpolation num_chains:i seed value_range:l|data!
    training) AutoContrast(bounding_box_format data_format factor value_range|data! training)
    Average(|inputs!) AveragePooling1D(data_format padding pool_dimensions pool_mode
    pool_size:l! strides:l|inputs!) AveragePooling2D(data_format padding pool_dimensions
    pool_mode pool_size:l! strides:l|inputs!) AveragePooling3D(data_format padding
    pool_dimensions pool_mode pool_size:l! strides:l|inputs!) BatchNormalization(axis:i
    beta_constraint beta_initializer beta_regularizer center:b epsilon:f gamma_constraint
    gamma_initializer gamma_regularizer momentum:f moving_mean_initializer
    moving_variance_initializer renorm:b renorm_clipping renorm_momentum:f scale:b
    synchronized:b|inputs! training mask) Bidirectional(backward_layer layer! merge_mode
    weights|sequences! initial_state mask training) CategoryEncoding(num_tokens:i! output_mode
    sparse|inputs! count_weights) CenterCrop(bounding_box_format data_format factor height:i!
    width:i!|data! training) Concatenate(axis:i|inputs!)
    ContrastLimitedAdaptiveHistogramEqualization(bounding_box_format clip_limit:f data_format
    factor tile_grid_size:l value_range:l|data! training) Conv1D(activation bias_constraint
    bias_initializer bias_regularizer data_format dilation_rate:l filters:i! groups:i
    kernel_constraint kernel_initializer kernel_regularizer kernel_size:l! lora_alpha lora_rank
    padding rank strides:l use_bias:b|inputs!) Conv1DTranspose(activation bias_constraint
    bias_initializer bias_regularizer data_format dilation_rate:l filters:i! kernel_constraint
    kernel_initializer kernel_regularizer kernel_size:l! output_padding padding rank strides:l
    use_bias:b|inputs!) Conv2D(activation bias_constraint bias_initializer bias_regularizer
    data_format dilation_rate:l filters:i! groups:i kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! lora_alpha lora_rank padding rank strides:l
    use_bias:b|inputs!) Conv2DTranspose(activation bias_constraint bias_initializer
    bias_regularizer data_format dilation_rate:l filters:i! kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! output_padding padding rank strides:l use_bias:b|inputs!)
    Conv3D(activation bias_constraint bias_initializer bias_regularizer data_format
    dilation_rate:l filters:i! groups:i kernel_constraint kernel_initializer kernel_regularizer
    kernel_size:l! lora_alpha lora_rank padding rank strides:l use_bias:b|inputs!)
    Conv3DTranspose(activation bias_constraint bias_initializer bias_regularizer data_format
    dilation_rate:l filters:i! kernel_constraint kernel_initializer kernel_regularizer
    kernel_size:l! output_padding padding rank strides:l use_bias:b|inputs!)
    ConvLSTM1D(activation bias_constraint bias_initializer bias_regularizer cell data_format
    dilation_rate:l dropout:f filters:i! go_backwards:b kernel_constraint kernel_initializer
    kernel_regularizer kernel_size:l! padding rank recurrent_activation recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer return_sequences:b
    return_state:b seed stateful:b strides:l unit_forget_bias:b unroll:b use_bias:b
    zero_output_for_mask:b|sequences! initial_state mask training) ConvLSTM2D(activation
    bias_constraint bias_initializer bias_regularizer cell data_format dilation_rate:l dropout:f
    filters:i! go_backwards:b kernel_constraint kernel_initializer kernel_regularizer
    kernel_size:l! padding rank recurrent_activation recurrent_constraint recurrent_dropout:f
    recurrent_initializer recurrent_regularizer return_sequences:b return_state:b seed
    stateful:b strides:l unit_forget_bias:b unroll:b use_bias:b
    zero_output_for_mask:b|sequences! initial_state mask training) ConvLSTM3D(activation
    bias_constraint bias_initializer bias_regularizer cell data_format dilation_rate:l dropout:f
    filters:i! go_backwards:b kernel_constraint kernel_initializer kernel_regularizer
    kernel_size:l! padding rank recurrent_activation recurrent_constraint recurrent_dropout:f
    recurrent_initializer recurrent_regularizer return_sequences:b return_state:b seed
    stateful:b strides:l unit_forget_bias:b unroll:b use_bias:b
    zero_output_for_mask:b|sequences! initial_state mask training)
    Cropping1D(cropping:l|inputs!) Cropping2D(cropping:l data_format|inputs!)
    Cropping3D(cropping:l data_format|inputs!) CutMix(bounding_box_format data_format factor:l
    seed|data! training) Dense(activation bias_constraint bias_initializer bias_regularizer
    kernel_constraint kernel_initializer kernel_regularizer lora_alpha lora_rank
    quantization_config units:i! use_bias:b|inputs! training) DepthwiseConv1D(activation
    bias_constraint bias_initializer bias_regularizer data_format depth_multiplier:i
    depthwise_constraint depthwise_initializer depthwise_regularizer dilation_rate:l
    kernel_size:l! padding rank strides:l use_bias:b|inputs!) DepthwiseConv2D(activation
    bias_constraint bias_initializer bias_regularizer data_format depth_multiplier:i
    depthwise_constraint depthwise_initializer depthwise_regularizer dilation_rate:l
    kernel_size:l! padding rank strides:l use_bias:b|inputs!) Discretization(- bin_boundaries!
    dtype epsilon:f name num_bins output_mode sparse:b|inputs!) Dot(axes:i! normalize:b|inputs!)
    Dropout(noise_shape rate:f! seed|inputs! training) ELU(alpha:f|inputs!)
    EinsumDense(activation bias_axes bias_constraint bias_initializer bias_regularizer equation!
    gptq_unpacked_column_size kernel_constraint kernel_initializer kernel_regularizer lora_alpha
    lora_rank output_shape:l! quantization_config|inputs! training)
    Embedding(embeddings_constraint embeddings_initializer embeddings_regularizer input_length
    lora_alpha lora_rank mask_zero:b output_dim:i! quantization_config weights|inputs!)
    Equalization(bins:i bounding_box_format data_format factor value_range|data! training)
    Flatten(data_format|inputs!) GRU(activation bias_constraint bias_initializer
    bias_regularizer cell dropout:f go_backwards:b implementation kernel_constraint
    kernel_initializer kernel_regularizer recurrent_activation recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer reset_after:b
    return_sequences:b return_state:b seed stateful:b units:i! unroll:b use_bias:b use_cudnn
    zero_output_for_mask:b|sequences! initial_state mask training) GRUCell(activation
    bias_constraint bias_initializer bias_regularizer dropout:f implementation kernel_constraint
    kernel_initializer kernel_regularizer recurrent_activation recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer reset_after:b seed units:i!
    use_bias:b|inputs! states! training) GaussianDropout(rate:f! seed|inputs! training)
    GaussianNoise(seed stddev:f!|inputs! training) GlobalAveragePooling1D(data_format keepdims:b
    pool_dimensions|inputs! mask) GlobalAveragePooling2D(data_format keepdims:b
    pool_dimensions|inputs!) GlobalAveragePooling3D(data_format keepdims:b
    pool_dimensions|inputs!) GlobalMaxPooling1D(data_format keepdims:b pool_dimensions|inputs!)
    GlobalMaxPooling2D(data_format keepdims:b pool_dimensions|inputs!)
    GlobalMaxPooling3D(data_format keepdims:b pool_dimensions|inputs!) GroupNormalization(axis:i
    beta_constraint beta_initializer beta_regularizer center:b epsilon:f gamma_constraint
    gamma_initializer gamma_regularizer groups:i scale:b|inputs!)
    GroupedQueryAttention(bias_constraint bias_initializer bias_regularizer dropout:f
    flash_attention head_dim:i! kernel_constraint kernel_initializer kernel_regularizer
    num_key_value_heads:i! num_query_heads:i! seed sliding_window use_bias:b use_gate:b|query!
    value! key query_mask value_mask key_mask attention_mask return_attention_scores training
    use_causal_mask) HashedCrossing(-input_dim -input_shape num_bins! output_mode
    sparse|inputs!) Hashing(mask_value num_bins:i! output_mode salt sparse:b|inputs!)
    Identity(|inputs!) IndexLookup(-input_dim -input_shape idf_weights invert mask_token!
    max_tokens! num_oov_indices! oov_method oov_token! output_mode pad_to_max_tokens salt sparse
    vocabulary vocabulary_dtype!|inputs!) InputLayer(-input_dim -input_shape batch_shape
    batch_size input_tensor optional ragged shape! sparse|) IntegerLookup(-activity_regularizer
    -autocast -input_dim -input_shape idf_weights invert:b mask_token max_tokens
    num_oov_indices:i oov_method oov_token:i output_mode pad_to_max_tokens:b salt sparse:b
    vocabulary vocabulary_dtype vocabulary_size|inputs!) LSTM(activation bias_constraint
    bias_initializer bias_regularizer cell dropout:f go_backwards:b implementation
    kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer
    return_sequences:b return_state:b seed stateful:b unit_forget_bias:b units:i! unroll:b
    use_bias:b use_cudnn zero_output_for_mask:b|sequences! initial_state mask training)
    LSTMCell(activation bias_constraint bias_initializer bias_regularizer dropout:f
    implementation kernel_constraint kernel_initializer kernel_regularizer recurrent_activation
    recurrent_constraint recurrent_dropout:f recurrent_initializer recurrent_regularizer seed
    unit_forget_bias:b units:i! use_bias:b|inputs! states! training) Lambda(-input_dim
    -input_shape arguments function! mask output_shape|inputs! mask training) Layer(|* *)
    LayerNormalization(axis:i beta_constraint beta_initializer beta_regularizer center:b
    epsilon:f gamma_constraint gamma_initializer gamma_regularizer rms_scaling:b
    scale:b|inputs!) LeakyReLU(alpha negative_slope:f|inputs!) Masking(mask_value:f|inputs!)
    MaxNumBoundingBoxes(bounding_box_format data_format factor fill_value max_number:i!|data!
    training) MaxPooling1D(data_format padding pool_dimensions pool_mode pool_size:l
    strides:l|inputs!) MaxPooling2D(data_format padding pool_dimensions pool_mode pool_size:l
    strides:l|inputs!) MaxPooling3D(data_format padding pool_dimensions pool_mode pool_size:l
    strides:l|inputs!) Maximum(|inputs!) MelSpectrogram(fft_length:i mag_exp:f max_freq:i
    min_freq:f min_power:f num_mel_bins:i power_to_db:b ref_power:f sampling_rate:i
    sequence_length:i sequence_stride:i top_db:f window|inputs!) Minimum(|inputs!) MixUp(alpha:f
    bounding_box_format data_format factor seed|data! training)
    MultiHeadAttention(attention_axes bias_constraint bias_initializer bias_regularizer
    dropout:f flash_attention kernel_constraint kernel_initializer kernel_regularizer key_dim:i!
    num_heads:i! output_shape seed sliding_window use_bias:b use_gate:b value_dim:i|query!
    value! key query_mask value_mask key_mask attention_mask return_attention_scores training
    use_causal_mask) Multiply(|inputs!) Normalization(axis:l invert:b mean variance|inputs!)
    PReLU(alpha_constraint alpha_initializer alpha_regularizer shared_axes|inputs!)
    Permute(dims:l!|inputs!) Pipeline(- layers:l! name|inputs! training mask)
    RMSNormalization(axis:i epsilon:f|x!) RNN(cell! go_backwards:b return_sequences:b
    return_state:b stateful:b unroll:b zero_output_for_mask:b|sequences! initial_state mask
    training) RandAugment(bounding_box_format data_format factor:l interpolation num_ops:i seed
    value_range:l|data! training) RandomBrightness(bounding_box_format data_format factor:l!
    seed value_range|data! training) RandomColorDegeneration(bounding_box_format data_format
    factor:l! seed value_range|data! training) RandomColorJitter(bounding_box_format
    brightness_factor contrast_factor data_format factor hue_factor saturation_factor seed
    value_range:l|data! training) RandomContrast(bounding_box_format data_format factor:l! seed
    value_range:l|data! training) RandomCrop(bounding_box_format data_format factor height:i!
    seed:i width:i!|data! training) RandomElasticTransform(bounding_box_format data_format
    factor:l fill_mode fill_value:f interpolation scale:l seed value_range:l|data! training)
    RandomErasing(bounding_box_format data_format factor:l fill_value scale:l seed
    value_range:l|data! training) RandomFlip(bounding_box_format data_format factor mode
    seed|data! training) RandomGaussianBlur(bounding_box_format data_format factor:l
    kernel_size:l seed sigma:l value_range:l|data! training) RandomGrayscale(bounding_box_format
    data_format factor:f seed|data! training) RandomHue(bounding_box_format data_format
    factor:l! seed value_range:l|data! training) RandomInvert(bounding_box_format data_format
    factor:l seed value_range:l|data! training) RandomPerspective(bounding_box_format
    data_format factor:l fill_value:f interpolation scale:f seed|data! training)
    RandomPosterization(bounding_box_format data_format factor:l! seed value_range|data!
    training) RandomRotation(bounding_box_format data_format factor:l! fill_mode fill_value:f
    interpolation seed|data! training) RandomSaturation(bounding_box_format data_format
    factor:l! seed value_range|data! training) RandomSharpness(bounding_box_format data_format
    factor:l! seed value_range|data! training) RandomShear(bounding_box_format data_format
    factor fill_mode fill_value:f interpolation seed x_factor:l y_factor:l|data! training)
    RandomTranslation(bounding_box_format data_format factor fill_mode fill_value:f
    height_factor:f! interpolation seed width_factor:f!|data! training)
    RandomZoom(bounding_box_format data_format factor fill_mode fill_value:f height_factor:f!
    interpolation seed width_factor|data! training) ReLU(max_value negative_slope:f
    threshold:f|inputs!) RepeatVector(n:i!|inputs!) Rescaling(offset:f scale:f!|inputs!)
    Reshape(target_shape:l!|inputs!) Resizing(antialias:b bounding_box_format
    crop_to_aspect_ratio:b data_format factor fill_mode fill_value:f height:i! interpolation
    pad_to_aspect_ratio:b width:i!|data! training) ReversibleEmbedding(embeddings_constraint
    embeddings_initializer embeddings_regularizer input_length logit_soft_cap lora_alpha
    lora_rank mask_zero:b output_dim:i! quantization_config reverse_dtype tie_weights:b
    weights|inputs! reverse) STFTSpectrogram(-input_dim -input_shape data_format expand_dims
    fft_length frame_length frame_step mode padding periodic scaling window|inputs!)
    SeparableConv1D(activation bias_constraint bias_initializer bias_regularizer data_format
    depth_multiplier:i depthwise_constraint depthwise_initializer depthwise_regularizer
    dilation_rate:l filters:i! kernel_size:l! padding pointwise_constraint pointwise_initializer
    pointwise_regularizer rank strides:l use_bias:b|inputs!) SeparableConv2D(activation
    bias_constraint bias_initializer bias_regularizer data_format depth_multiplier:i
    depthwise_constraint depthwise_initializer depthwise_regularizer dilation_rate:l filters:i!
    kernel_size:l! padding pointwise_constraint pointwise_initializer pointwise_regularizer rank
    strides:l use_bias:b|inputs!) SimpleRNN(activation bias_constraint bias_initializer
    bias_regularizer cell dropout:f go_backwards:b kernel_constraint kernel_initializer
    kernel_regularizer recurrent_constraint recurrent_dropout:f recurrent_initializer
    recurrent_regularizer return_sequences:b return_state:b seed stateful:b units:i! unroll:b
    use_bias:b zero_output_for_mask:b|sequences! initial_state mask training)
    SimpleRNNCell(activation bias_constraint bias_initializer bias_regularizer dropout:f
    kernel_constraint kernel_initializer kernel_regularizer recurrent_constraint
    recurrent_dropout:f recurrent_initializer recurrent_regularizer seed units:i!
    use_bias:b|sequence! states! training) Softmax(axis:i|inputs! mask)
    Solarization(addition_factor:l bounding_box_format data_format factor seed
    threshold_factor:l value_range|data! training) SpatialDropout1D(- dtype name rate:f!
    seed|inputs! training) SpatialDropout2D(- data_format dtype name rate:f! seed|inputs!
    training) SpatialDropout3D(- data_format dtype name rate:f! seed|inputs! training)
    SpectralNormalization(layer! power_iterations:i|inputs! training)
    StackedRNNCells(cells:l!|inputs! states! training *) StringLookup(-activity_regularizer
    -autocast -input_dim -input_shape encoding idf_weights invert:b mask_token max_tokens
    num_oov_indices:i oov_method oov_token output_mode pad_to_max_tokens:b salt sparse:b
    vocabulary vocabulary_dtype vocabulary_size|inputs!) Subtract(|inputs!)
    TextVectorization(encoding idf_weights max_tokens ngrams output_mode output_sequence_length
    pad_to_max_tokens:b ragged:b sparse:b split standardize vocabulary
    vocabulary_size:i|inputs!) TimeDistributed(layer!|inputs! training mask)
    UnitNormalization(axis:i|inputs!) UpSampling1D(size:i|inputs!) UpSampling2D(data_format
    interpolation size:l|inputs!) UpSampling3D(data_format size:l|inputs!) Wrapper(layer!|* *)
    ZeroPadding1D(data_format padding:l|inputs!) ZeroPadding2D(data_format padding:l|inputs!)
    ZeroPadding3D(data_format padding:l|inputs!)
    """

  /// What nearly all layers take.
  static let common = """
    activity_regularizer autocast dtype input_dim input_shape name trainable
    """
}
