// The whole kernel for vectors of `LANES` floats. Included once by a file for each width, which defines `LANES` and
// `TARGET`, the instructions that the functions are compiled for.

#include <math.h>
#include <stdint.h>

#include "plan.h"

#define JOINED(a, b) a##b
#define JOIN(a, b) JOINED(a, b)
#define NAME(name) JOIN(name, LANES)
#define WHOLE static __attribute__((noinline, target(TARGET)))
#define PIECE static inline __attribute__((always_inline, target(TARGET)))
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef float vector __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
typedef float unaligned_vector __attribute__((vector_size(4 * LANES), aligned(4)));

PIECE vector load(const float *from) { return *(const unaligned_vector *)from; }
PIECE void store(float *to, vector value) { *(unaligned_vector *)to = value; }

/// Written out because `value + (vector){}` is an addition.
PIECE vector spread(float value) {
#if LANES == 16
  return (vector){
    value, value, value, value, value, value, value, value,
    value, value, value, value, value, value, value, value,
  };
#else
  return (vector){value, value, value, value, value, value, value, value};
#endif
}

/// a · b + c, rounded once.
PIECE vector fused(vector a, vector b, vector c) { return __builtin_elementwise_fma(a, b, c); }

/// Each lane's `a` where the comparison holds, else `b`.
PIECE vector chosen(integers holds, vector a, vector b) {
  return (vector)((holds & (integers)a) | (~holds & (integers)b));
}

#include "transforms.h"
#include "products.h"
#include "epilogue.h"

typedef struct {
  const winograd_shape *shape;
  const winograd_plan *plan;
  const winograd_epilogue *epilogue;
  const winograd_tensors *tensors;
} convolution;

/// Neighbours among tiles: a block of them, or those that are multiplied at a time.
typedef struct {
  int first, count;
} run;

static run part(int total, int parts, int index) {
  const int first = part_start(total, parts, index);
  return (run){first, part_start(total, parts, index + 1) - first};
}

static run tiles_of(const winograd_plan *plan, int tile_block) {
  return part(plan->tiles, plan->tile_blocks, tile_block);
}

/// The tiles of a block are multiplied in groups of nearly the same size; the transformed inputs of a group stand
/// together: [point][group][input / LANES][tile][LANES].
static int groups_of(run tiles) { return (tiles.count + most_rows - 1) / most_rows; }

/// Where a tile is.
typedef struct {
  int image, y, x;
} place;

static place place_of(const winograd_plan *plan, int tile) {
  return (place){tile / plan->across / plan->down, tile / plan->across % plan->down, tile % plan->across};
}

static place next_place(const winograd_plan *plan, place at) {
  if (++at.x < plan->across) return at;
  at.x = 0;
  if (++at.y < plan->down) return at;
  at.y = 0;
  ++at.image;
  return at;
}

/// Fetches `rows` rows of a tile's output or new input before they are needed.
PIECE void fetch_tile(const float *from, int rows, const winograd_strides *strides) {
  UNROLLED
  for (int i = 0; i < rows; ++i) {
    UNROLLED
    for (int j = 0; j < tile_out; ++j) __builtin_prefetch(from + i * strides->row + j * strides->pixel);
  }
}

/// The transformed inputs of a tile of one vector of inputs, `plane`, which may reach over the edges.
PIECE void transform_input_place(
  const convolution *c, const float *plane, int top, int left, float *v) {
  const winograd_shape *s = c->shape;
  const size_t row = s->source.row, pixel = s->source.pixel;
  if (top >= 0 && left >= 0 && top + tile_in <= s->height && left + tile_in <= s->width) {
    const float *from = plane + top * row + left * pixel;
    fetch_tile(from + tiles_ahead * tile_out * pixel, tile_in, &s->source);
    transform_input_tile(from, row, pixel, v, c->plan->input_stride);
    return;
  }
  float cells[tile_in][tile_in * LANES];
  for (int i = 0; i < tile_in; ++i) {
    for (int j = 0; j < tile_in; ++j) {
      const int y = top + i, x = left + j;
      const bool inside = y >= 0 && y < s->height && x >= 0 && x < s->width;
      store(cells[i] + j * LANES, inside ? load(plane + y * row + x * pixel) : spread(0));
    }
  }
  transform_input_tile(cells[0], tile_in * LANES, LANES, v, c->plan->input_stride);
}

/// The transformed inputs of a block of tiles, of one vector of inputs.
WHOLE void transform_inputs(const convolution *c, int tile_block, int input_block, float *v) {
  const winograd_shape *s = c->shape;
  const run tiles = tiles_of(c->plan, tile_block);
  const int groups = groups_of(tiles);
  place at = place_of(c->plan, tiles.first);
  for (int g = 0; g < groups; ++g) {
    const run group = part(tiles.count, groups, g);
    float *to = v + (size_t)group.first * s->inputs + (size_t)input_block * group.count * LANES;
    for (int t = 0; t < group.count; ++t, to += LANES, at = next_place(c->plan, at)) {
      const float *plane = c->tensors->source + at.image * s->source.image + input_block * s->source.block;
      transform_input_place(c, plane, at.y * tile_out - s->pad_top, at.x * tile_out - s->pad_left, to);
    }
  }
}

