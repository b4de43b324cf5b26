"""Small networks, one for each layer kind, option and activation that `nnfmt convert` promises for Keras.

NETWORKS maps a name to a `Network`. Those with `may_refuse` are beyond the promise: nnfmt may
exit 69 and name the layer, but if it converts them, then rightly.
"""

from dataclasses import dataclass

ACTIVATIONS = (
    "linear logistic loggy relu relu6 elu selu gelu relie ramp leaky revleaky tanh hardtan swish mish").split()
# No single Keras layer computes these.
ODD_ACTIVATIONS = "plse stair lhtan hard_mish".split()
CHANNEL_ACTIVATIONS = (
    "normalize_channels normalize_channels_softmax normalize_channels_softmax_maxval").split()


@dataclass
class Network:
    cfg: str
    dialect: str = "alexeyab"
    may_refuse: bool = False
    variances: tuple = (0.2, 2.0)


NETWORKS = {}


def section(name, **options):
    lines = [f"[{name}]"] + [f"{key}={value}" for key, value in options.items()]
    return "\n".join(lines) + "\n"


def conv(filters=6, size=3, **options):
    return section("convolutional", **{"filters": filters, "size": size, "stride": 1, "pad": 1, "activation": "linear"} | options)


def add(name, *sections, net=None, **about):
    """`net` is (width, height, channels), or the number of inputs of a network without a picture."""
    net = net or (10, 8, 3)
    if isinstance(net, int):
        head = section("net", batch=1, inputs=net)
    else:
        head = section("net", batch=1, width=net[0], height=net[1], channels=net[2])
    assert name not in NETWORKS
    NETWORKS[name] = Network("\n".join((head, *sections)), **about)


# Convolutions

add("conv_plain", conv(), conv(5, 1))
add("conv_batch_norm", conv(batch_normalize=1, activation="leaky"), conv(5, batch_normalize=1))
add("conv_defaults", section("convolutional", filters=4))
for size, stride, pad, width in [
    (1, 1, 0, 9), (1, 2, 1, 10), (1, 2, 1, 9), (2, 1, 1, 9), (2, 2, 0, 10), (2, 2, 1, 9), (3, 1, 0, 9),
    (3, 2, 1, 10), (3, 2, 1, 9), (3, 3, 1, 11), (4, 2, 1, 10), (4, 1, 1, 9), (5, 2, 1, 12), (7, 2, 1, 12),
]:
    add(f"conv_size{size}_stride{stride}_pad{pad}_of{width}", conv(4, size, stride=stride, pad=pad), net=(width, width - 1, 3))
add("conv_padding3", conv(4, 3, pad=0, padding=3))
add("conv_padding_overridden", conv(4, 5, pad=1, padding=1))
add("conv_stride_xy", conv(4, 3, stride_x=2, stride_y=1), conv(4, 3, stride_x=1, stride_y=2), net=(12, 10, 3))
add("conv_one_channel", conv(4), net=(10, 8, 1))
add("conv_tall", conv(4, 3, stride=2), net=(6, 13, 2))
add("groups2", conv(8, groups=2, batch_normalize=1, activation="leaky"), net=(10, 8, 4))
add("groups3_size1_stride2", conv(9, 1, groups=3, stride=2), net=(10, 8, 6))
add("depthwise", conv(4, groups=4, batch_normalize=1), net=(10, 8, 4))
add("depthwise_stride2", conv(4, groups=4, stride=2), net=(10, 8, 4))
add("depthwise_multiplier3", conv(12, groups=4, stride=2), net=(10, 8, 4))
add("depthwise_of_one_channel", conv(3, groups=1), net=(10, 8, 1))
add("dilation2", conv(4, dilation=2), net=(12, 10, 3))
add("dilation2_stride2", conv(4, dilation=2, stride=2, batch_normalize=1), net=(12, 11, 3))
add("dilation3_size5", conv(4, 5, dilation=3), net=(18, 16, 2))
add("dilation2_groups2", conv(4, dilation=2, groups=2), net=(12, 10, 4))
add("dilation2_depthwise", conv(4, dilation=2, groups=4), net=(12, 10, 4))
add("dilation2_depthwise_stride2", conv(4, dilation=2, groups=4, stride=2), net=(12, 10, 4))
add("dilation_of_size1", conv(4, 1, dilation=3))
add("flipped", conv(4, flipped=1), may_refuse=True)
add("share_index", conv(3, batch_normalize=1), conv(3, batch_normalize=1, share_index=0), may_refuse=True)

# Vectors

