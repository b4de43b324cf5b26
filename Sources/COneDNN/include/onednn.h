// oneDNN's C interface as the oneDNN engine uses it: the same for versions 2 and 3 of the library, whose own
// interfaces differ. Nothing is linked: the library is opened when `onednn_open` is called.
//
// Every creating function gives NULL where the library has no implementation for what is asked, or no memory.
#ifndef NNFMT_ONEDNN_H
#define NNFMT_ONEDNN_H

#include <stdint.h>

enum { onednn_maximum_axes = 12, onednn_maximum_post_ops = 8 };

/// Where and in which order the numbers of a tensor (all float32) lie.
typedef struct onednn_layout onednn_layout;
/// A computation made for certain layouts. Several threads may execute it at the same time.
typedef struct onednn_primitive onednn_primitive;
/// The memory that one execution of a primitive works on.
typedef struct onednn_arguments onednn_arguments;

/// Opens the library; any number of calls, one at a time.
/// Returns NULL, or why there is none.
const char *onednn_open(void);
/// The lanes of the widest vectors of float32 that the library uses on this machine: 16, 8, or 0 for fewer.
int onednn_lanes(void);

/// Sets how many threads the calls of this thread share work among.
void onednn_set_threads(int threads);
/// Calls `body(context, thread)` once on each of the library's own threads; `threads` of them, counted from 0.
/// Returns 0 if the library's threads can't be had; nothing was called then.
int onednn_parallel(int threads, void (*body)(void *context, int thread), void *context);

// Layouts

/// Without strides, whichever order suits the primitive that asks.
onednn_layout *onednn_layout_create(int axes, const int64_t *extents, const int64_t *strides);
/// `[N][C / lanes][…][lanes]`, the blocked order of images of 3 to 5 axes for 8 or 16 lanes.
onednn_layout *onednn_layout_create_blocked(int axes, const int64_t *extents, int lanes);
/// A part of a tensor in place; NULL where it isn't made of whole blocks.
onednn_layout *onednn_layout_create_part(
    const onednn_layout *whole, const int64_t *extents, const int64_t *offsets);
void onednn_layout_free(onednn_layout *layout);
int onednn_layout_equal(const onednn_layout *first, const onednn_layout *second);
int64_t onednn_layout_bytes(const onednn_layout *layout);

// Primitives

typedef enum {
  onednn_eltwise_relu,      ///< `x` if positive, else `alpha · x`
  onednn_eltwise_tanh,
  onednn_eltwise_elu,       ///< `x` if positive, else `alpha · (eˣ − 1)`
  onednn_eltwise_logistic,
  onednn_eltwise_exp,
  onednn_eltwise_swish,     ///< `x · σ(alpha · x)`
  onednn_eltwise_mish,
  onednn_eltwise_clip,      ///< `x` cut to `alpha` … `beta`
  onednn_eltwise_linear,    ///< `alpha · x + beta`
  onednn_eltwise_gelu,      ///< `x · Φ(x)`
} onednn_eltwise;

typedef enum {
  onednn_binary_add,
  onednn_binary_multiply,
  onednn_binary_subtract,
} onednn_binary;

typedef enum {
  onednn_post_sum,      ///< adds what the destination held
  onednn_post_eltwise,  ///< applies a function
} onednn_post_kind;

/// What is done to a result before it is written.
typedef struct {
  onednn_post_kind kind;
  onednn_eltwise algorithm;
  float alpha, beta;
} onednn_post_op;

/// The post-operations of a primitive, in order.
typedef struct {
  int count;
  onednn_post_op ops[onednn_maximum_post_ops];
} onednn_post_ops;

/// How a kernel moves over 1 to 3 axes. A dilation of 0 is dense.
typedef struct {
  int axes;
  int64_t size[3], strides[3], dilation[3], before[3], after[3];
} onednn_window;

typedef enum { onednn_forward, onednn_backward_data, onednn_backward_weights } onednn_direction;

/// A convolution or one of its gradients; `biases` may be NULL. Weights are `[O, I, …]`, or `[G, O, I, …]` in groups.
onednn_primitive *onednn_convolution(
    onednn_direction direction, const onednn_window *window, const onednn_layout *source,
    const onednn_layout *weights, const onednn_layout *biases, const onednn_layout *destination,
    const onednn_post_ops *post_ops);
/// `[…, M, K] × […, K, N]`; `biases` of as many axes, may be NULL.
onednn_primitive *onednn_matrix_product(
    const onednn_layout *source, const onednn_layout *weights, const onednn_layout *biases,
    const onednn_layout *destination, const onednn_post_ops *post_ops);
/// The largest or the mean of the cells inside the image.
onednn_primitive *onednn_pooling(
    int takes_mean, const onednn_window *window, const onednn_layout *source,
    const onednn_layout *destination);
onednn_primitive *onednn_eltwise_function(
    onednn_eltwise algorithm, float alpha, float beta, const onednn_layout *layout);
onednn_primitive *onednn_combination(
    onednn_binary algorithm, const onednn_layout *first, const onednn_layout *second,
    const onednn_layout *destination);
onednn_primitive *onednn_softmax(int axis, const onednn_layout *layout);
/// The nearest cell.
onednn_primitive *onednn_resampling(const onednn_layout *source, const onednn_layout *destination);
onednn_primitive *onednn_concatenation(
    int axis, int count, const onednn_layout *const *sources, const onednn_layout *destination);
onednn_primitive *onednn_reorder(const onednn_layout *source, const onednn_layout *destination);
void onednn_primitive_free(onednn_primitive *primitive);

typedef enum {
  onednn_source,
  onednn_second_source,
  onednn_weights,
  onednn_biases,
  onednn_destination,
  onednn_scratch,
  onednn_source_gradient,
  onednn_weights_gradient,
  onednn_biases_gradient,
  onednn_destination_gradient,
} onednn_argument;

/// The layout that the primitive has chosen for an argument; the caller frees it. NULL if it has no such argument.
onednn_layout *onednn_primitive_layout(const onednn_primitive *primitive, onednn_argument argument);
/// The name of the implementation: `brgconv:avx512_core`.
const char *onednn_primitive_implementation(const onednn_primitive *primitive);

// Execution

onednn_arguments *onednn_arguments_create(int count);
/// Sets the argument at a position of the list. `number` is 0, or which of a concatenation's sources it is, counted
/// from 1. Returns 0 for no memory.
int onednn_arguments_set(
    onednn_arguments *arguments, int position, onednn_argument argument, int number,
    const onednn_layout *layout, void *memory);
/// Takes the argument at a position, which was set, from other memory of the same layout. Returns 0 if it can't.
int onednn_arguments_move(onednn_arguments *arguments, int position, void *memory);
void onednn_arguments_free(onednn_arguments *arguments);
/// Executes to the end. Returns 0, or oneDNN's status.
int onednn_execute(const onednn_primitive *primitive, const onednn_arguments *arguments);

#endif
