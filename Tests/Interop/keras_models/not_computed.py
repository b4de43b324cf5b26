"""What nnfmt says it can't compute: exit status 69 naming it. Each model is tried, so that a new one is noticed."""

SOUNDS = "works out the spectrum of a sound"
INTERPOLATION = "Keras 2's interpolations beyond those of Keras 3"
ANTIALIAS = "resizing with antialiasing"
CROP = "its answer goes by the framework's version"
FUNCTION = "a function of keras.ops that no layer needs"
TIME = "time in front of the batch"
INNER = "Keras 3's rule for a layer of another type inside a wrapper"
FUNCTION_LAYER = "a layer with variables as the function of a recurrent cell"
DISPUTED = "an array that Keras 3 with TensorFlow takes for a bias of other channels"
BITS = "quantized otherwise than Dense layers of 8 bits"

# By the id of the case: family, model, framework.
NOT_COMPUTED = {
    "attention-multi_axes_negative-tf_keras": "Keras 2 counts the axes of the heads in",
    "convolutions-conv3d_leaves_cells_out-keras": "goes by what TensorFlow computes it on",
    "convolutions-conv3d_leaves_cells_out-tf_keras": "goes by what TensorFlow computes it on",
    "convolutions-conv1d_of_rank4-tf_keras": "Keras 2's convolution of sequences of sequences",
    "convolutions-conv2d_of_rank5-tf_keras": "Keras 2's convolution of sequences of images",
    "element_types-both_ways_half_in_float32-keras": INNER,
    "element_types-distributed_float32_in_half-keras": INNER,
    "element_types-distributed_half_in_float32-keras": INNER,
    "element_types-clipped_bytes-keras": "a negative number among unsigned ones",
    "function_layers-channels_first_recurrence_log_softmax-keras": "a recurrence with the channels in front",
    "function_layers-never_called-keras": "a layer that Keras had not built yet",
    "function_layers-recurrent-keras": FUNCTION_LAYER,
    "function_layers-recurrent-tf_keras": FUNCTION_LAYER,
    "function_layers-recurrent_gates-keras": FUNCTION_LAYER,
    "masking-global_average_of_one_step-tf_keras": "a mean of channels under the mask of steps",
    "masking-group_normalization_of_masked-tf_keras": "Keras 2's groups without the masked places",
    "masking-time_distributed_softmax-keras": "a mask of steps lined up with the channels",
    "masking-time_distributed_softmax-tf_keras": "a mask of steps lined up with the channels",
    "masking-time_distributed_softmax_in_model-keras": "a mask of steps lined up with the channels",
    "masking-time_distributed_softmax_in_model-tf_keras": "a mask of steps lined up with the channels",
    "masking-softmax_of_masked_steps-keras": "Keras lines the mask of steps up with the channels",
    "masking-softmax_of_masked_steps-tf_keras": "Keras lines the mask of steps up with the channels",
    "normalizations-batch_axes_list-tf_keras": "batch normalization along several axes",
    "normalizations-spectral_embedding-keras": "Keras 3 gives the rows the type of their numbers",
    "normalizations-spectral_embedding_of_integers-keras": "Keras 3 gives the rows the type of their numbers",
    "operators-tf_dot_of_rows-tf_keras": "a new shape by which samples are joined",
    "preprocessing-discretization_adapted-tf_keras": "borders kept in a weight",
    "preprocessing-discretization_adapted_one_hot-tf_keras": "borders kept in a weight",
    "precision-float8_dense-keras": BITS,
    "precision-int4_dense-keras": BITS,
    "precision-int8_einsum-keras": BITS,
    "precision-int8_einsum_reduces_two-keras": BITS,
    "precision-int8_einsum_two-keras": BITS,
    "preprocessing-at_inference_AutoContrast-keras": "works on the histogram of an image",
    "preprocessing-at_inference_ContrastLimitedAdaptiveHistogramEqualization-keras": "works on the histogram of an image",
    "preprocessing-at_inference_Solarization-keras": "an augmentation that is also made at inference",
    "preprocessing-pipeline-keras": "a list of preprocessing layers as one",
    "preprocessing-mel_spectrogram-keras": SOUNDS,
}
NOT_COMPUTED |= {f"{name}-keras": DISPUTED for name in (
    "attention-as_many_heads_as_steps", "convolutions-as_many_filters_as_columns",
    "dense_and_activations-einsum_disputed_bias", "operators-column_added_to_square")}
NOT_COMPUTED |= {f"operators-ops_{name}-keras": FUNCTION for name in (
    "arctan2", "argmax_axis_1", "argmax_axis_last_keepdims", "argmin_axis_1", "argmin_axis_last_keepdims", "argsort",
    "average_pool", "broadcast_to", "conv", "cumprod", "cumsum", "diff", "dot_product_attention", "einsum", "hypot",
    "layer_normalization", "logaddexp", "max_pool", "moveaxis", "norm", "normalize", "one_hot", "resize",
    "rms_normalization", "roll", "sort", "take", "tile", "top_k", "tril")}
NOT_COMPUTED |= {f"operators-tf_{name}-tf_keras": FUNCTION for name in (
    "depth_to_space", "l2_normalize", "resize", "space_to_depth", "tile")}
NOT_COMPUTED |= {f"preprocessing-{name}-{framework}": CROP
                 for name in ("at_inference_RandomCrop", "random_crop_larger", "random_crop_tall", "random_crop_wide")
                 for framework in ("keras", "tf_keras")}
NOT_COMPUTED |= {f"preprocessing-resizing_antialias_{name}-keras": ANTIALIAS for name in ("3x8", "4x4", "9x4", "bicubic")}
NOT_COMPUTED |= {f"{family}_{name}-tf_keras": INTERPOLATION
                 for family in ("preprocessing-resizing", "reshaping-up_sampling2d")
                 for name in ("area", "gaussian", "mitchellcubic")}
NOT_COMPUTED |= {f"preprocessing-stft_{name}-keras": SOUNDS
                 for name in ("angle", "imag", "log", "magnitude", "psd", "real", "stft")}
NOT_COMPUTED |= {f"recurrent-{name}_time_major-tf_keras": TIME for name in ("gru", "lstm", "simplernn")}

# The variables that LoRA adds stand in no other container.
NOT_COMPUTED_FILES = {
    f"{name}-keras-h5": "a low rank beside a kernel"
    for name in ("convolutions-conv2d_lora", "dense_and_activations-dense_lora", "dense_and_activations-einsum_lora", "embedding-lora")}
