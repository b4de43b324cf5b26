// How a convolution is cut into pieces that fit into the caches.

#ifndef WINOGRAD_PLAN_H
#define WINOGRAD_PLAN_H

#include "winograd.h"

enum {
  /// Rows and columns of the output, and of the input, of one tile.
  tile_out = 4,
  tile_in = 6,
  /// Products of a tile and a pair of channels.
  points = tile_in * tile_in,
  /// Input channels that are summed before the sum is added to those of other channels: it bounds the transformed
  /// weights (about 300 KB for 16 lanes), and sums of sums round less than one long sum.
  depth = 64,
  /// How many tiles ahead memory is fetched.
  tiles_ahead = 3,
  /// Floats of a cache line.
  line = 16,
};

/// A block of tiles is what one thread multiplies with one block of outputs at a time.
typedef struct {
  /// Tiles of a row, and of a column, of an image; of all images.
  int across, down, tiles;
  int tile_blocks;
  int output_blocks, input_blocks;
  /// Outputs of a block: two vectors.
  int block;
  /// If set, a thread transforms the input of a block of tiles for itself, and no thread waits for another. Otherwise
  /// all threads transform the input of a group of blocks, and then share out the blocks of outputs.
  bool separate;
  int group;
  /// Floats from one point to the next of the transformed input, weights, and sums: odd numbers of cache lines, so
  /// that what is written side by side in many points falls into different sets of the cache.
  size_t input_stride, weight_stride, sum_stride;
  /// Floats of a thread's own memory, and of what all share.
  size_t own, shared;
} winograd_plan;

winograd_plan winograd_make_plan(const winograd_shape *shape, int lanes, int threads);

/// a / b, rounded up.
static inline int quotient_up(int a, int b) { return (a + b - 1) / b; }

/// Where part `index` of `parts` nearly equal parts of `total` begins.
static inline int part_start(int total, int parts, int index) {
  return (int)((long long)total * index / parts);
}

void winograd_run_phase_16(
  const winograd_shape *shape, const winograd_plan *plan, const winograd_epilogue *epilogue,
  const winograd_tensors *tensors, int phase, int thread, int threads);

void winograd_run_phase_8(
  const winograd_shape *shape, const winograd_plan *plan, const winograd_epilogue *epilogue,
  const winograd_tensors *tensors, int phase, int thread, int threads);

#endif
