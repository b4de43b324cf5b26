"""The arithmetic of single layers on arrays (N, C, H, W). Nothing here knows of cfg files."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def convolution(x, weights, stride, padding, dilation, groups):
    """Cross-correlation; weights (K, C / groups, size, size), stride (x, y), padding before dilation."""
    filters, depth, size, _ = weights.shape
    margin, reach = padding * dilation, dilation * (size - 1) + 1
    x = np.pad(x, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    windows = sliding_window_view(x, (reach, reach), axis=(2, 3))
    windows = windows[:, :, :: stride[1], :: stride[0], ::dilation, ::dilation]
    each = filters // groups
    if depth == 1:
        # Every channel for itself: one product of all instead of one for each.
        kernels = weights.reshape(groups, each, size, size)
        parts = np.einsum("nghwij,gkij->ngkhw", windows, kernels, optimize=True)
        return parts.reshape(len(x), filters, *parts.shape[3:])
    parts = [
        np.einsum(
            "nchwij,kcij->nkhw", windows[:, g * depth : (g + 1) * depth],
            weights[g * each : (g + 1) * each], optimize=True)
        for g in range(groups)
    ]
    return np.concatenate(parts, axis=1)


def deconvolution(x, weights, stride, padding):
    """Scatters each cell through weights (C, K, size, size), then cuts `padding` off every side."""
    batch, _, height, width = x.shape
    filters, size = weights.shape[1], weights.shape[2]
    whole = np.zeros((batch, filters, (height - 1) * stride + size, (width - 1) * stride + size))
    for i in range(size):
        for j in range(size):
            spread = np.einsum("nchw,ck->nkhw", x, weights[:, :, i, j])
            whole[:, :, i : i + height * stride : stride, j : j + width * stride : stride] += spread
    return whole[:, :, padding : whole.shape[2] - padding, padding : whole.shape[3] - padding]


def batch_norm(x, biases, scales, mean, variance, dialect):
    """pjreddie adds its epsilon to the deviation, the others to the variance."""
    shape = (1, -1, 1, 1)
    deviation = np.sqrt(variance) + 1e-6 if dialect == "pjreddie" else np.sqrt(variance + 1e-5)
    return (x - mean.reshape(shape)) / deviation.reshape(shape) * scales.reshape(shape) + biases.reshape(shape)


def pool(x, size, stride, padding, reduce):
    """Windows begin at -(padding / 2); `reduce(cells, axis)` sees NaN where a cell is outside the image."""
    first, (height, width) = padding // 2, x.shape[2:]
    rows = (height + padding - size) // stride[1] + 1
    columns = (width + padding - size) // stride[0] + 1
    below = max((rows - 1) * stride[1] + size - first - height, 0)
    right = max((columns - 1) * stride[0] + size - first - width, 0)
    x = np.pad(x, ((0, 0), (0, 0), (first, below), (first, right)), constant_values=np.nan)
    windows = sliding_window_view(x, (size, size), axis=(2, 3))[:, :, :: stride[1], :: stride[0]]
    return reduce(windows[:, :, :rows, :columns], axis=(4, 5))


def maxpool_depth(x, channels):
    """Output channel k is the maximum over input channels k, k + channels, …"""
    return np.stack([x[:, k::channels].max(axis=1) for k in range(channels)], axis=1)


def upsample(x, stride):
    """Nearest neighbour; a negative stride sums the cells of a square instead."""
    if stride > 0:
        return x.repeat(stride, axis=2).repeat(stride, axis=3)
    n, c, h, w = x.shape
    return x.reshape(n, c, h // -stride, -stride, w // -stride, -stride).sum(axis=(3, 5))


def depth_to_space(x, s):
    n, c, h, w = x.shape
    return x.reshape(n, s, s, c // (s * s), h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, c // (s * s), h * s, w * s)


def space_to_depth(x, s):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // s, s, w // s, s).transpose(0, 3, 5, 1, 2, 4).reshape(n, c * s * s, h // s, w // s)


def reorg(x, s):
    """Darknet's [reorg] takes the input's shape for the output's: the buffer is read as (c/s², h·s, w·s)."""
    n, c, h, w = x.shape
    moved = space_to_depth(x.reshape(n, c // (s * s), h * s, w * s), s)
    return moved.reshape(n, c * s * s, h // s, w // s)


def softmax(x, groups, temperature):
    """Over each of `groups` equal parts of the flattened values."""
    parts = x.reshape(len(x), groups, -1)
    power = np.exp((parts - parts.max(axis=2, keepdims=True)) / temperature)
    return (power / power.sum(axis=2, keepdims=True)).reshape(x.shape)


def sampled_shortcut(x, source, alpha, beta):
    """pjreddie's shortcut between unequal shapes: only the positions and channels that both have."""
    channels = min(x.shape[1], source.shape[1])
    stride = max(source.shape[3] // x.shape[3], 1)
    sample = max(x.shape[3] // source.shape[3], 1)
    rows, columns = min(x.shape[2], source.shape[2]), min(x.shape[3], source.shape[3])
    here = np.s_[:, :channels, : rows * sample : sample, : columns * sample : sample]
    there = np.s_[:, :channels, : rows * stride : stride, : columns * stride : stride]
    y = x.copy()
    y[here] = alpha * x[here] + beta * source[there]
    return y