add("connected", section("connected", output=7, activation="leaky"), section("connected", output=3, activation="linear"), net=12)
add("connected_batch_norm", section("connected", output=7, batch_normalize=1, activation="relu"), net=12)
add("connected_after_picture", conv(5), section("connected", output=6, activation="linear"), net=(5, 4, 2))
add("connected_of_input_picture", section("connected", output=6, activation="tanh"), net=(5, 4, 2))
add("connected_after_pool", conv(5), section("avgpool"), section("connected", output=6, activation="linear"))
add("connected_softmax", section("connected", output=6, activation="linear"), section("softmax"), net=12)
add("softmax_groups_temperature", section("connected", output=12, activation="linear"), section("softmax", groups=3, temperature=2), net=8)
add("softmax_of_picture", conv(4), section("softmax"), net=(5, 4, 2))
add("softmax_after_pool", conv(4), section("avgpool"), section("softmax"), section("cost", type="sse"))
add("ends_in_dropout", section("connected", output=6, activation="linear"), section("dropout", probability=.5), net=12)
add("ends_in_cost", conv(4), section("dropout"), section("avgpool"), section("softmax"), section("cost"))
add("dropout_inside", conv(4), section("dropout", probability=.3), conv(3))
add("connected_reshaped_to_picture", section("connected", output=6, activation="linear"), conv(4, 1), net=(5, 4, 2))

# Batch norm of its own

add("batchnorm_first", section("batchnorm"), conv(4))
add("batchnorm_last", conv(4), section("batchnorm"))
add("batchnorm_of_vector", section("connected", output=6, activation="linear"), section("batchnorm"), net=12)

# Pools

for size, stride, width in [(2, 2, 10), (2, 2, 9), (2, 1, 9), (3, 1, 9), (3, 2, 10), (3, 2, 9), (3, 3, 11), (5, 1, 10), (5, 2, 12), (2, 3, 10), (13, 1, 10)]:
    add(f"maxpool_size{size}_stride{stride}_of{width}", conv(3), section("maxpool", size=size, stride=stride), net=(width, width + 1, 2))
for size, stride, padding in [(2, 2, 0), (3, 2, 0), (3, 2, 1), (4, 2, 3), (3, 1, 4), (3, 2, 4), (2, 1, 0)]:
    add(f"maxpool_size{size}_stride{stride}_padding{padding}", conv(3), section("maxpool", size=size, stride=stride, padding=padding))
add("maxpool_negative_values", conv(3, 1, activation="relu"), section("activation", activation="linear"), conv(3, 1), section("maxpool", size=3, stride=2), net=(8, 8, 2))
add("maxpool_stride_xy", conv(3), section("maxpool", size=3, stride_x=2, stride_y=1))
add("maxpool_stride_only", conv(3), section("maxpool", stride=2))
add("maxpool_depth", conv(6), section("maxpool", maxpool_depth=1, out_channels=2))
for outputs in (2, 4):
    add(f"maxpool_depth_uneven_{outputs}", conv(7), section("maxpool", maxpool_depth=1, out_channels=outputs))
for size, stride, padding in [(3, 1, 4), (3, 2, 4), (4, 2, 5)]:
    add(f"local_avgpool_size{size}_stride{stride}_padding{padding}", conv(3), section("local_avgpool", size=size, stride=stride, padding=padding))
for size, stride in [(2, 2), (3, 1), (3, 2), (2, 1)]:
    add(f"local_avgpool_size{size}_stride{stride}", conv(3), section("local_avgpool", size=size, stride=stride))
add("avgpool", conv(3), section("avgpool"))
add("avgpool_then_conv", conv(3), section("avgpool"), conv(5, 1))

# Joints

add("route_single", conv(4), conv(5), section("route", layers=-2), conv(3, 1))
add("route_concat", conv(4), conv(5), section("route", layers="-1,0"), conv(3, 1))
add("route_of_itself", conv(4), section("route", layers="-1,-1"))
add("route_groups", conv(8), section("route", layers=-1, groups=2, group_id=1), conv(3))
add("route_groups_multi", conv(8), conv(4), section("route", layers="-1,-2", groups=4, group_id=2), conv(3))
add("route_of_vectors", section("connected", output=5, activation="relu"), section("connected", output=4, activation="relu"), section("route", layers="-1,-2"), net=12)
add("shortcut", conv(4), conv(4), section("shortcut", **{"from": -2}))
add("shortcut_activation", conv(4), conv(4), section("shortcut", **{"from": -2}, activation="leaky"))
add("shortcut_of_two", conv(4), conv(4), conv(4), section("shortcut", **{"from": "-2,-3"}, activation="mish"))
add("shortcut_from_fewer_channels", conv(3), conv(5), section("shortcut", **{"from": -2}))
add("shortcut_from_more_channels", conv(7), conv(5), section("shortcut", **{"from": -2}))
add("shortcut_chain", conv(4), conv(4), section("shortcut", **{"from": -2}), conv(4), section("shortcut", **{"from": 0}, activation="relu"))
add("upsample", conv(3), section("upsample", stride=2), conv(3))
add("upsample_scale", conv(3), section("upsample", stride=3, scale=.5))
add("upsample_negative", conv(3), section("upsample", stride=-2))
add("scale_channels", conv(6), section("avgpool"), conv(6, 1, activation="logistic"), section("scale_channels", **{"from": 0}, activation="linear"))
add("scale_channels_activation", conv(6), section("avgpool"), conv(6, 1), section("scale_channels", **{"from": 0}, activation="relu"))
add("scale_channels_by_cells", conv(6), conv(1, 1, activation="logistic"), section("scale_channels", **{"from": 0}, scale_wh=1, activation="linear"))
add("sam", conv(4), conv(4, 1, activation="logistic"), section("sam", **{"from": 0}, activation="linear"))
add("sam_tanh", conv(4), conv(4, 1), section("sam", **{"from": 0}, activation="tanh"))
add("empty_layer", conv(4), section("empty"), conv(3))
add("crop", section("crop", crop_width=6, crop_height=5), conv(3))
add("crop_noadjust", section("crop", crop_width=7, crop_height=4, noadjust=1), conv(3))
add("reorg", conv(8), section("reorg", stride=2), conv(3, 1))
add("reorg_stride3", conv(9), section("reorg", stride=3), net=(9, 6, 2))
add("reorg_reverse", conv(8), section("reorg", stride=2, reverse=1))
add("reorg3d", conv(3), section("reorg3d", stride=2), conv(3, 1))
add("logistic_layer", conv(3), section("logistic"), dialect="pjreddie")
add("dead_branch", conv(4), conv(5, batch_normalize=1), section("route", layers=0), conv(3, 1))
add("dead_end_before_head", conv(4), conv(16, 1), section("yolo", classes=3, num=2), section("route", layers=0), conv(5))

