"""Networks of keras.applications with random weights, for images as small as their architecture allows."""

import numpy as np

# Odd and even sizes: 'same' padding is another one for each.
SIZES = {
    "VGG16": 32, "ResNet50": 33, "ResNet50V2": 34, "MobileNet": 33, "MobileNetV2": 34, "MobileNetV3Small": 34,
    "EfficientNetB0": 37, "EfficientNetV2B0": 34, "DenseNet121": 33, "InceptionV3": 77, "Xception": 72, "NASNetMobile": 34,
    "ConvNeXtTiny": 32,
}
# They take bytes and rescale them themselves.
OF_BYTES = ("EfficientNetB0", "EfficientNetV2B0", "MobileNetV3Small", "ConvNeXtTiny")


def backbone(k, name, head=True):
    """The network, its classifier without a softmax, which would hide what the layers before it differ by."""
    size = SIZES[name]
    options = {"classes": 7, "classifier_activation": None} if head else {"include_top": False, "pooling": "avg"}
    model = getattr(k.applications, name)(weights=None, input_shape=(size, size, 3), **options)
    randomize(model, len(name))
    return model


def randomize(model, seed):
    """Weights that keep the size of the values about; statistics of batch normalization that are not trivial."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        name, shape = weight.path.split("/")[-1], tuple(weight.shape)
        if name == "count":
            continue
        if name.endswith("variance"):
            value = random.uniform(0.5, 1.5, shape)
        elif name == "gamma":
            value = random.uniform(0.5, 1.5, shape)
        elif len(shape) == 1:
            value = random.normal(0, 0.2, shape)
        elif "depthwise" in name:
            value = random.normal(0, 1, shape) / np.sqrt(np.prod(shape[:2]))
        else:
            value = random.normal(0, 1.2, shape) / np.sqrt(np.prod(shape[:-1]))
        weight.assign(value.astype(np.float32))


def sample(name, count=1):
    """Pictures in darknet's layout."""
    size = SIZES[name]
    x = np.random.default_rng(5).uniform(0, 1, (count, 3, size, size)).astype(np.float32)
    return x * 255 if name in OF_BYTES else x * 2 - 1
