// The three transforms, over vectors of `LANES` channels; the points are 0, ±√½, ±√2 and ∞ (`spec/winograd.md`).
// Part of lanes.h.

static const float root_half = 0.70710678f, root_two = 1.41421356f;

/// Bᵀ d.
PIECE void transform_input(const vector d[static 6], vector v[static 6]) {
  v[0] = fused(spread(-2.5f), d[2], d[0] + d[4]);
  v[5] = fused(spread(-2.5f), d[3], d[1] + d[5]);
  const vector even = fused(spread(-2), d[2], d[4]), odd = fused(spread(-2), d[1], d[3]);
  v[1] = fused(spread(root_half), odd, even);
  v[2] = fused(spread(-root_half), odd, even);
  const vector even2 = fused(spread(-0.5f), d[2], d[4]), odd2 = fused(spread(-0.5f), d[1], d[3]);
  v[3] = fused(spread(root_two), odd2, even2);
  v[4] = fused(spread(-root_two), odd2, even2);
}

/// G g.
PIECE void transform_kernel(const vector g[static 3], vector u[static 6]) {
  u[0] = g[0];
  u[5] = g[2];
  const vector even = fused(spread(0.5f), g[2], g[0]), even2 = fused(spread(2), g[2], g[0]);
  u[1] = fused(spread(root_half), g[1], even);
  u[2] = fused(spread(-root_half), g[1], even);
  u[3] = fused(spread(root_two), g[1], even2);
  u[4] = fused(spread(-root_two), g[1], even2);
}

/// Aᵀ m.
PIECE void transform_sums(const vector m[static 6], vector y[static 4]) {
  const vector s = m[1] + m[2], d = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
  y[0] = fused(spread(-2 / 3.0f), s, fused(spread(1 / 6.0f), s2, m[0]));
  y[1] = fused(spread(root_two / 6), d2, spread(-root_half * 2 / 3) * d);
  y[2] = (s2 - s) * spread(1 / 3.0f);
  y[3] = fused(spread(root_two / 3), d2, fused(spread(-root_half / 3), d, m[5]));
}

/// Bᵀ d B of one tile, whose rows are `row` floats and pixels `pixel` floats apart, to `v`, whose points are `stride` floats apart.
PIECE void transform_input_tile(const float *d, size_t row, size_t pixel, float *v, size_t stride) {
  vector half[6][6];
  UNROLLED
  for (int i = 0; i < 6; ++i) {
    vector cells[6];
    UNROLLED
    for (int j = 0; j < 6; ++j) cells[j] = load(d + i * row + j * pixel);
    transform_input(cells, half[i]);
  }
  UNROLLED
  for (int j = 0; j < 6; ++j) {
    vector column[6], result[6];
    UNROLLED
    for (int i = 0; i < 6; ++i) column[i] = half[i][j];
    transform_input(column, result);
    UNROLLED
    for (int i = 0; i < 6; ++i) store(v + (i * 6 + j) * stride, result[i]);
  }
}

/// G g Gᵀ of `count` inputs with the block of outputs that `g` [count][9][block] are of.
WHOLE void transform_weights(const float *g, int count, int vectors, float *u, size_t stride) {
  for (int c = 0; c < count; ++c) {
    for (int k = 0; k < vectors; ++k) {
      const float *from = g + (size_t)c * 9 * 2 * LANES + k * LANES;
      float *to = u + (size_t)c * 2 * LANES + k * LANES;
      vector half[3][6];
      UNROLLED
      for (int i = 0; i < 3; ++i) {
        vector cells[3];
        UNROLLED
        for (int j = 0; j < 3; ++j) cells[j] = load(from + (i * 3 + j) * 2 * LANES);
        transform_kernel(cells, half[i]);
      }
      UNROLLED
      for (int j = 0; j < 6; ++j) {
        vector column[3] = {half[0][j], half[1][j], half[2][j]}, result[6];
        transform_kernel(column, result);
        UNROLLED
        for (int i = 0; i < 6; ++i) store(to + (i * 6 + j) * stride, result[i]);
      }
    }
  }
}

/// Aᵀ m A of one tile and vector of outputs.
PIECE void transform_sums_tile(const float *m, size_t stride, vector y[static 16]) {
  vector half[4][6];
  UNROLLED
  for (int j = 0; j < 6; ++j) {
    vector column[6], result[4];
    UNROLLED
    for (int i = 0; i < 6; ++i) column[i] = load(m + (i * 6 + j) * stride);
    transform_sums(column, result);
    UNROLLED
    for (int i = 0; i < 4; ++i) half[i][j] = result[i];
  }
  UNROLLED
  for (int i = 0; i < 4; ++i) transform_sums(half[i], y + 4 * i);
}