# Activations

for name in ACTIVATIONS + ODD_ACTIVATIONS + CHANNEL_ACTIVATIONS:
    odd = name not in ACTIVATIONS
    add(f"conv_{name}", conv(5, activation=name), conv(4, batch_normalize=1, activation=name), may_refuse=odd)
    if name in CHANNEL_ACTIVATIONS:
        continue
    add(f"activation_{name}", conv(3), section("activation", activation=name), may_refuse=odd)
    add(f"connected_{name}", section("connected", output=9, activation=name), net=12, may_refuse=odd)
add("conv_unknown_activation", conv(4, activation="nonesuch"))

# Heads: the model ends at the tensors that enter them

add("yolo_one_head", conv(8, activation="leaky"), conv(16, 1), section("yolo", classes=3, num=2, anchors="1,2, 3,4"))
add("yolo_two_heads", conv(8), conv(16, 1), section("yolo", mask="1,0", classes=3, num=2, anchors="1,2, 3,4"), section("route", layers=0), section("maxpool", size=2, stride=2), conv(8, 1), section("yolo", mask=1, classes=3, num=2, anchors="1,2, 3,4"))
add("gaussian_yolo", conv(8), conv(24, 1), section("Gaussian_yolo", classes=3, num=2, anchors="1,2, 3,4"))
add("region", conv(8), conv(16, 1), section("region", classes=3, num=2, coords=4, softmax=1, anchors="1,2, 3,4"))
add("detection", conv(4), section("connected", output=63, activation="linear"), section("detection", classes=2, coords=4, num=1, side=3, rescore=1))

# pjreddie: another batch-norm form, and layers of its own

for name, variances in [("usual", (0.2, 2.0)), ("tiny", (1e-14, 1e-4)), ("huge", (1e3, 1e8))]:
    add(f"pjreddie_conv_{name}_variances", conv(6, batch_normalize=1), conv(5, 1, batch_normalize=1, activation="leaky"), dialect="pjreddie", variances=variances)
    add(f"alexeyab_conv_{name}_variances", conv(6, batch_normalize=1), conv(5, 1, batch_normalize=1, activation="leaky"), variances=variances)
add("pjreddie_connected_batch_norm", section("connected", output=7, batch_normalize=1, activation="relu"), net=12, dialect="pjreddie", variances=(1e-8, 1.0))
add("pjreddie_batchnorm", section("batchnorm"), conv(4), dialect="pjreddie", variances=(1e-8, 1.0))
for name, options in [("stride2", dict(size=3, stride=2, pad=1)), ("stride1", dict(size=3, stride=1, pad=1)), ("size4", dict(size=4, stride=2, padding=1)), ("nopad", dict(size=2, stride=2)), ("gap", dict(size=1, stride=2)), ("batch_norm", dict(size=3, stride=2, batch_normalize=1))]:
    add(f"deconv_{name}", section("deconvolutional", filters=4, activation="leaky", **options), net=(6, 5, 3), dialect="pjreddie")
add("pjreddie_shortcut_alpha_beta", conv(4), conv(4), section("shortcut", **{"from": -2}, alpha=.5, beta=2), dialect="pjreddie")
add("pjreddie_shortcut_downsampled", conv(4), conv(6, stride=2), section("shortcut", **{"from": -2}), dialect="pjreddie")
add("pjreddie_shortcut_upsampled", conv(4, stride=2), section("upsample", stride=2), section("shortcut", **{"from": 0}), dialect="pjreddie")