/// The outputs of some tiles, of one vector of outputs, from their sums.
WHOLE void finish(const convolution *c, run tiles, int output_vector, const float *m) {
  const winograd_shape *s = c->shape;
  const winograd_strides *strides = &s->destination;
  const vector bias = c->tensors->bias ? load(c->tensors->bias + output_vector * LANES) : spread(0);
  place at = place_of(c->plan, tiles.first);
  for (int t = 0; t < tiles.count; ++t, at = next_place(c->plan, at)) {
    const int top = at.y * tile_out, left = at.x * tile_out;
    const int below = s->out_height - top, right = s->out_width - left;
    const size_t cell =
      at.image * strides->image + output_vector * strides->block + top * strides->row + left * strides->pixel;
    float *to = c->tensors->destination + cell;
    if (below >= tile_out) fetch_tile(to + tiles_ahead * tile_out * strides->pixel, tile_out, strides);
    vector y[tile_out * tile_out];
    transform_sums_tile(m + (size_t)t * 2 * LANES, c->plan->sum_stride, y);
    finish_tile(
      y, bias, c->epilogue, c->tensors->residual ? c->tensors->residual + cell : 0, to, strides,
      below < tile_out ? below : tile_out, right < tile_out ? right : tile_out);
  }
}

/// One block of outputs of a block of tiles, whose transformed inputs are `v`.
WHOLE void multiply(const convolution *c, int tile_block, int output_block, const float *v, float *own) {
  const winograd_plan *p = c->plan;
  const size_t inputs = c->shape->inputs;
  const run tiles = tiles_of(p, tile_block);
  const int groups = groups_of(tiles);
  const int left = c->shape->outputs / LANES - 2 * output_block, vectors = left < 2 ? left : 2;
  float *u = own, *m = own + points * p->weight_stride;
  const float *weights = c->tensors->weights + output_block * inputs * 9 * p->block;
  for (size_t k = 0; k < inputs; k += depth) {
    const int count = inputs - k < depth ? inputs - k : depth;
    transform_weights(weights, count, vectors, u, p->weight_stride);
    weights += count * 9 * p->block;
    for (int point = 0; point < points; ++point) {
      // The weights that are transformed next, a 36th of them at a time.
      const run fetched = part(count * 9 * p->block / line, points, point);
      for (int i = 0; i < fetched.count; ++i) __builtin_prefetch(weights + (fetched.first + i) * line, 0, 2);
      run group = part(tiles.count, groups, 0);
      const float *from = v + point * p->input_stride + group.first * inputs + k * group.count;
      for (int g = 0; g < groups; ++g) {
        const bool last = g + 1 == groups;
        const run next_group = part(tiles.count, groups, last ? 0 : g + 1);
        const float *next =
          v + (point + last) * p->input_stride + next_group.first * inputs + k * next_group.count;
        products_of[group.count - 1][vectors - 1](
          from, u + point * p->weight_stride, m + point * p->sum_stride + group.first * p->block, count, k == 0,
          next);
        group = next_group;
        from = next;
      }
    }
  }
  for (int k = 0; k < vectors; ++k) finish(c, tiles, 2 * output_block + k, m + k * LANES);
}

void NAME(winograd_run_phase_)(
  const winograd_shape *shape, const winograd_plan *plan, const winograd_epilogue *epilogue,
  const winograd_tensors *tensors, int phase, int thread, int threads) {
  const convolution c = {shape, plan, epilogue, tensors};
  float *const shared = tensors->scratch;
  float *const own = shared + plan->shared + thread * plan->own;
  const size_t transformed = points * plan->input_stride;
  if (plan->separate) {
    float *const v = own + plan->own - transformed;
    const run mine = part(plan->tile_blocks, threads, thread);
    for (int b = mine.first; b < mine.first + mine.count; ++b) {
      for (int i = 0; i < plan->input_blocks; ++i) transform_inputs(&c, b, i, v);
      for (int o = 0; o < plan->output_blocks; ++o) multiply(&c, b, o, v, own);
    }
    return;
  }
  const int first = phase / 2 * plan->group, left = plan->tile_blocks - first;
  const int blocks = left < plan->group ? left : plan->group;
  const bool transforms = phase % 2 == 0;
  const run mine = part(blocks * (transforms ? plan->input_blocks : plan->output_blocks), threads, thread);
  for (int job = mine.first; job < mine.first + mine.count; ++job) {
    // Neighbours have the same weights.
    const int block = job % blocks, other = job / blocks;
    float *const v = shared + block * transformed;
    if (transforms) {
      transform_inputs(&c, first + block, other, v);
    } else {
      multiply(&c, first + block, other, v, own);
    }
  }
}
