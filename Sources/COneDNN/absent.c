// What a build without oneDNN's headers has in place of the library.
#if !__has_include(<oneapi/dnnl/dnnl.h>)

#include "onednn.h"

#include <stddef.h>

const char *onednn_open(void) {
  return "nnfmt was built where oneDNN's headers were missing";
}

int onednn_lanes(void) { return 0; }
void onednn_set_threads(int threads) {}
int onednn_parallel(
    int threads, void (*body)(void *context, int thread), void *context) { return 0; }
onednn_layout *onednn_layout_create(
    int axes, const int64_t *extents, const int64_t *strides) { return NULL; }
onednn_layout *onednn_layout_create_blocked(
    int axes, const int64_t *extents, int lanes) { return NULL; }
onednn_layout *onednn_layout_create_part(
    const onednn_layout *whole, const int64_t *extents, const int64_t *offsets) { return NULL; }
void onednn_layout_free(onednn_layout *layout) {}
int onednn_layout_equal(const onednn_layout *first, const onednn_layout *second) { return 0; }
int64_t onednn_layout_bytes(const onednn_layout *layout) { return 0; }
onednn_primitive *onednn_convolution(
    onednn_direction direction, const onednn_window *window, const onednn_layout *source, const
    onednn_layout *weights, const onednn_layout *biases, const onednn_layout *destination, const
    onednn_post_ops *post_ops) { return NULL; }
onednn_primitive *onednn_matrix_product(
    const onednn_layout *source, const onednn_layout *weights, const onednn_layout *biases,
    const onednn_layout *destination, const onednn_post_ops *post_ops) { return NULL; }
onednn_primitive *onednn_pooling(
    int takes_mean, const onednn_window *window, const onednn_layout *source, const
    onednn_layout *destination) { return NULL; }
onednn_primitive *onednn_eltwise_function(
    onednn_eltwise algorithm, float alpha, float beta, const onednn_layout *layout) { return
    NULL; }
onednn_primitive *onednn_combination(
    onednn_binary algorithm, const onednn_layout *first, const onednn_layout *second, const
    onednn_layout *destination) { return NULL; }
onednn_primitive *onednn_softmax(int axis, const onednn_layout *layout) { return NULL; }
onednn_primitive *onednn_resampling(
    const onednn_layout *source, const onednn_layout *destination) { return NULL; }
onednn_primitive *onednn_concatenation(
    int axis, int count, const onednn_layout *const *sources, const onednn_layout *destination)
    { return NULL; }
onednn_primitive *onednn_reorder(
    const onednn_layout *source, const onednn_layout *destination) { return NULL; }
void onednn_primitive_free(onednn_primitive *primitive) {}
onednn_layout *onednn_primitive_layout(
    const onednn_primitive *primitive, onednn_argument argument) { return NULL; }
const char *onednn_primitive_implementation(const onednn_primitive *primitive) { return ""; }
onednn_arguments *onednn_arguments_create(int count) { return NULL; }
int onednn_arguments_set(
    onednn_arguments *arguments, int position, onednn_argument argument, int number, const
    onednn_layout *layout, void *memory) { return 0; }
int onednn_arguments_move(
    onednn_arguments *arguments, int position, void *memory) { return 0; }
void onednn_arguments_free(onednn_arguments *arguments) {}
int onednn_execute(
    const onednn_primitive *primitive, const onednn_arguments *arguments) { return 0; }

#endif
