// What becomes of a tile of sums on the way to the output. Part of lanes.h.

/// eˣ, within 2 ulp; 0 or infinity where it, or its reciprocal, has no exact exponent. NaN stays NaN.
PIECE vector exponential(vector x) {
  // Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
  const vector shifted = fused(x, spread(1.44269504f), spread(12582912));
  const vector n = shifted - spread(12582912);
  const vector r = fused(n, spread(2.12194440e-4f), fused(n, spread(-0.693359375f), x));
  vector p = spread(1.9875691500e-4f);
  p = fused(p, r, spread(1.3981999507e-3f));
  p = fused(p, r, spread(8.3334519073e-3f));
  p = fused(p, r, spread(4.1665795894e-2f));
  p = fused(p, r, spread(1.6666665459e-1f));
  p = fused(p, r, spread(5.0000001201e-1f));
  p = fused(p, r * r, r) + spread(1);
  p = (vector)((integers)p + ((integers)shifted << 23));
  p = chosen(x > spread(88), spread(INFINITY), p);
  return chosen(x < spread(-87), spread(0), p);
}

PIECE vector activated(vector x, winograd_activation activation, vector parameter) {
  switch (activation) {
  case winograd_linear: return x;
  case winograd_relu:
    // Written so that NaN stays NaN.
    x = chosen(x <= spread(0), spread(0), x);
    return chosen(x > parameter, parameter, x);
  case winograd_leaky: return chosen(x > spread(0), x, parameter * x);
  case winograd_logistic: return spread(1) / (spread(1) + exponential(-x));
  case winograd_swish: return x / (spread(1) + exponential(-x));
  case winograd_mish: {
    // tanh(ln(1 + eˣ)) = (e² + 2e) / (e² + 2e + 2), which is 1 long before e² overflows.
    const vector e = exponential(chosen(x > spread(30), spread(30), x));
    const vector n = e * (e + spread(2));
    return x * (n / (n + spread(2)));
  }
  }
  return x;
}

/// The tile's `rows` × `columns` cells of `to`; `residual` lies in the same way.
PIECE void finish_tile(
  vector y[static 16], vector bias, const winograd_epilogue *epilogue, const float *residual, float *to,
  const winograd_strides *strides, int rows, int columns) {
  const size_t row = strides->row, pixel = strides->pixel;
  UNROLLED
  for (int i = 0; i < 16; ++i) y[i] += bias;
  if (epilogue->residual == winograd_residual_before) {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) y[i * 4 + j] += load(residual + i * row + j * pixel);
  }
  const vector parameter = spread(epilogue->parameter);
  for (int i = 0; i < 16; ++i) y[i] = activated(y[i], epilogue->activation, parameter);
  if (epilogue->residual == winograd_residual_after) {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) y[i * 4 + j] += load(residual + i * row + j * pixel);
  }
  if (rows == 4 && columns == 4) {
    UNROLLED
    for (int i = 0; i < 4; ++i) {
      UNROLLED
      for (int j = 0; j < 4; ++j) store(to + i * row + j * pixel, y[i * 4 + j]);
    }
  } else {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) store(to + i * row + j * pixel, y[i * 4 + j]);
  }
}
