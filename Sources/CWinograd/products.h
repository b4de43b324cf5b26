// The products of one point: rows of tiles by vectors of outputs, summed over up to `depth` inputs.
// Part of lanes.h.

/// v is [count / LANES][rows][LANES]; u [count][block]; m [rows][block], which is added to unless `first`. `next` is
/// what v will be in the next call: it is fetched meanwhile, since it lies in a far cache.
#define PRODUCTS(rows, vectors) \
  WHOLE void PRODUCTS_NAME(rows, vectors)( \
    const float *v, const float *u, float *m, int count, bool first, const float *next) { \
    vector sums[rows][vectors]; \
    UNROLLED \
    for (int r = 0; r < rows; ++r) { \
      UNROLLED \
      for (int k = 0; k < vectors; ++k) sums[r][k] = spread(0); \
    } \
    for (int c = 0; c < count; c += LANES, v += rows * LANES, next += rows * LANES) { \
      UNROLLED \
      for (int i = 0; i < rows * LANES; i += line) __builtin_prefetch(next + i); \
      UNROLLED_INPUTS \
      for (int lane = 0; lane < LANES; ++lane, u += 2 * LANES) { \
        vector weights[vectors]; \
        UNROLLED \
        for (int k = 0; k < vectors; ++k) weights[k] = load(u + k * LANES); \
        UNROLLED \
        for (int r = 0; r < rows; ++r) { \
          const vector input = spread(v[r * LANES + lane]); \
          UNROLLED \
          for (int k = 0; k < vectors; ++k) sums[r][k] = fused(input, weights[k], sums[r][k]); \
        } \
      } \
    } \
    UNROLLED \
    for (int r = 0; r < rows; ++r) { \
      UNROLLED \
      for (int k = 0; k < vectors; ++k) { \
        float *to = m + (r * 2 + k) * LANES; \
        store(to, first ? sums[r][k] : load(to) + sums[r][k]); \
      } \
    } \
  }

#define UNROLLED_INPUTS _Pragma("clang loop unroll_count(4)")
#define PRODUCTS_NAME(rows, vectors) NAME(products_##rows##_##vectors##_)
#define BOTH(rows) PRODUCTS(rows, 1) PRODUCTS(rows, 2)

BOTH(1) BOTH(2) BOTH(3) BOTH(4) BOTH(5) BOTH(6)
#if LANES == 16
BOTH(7) BOTH(8) BOTH(9) BOTH(10) BOTH(11) BOTH(12) BOTH(13) BOTH(14)
#endif

typedef void (*product_function)(const float *, const float *, float *, int, bool, const float *);

#define ENTRY(rows) {PRODUCTS_NAME(rows, 1), PRODUCTS_NAME(rows, 2)}

/// By the number of rows less one, and of vectors less one.
static const product_function products_of[][2] = {
  ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5), ENTRY(6),
#if LANES == 16
  ENTRY(7), ENTRY(8), ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12), ENTRY(13), ENTRY(14),
#endif
};

enum {
  /// As many as the registers hold the sums of, beside two vectors of weights and an input.
  most_rows = sizeof products_of / sizeof products_of[0],
};
