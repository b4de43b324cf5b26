#include "plan.h"

int winograd_lanes(int most) {
#if defined(__x86_64__)
  if (most >= 16 && __builtin_cpu_supports("avx512f")) return 16;
  if (most >= 8 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
  return 0;
}

int winograd_blocks(const winograd_shape *shape, int lanes) {
  return quotient_up(shape->outputs, 2 * lanes);
}

size_t winograd_weight_count(const winograd_shape *shape, int lanes) {
  return (size_t)winograd_blocks(shape, lanes) * 2 * lanes * shape->inputs * 9;
}

void winograd_pack_weights(
  const winograd_shape *shape, int lanes, const float *weights, float *packed, int first, int count) {
  const size_t block = 2 * lanes, cells = (size_t)shape->inputs * 9;
  for (size_t b = first; b < (size_t)first + count; ++b) {
    float *to = packed + b * cells * block;
    // A cache line of each output at a time.
    for (size_t cell = 0; cell < cells; cell += line) {
      const size_t end = cell + line < cells ? cell + line : cells;
      for (size_t o = 0; o < block; ++o) {
        const size_t output = b * block + o;
        const bool exists = output < (size_t)shape->outputs;
        const float *from = exists ? weights + output * cells : weights;
        for (size_t c = cell; c < end; ++c) to[c * block + o] = exists ? from[c] : 0;
      }
    }
  }
}

size_t winograd_scratch_bytes(const winograd_shape *shape, int lanes, int threads) {
  const winograd_plan plan = winograd_make_plan(shape, lanes, threads);
  return sizeof(float) * (plan.shared + threads * plan.own);
}

int winograd_phases(const winograd_shape *shape, int lanes, int threads) {
  const winograd_plan plan = winograd_make_plan(shape, lanes, threads);
  return plan.separate ? 1 : 2 * quotient_up(plan.tile_blocks, plan.group);
}

void winograd_run_phase(
  const winograd_shape *shape, const winograd_epilogue *epilogue, const winograd_tensors *tensors, int lanes,
  int phase, int thread, int threads) {
#if defined(__x86_64__)
  const winograd_plan plan = winograd_make_plan(shape, lanes, threads);
  (lanes == 16 ? winograd_run_phase_16 : winograd_run_phase_8)(
    shape, &plan, epilogue, tensors, phase, thread, threads);
#endif
}
