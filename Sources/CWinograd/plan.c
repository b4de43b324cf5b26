#include "plan.h"

static size_t odd_lines(size_t floats) {
  size_t lines = (floats + line - 1) / line;
  return (lines | 1) * line;
}

enum {
  /// Tiles of a block, at most: their sums are some 260 KB, beside which the weights have room in a level 2 cache.
  most_tiles_of_16 = 56,
  most_tiles_of_8 = 108,
  /// Floats of a block's transformed inputs that a thread keeps for itself, at most.
  most_own = 512 * 1024,
  /// Floats of all transformed inputs at a time, nearly: one block more may be.
  most_shared = 2 * 1024 * 1024,
};

winograd_plan winograd_make_plan(const winograd_shape *shape, int lanes, int threads) {
  winograd_plan plan = {
    .across = quotient_up(shape->out_width, tile_out),
    .down = quotient_up(shape->out_height, tile_out),
    .block = 2 * lanes,
    .output_blocks = winograd_blocks(shape, lanes),
    .input_blocks = shape->inputs / lanes,
  };
  plan.tiles = shape->batch * plan.across * plan.down;
  plan.tile_blocks = quotient_up(plan.tiles, lanes == 16 ? most_tiles_of_16 : most_tiles_of_8);
  plan.separate =
    plan.tile_blocks >= 4 * threads &&
    (size_t)points * quotient_up(plan.tiles, plan.tile_blocks) * shape->inputs <= most_own;
  // As many for each thread.
  if (plan.separate) plan.tile_blocks = quotient_up(plan.tile_blocks, threads) * threads;

  const size_t most = quotient_up(plan.tiles, plan.tile_blocks);
  plan.input_stride = odd_lines(most * shape->inputs);
  plan.weight_stride = odd_lines((size_t)depth * plan.block);
  plan.sum_stride = odd_lines(most * plan.block);
  const size_t transformed = points * plan.input_stride;
  plan.own = points * (plan.weight_stride + plan.sum_stride);
  plan.group = plan.tile_blocks;
  if (plan.separate) {
    plan.own += transformed;
  } else {
    const int groups = quotient_up(plan.tile_blocks, (int)(most_shared / transformed) + 1);
    plan.group = quotient_up(plan.tile_blocks, groups);
    plan.shared = plan.group * transformed;
  }
  return plan;
}
