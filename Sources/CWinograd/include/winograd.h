// Convolutions with 3×3 kernels by Winograd's method F(4×4, 3×3); `spec/winograd.md` has the formulas.
//
// Stride, dilation and groups are 1. Tensors are of float32, with `lanes` channels side by side: blocked, as
// [batch][channels / lanes][height][width][lanes] (oneDNN's nChw16c or nChw8c), or with all channels innermost. The
// numbers of input and output channels are multiples of the lanes.
//
// A convolution runs in `winograd_phases` phases. Each phase is run once by every thread, and no phase begins
// before all threads have ended the one before it. The result does not depend on the number of threads.

#ifndef WINOGRAD_H
#define WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

/// How far neighbours lie apart, in floats: images, vectors of `lanes` channels, rows, pixels.
typedef struct {
  size_t image, block, row, pixel;
} winograd_strides;

typedef struct {
  int batch, inputs, outputs;
  int height, width;
  /// Rows of zeros above, columns of zeros to the left. Below and to the right it is what the output needs.
  int pad_top, pad_left;
  int out_height, out_width;
  winograd_strides source, destination;
} winograd_shape;

typedef enum {
  winograd_linear,
  /// max(x, 0), at most `parameter`.
  winograd_relu,
  /// `parameter` · x below 0.
  winograd_leaky,
  winograd_logistic,
  winograd_swish,
  winograd_mish,
} winograd_activation;

typedef enum {
  winograd_no_residual,
  /// Added to the sums before the activation is applied.
  winograd_residual_before,
  winograd_residual_after,
} winograd_residual;

/// What becomes of the sums and the bias.
typedef struct {
  winograd_activation activation;
  float parameter;
  winograd_residual residual;
} winograd_epilogue;

/// What a convolution reads and writes. `residual` lies as `destination`, and may be the same memory.
typedef struct {
  const float *source;
  /// As `winograd_pack_weights` writes them.
  const float *weights;
  /// One for each output; NULL for none.
  const float *bias;
  const float *residual;
  float *destination;
  /// `winograd_scratch_bytes`, at a multiple of 64.
  void *scratch;
} winograd_tensors;

/// The widest vectors that this processor has and `most` allows: 16, 8 or, if there is no kernel for it, 0.
int winograd_lanes(int most);

/// The number of blocks of outputs that the weights are packed in.
int winograd_blocks(const winograd_shape *shape, int lanes);

/// The number of floats of the packed weights.
size_t winograd_weight_count(const winograd_shape *shape, int lanes);

/// Packs `count` blocks of outputs, `first` and those after it, of weights [outputs][inputs][3][3].
void winograd_pack_weights(
  const winograd_shape *shape, int lanes, const float *weights, float *packed, int first, int count);

size_t winograd_scratch_bytes(const winograd_shape *shape, int lanes, int threads);

int winograd_phases(const winograd_shape *shape, int lanes, int threads);

/// What `thread` of `threads` does in a phase.
void winograd_run_phase(
  const winograd_shape *shape, const winograd_epilogue *epilogue, const winograd_tensors *tensors, int lanes,
  int phase, int thread, int threads);

#endif
