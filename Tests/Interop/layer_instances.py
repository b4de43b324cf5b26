"""An instance of any stock layer class, with the arguments that it can't do without."""

# What an instance of the class can't be made without.
REQUIRED = {
    "Dense": {"units": 1}, "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 1},
    "Embedding": {"input_dim": 2, "output_dim": 2}, "ReversibleEmbedding": {"input_dim": 2, "output_dim": 2},
    "Lambda": {"function": abs}, "InputLayer": {"shape": (1,)}, "Input": {"shape": (1,)}, "Activation": {"activation": "relu"},
    "Reshape": {"target_shape": (1,)}, "Permute": {"dims": (1,)}, "RepeatVector": {"n": 1}, "Dot": {"axes": 1},
    "Dropout": {"rate": 0.5}, "SpatialDropout1D": {"rate": 0.5}, "SpatialDropout2D": {"rate": 0.5},
    "SpatialDropout3D": {"rate": 0.5}, "GaussianDropout": {"rate": 0.5}, "GaussianNoise": {"stddev": 0.5},
    "AlphaDropout": {"rate": 0.5}, "MultiHeadAttention": {"num_heads": 1, "key_dim": 1},
    "GroupQueryAttention": {"head_dim": 1, "num_query_heads": 1, "num_key_value_heads": 1},
    "GroupedQueryAttention": {"head_dim": 1, "num_query_heads": 1, "num_key_value_heads": 1},
    "CategoryEncoding": {"num_tokens": 2}, "CenterCrop": {"height": 1, "width": 1}, "Rescaling": {"scale": 1.0},
    "Resizing": {"height": 1, "width": 1}, "RandomCrop": {"height": 1, "width": 1},
    "Discretization": {"bin_boundaries": [0.0]}, "Hashing": {"num_bins": 2}, "HashedCrossing": {"num_bins": 2},
    "StringLookup": {}, "AdaptiveAveragePooling1D": {"output_size": 1}, "AdaptiveAveragePooling2D": {"output_size": 1},
    "AdaptiveAveragePooling3D": {"output_size": 1}, "AdaptiveMaxPooling1D": {"output_size": 1},
    "AdaptiveMaxPooling2D": {"output_size": 1}, "AdaptiveMaxPooling3D": {"output_size": 1},
    "RandomBrightness": {"factor": 0.1}, "RandomContrast": {"factor": 0.1}, "RandomRotation": {"factor": 0.1},
    "RandomZoom": {"height_factor": 0.1}, "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomHeight": {"factor": 0.1}, "RandomWidth": {"factor": 0.1}, "RandomSharpness": {"factor": 0.1},
    "RandomHue": {"factor": 0.1}, "RandomSaturation": {"factor": 0.1}, "RandomPosterization": {"factor": 4},
    "RandomColorDegeneration": {"factor": 0.1},
    "AveragePooling1D": {"pool_size": 1}, "AveragePooling2D": {"pool_size": 1}, "AveragePooling3D": {"pool_size": 1}, "Pipeline": {"layers": []}, "MaxNumBoundingBoxes": {"max_number": 1},
}


def required(name):
    if name in REQUIRED:
        return REQUIRED[name]
    sizes = {"kernel_size": 1}
    if "LSTMCell" in name and "Conv" in name:
        return {"filters": 1, **sizes, "rank": 1}
    if name.startswith(("DepthwiseConv",)):
        return sizes
    if name.startswith(("Conv", "SeparableConv", "Separable", "LocallyConnected", "Convolution")):
        return {"filters": 1, **sizes}
    if name.startswith(("LSTM", "GRU", "SimpleRNN", "CuDNN")):
        return {"units": 1}
    return {}


def instance(k, name, cls):
    if name in ("Bidirectional", "Wrapper", "TimeDistributed", "SpectralNormalization"):
        inner = k.layers.LSTM(1) if name == "Bidirectional" else k.layers.Dense(1)
        return cls(inner)
    if name == "InputLayer" and k.__name__ == "tf_keras":
        return cls(input_shape=(1,))
    if name == "RNN":
        return cls(k.layers.LSTMCell(1))
    if name == "StackedRNNCells":
        return cls([k.layers.LSTMCell(1)])
    if name in ("DeviceWrapper", "DropoutWrapper", "ResidualWrapper"):
        return cls(k.layers.LSTMCell(1), **({"device": "cpu"} if name == "DeviceWrapper" else {}))
    return cls(**required(name))
