#if __has_include(<oneapi/dnnl/dnnl.h>)

#include "library.h"

#include <stdlib.h>
#include <string.h>

static const dnnl_alg_kind_t eltwise_kinds[] = {
    dnnl_eltwise_relu, dnnl_eltwise_tanh, dnnl_eltwise_elu,  dnnl_eltwise_logistic,
    dnnl_eltwise_exp,  dnnl_eltwise_swish, dnnl_eltwise_mish, dnnl_eltwise_clip,
    dnnl_eltwise_linear, dnnl_eltwise_gelu_erf};

static const dnnl_alg_kind_t binary_kinds[] = {
    dnnl_binary_add, dnnl_binary_mul, dnnl_binary_sub};

static dnnl_status_t append(dnnl_post_ops_t ops, const onednn_post_op *op) {
  switch (op->kind) {
    case onednn_post_sum:
#if IS_3
      return onednn_library.dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
#else
      return onednn_library.dnnl_post_ops_append_sum(ops, 1);
#endif
    case onednn_post_eltwise:
#if IS_3
      return onednn_library.dnnl_post_ops_append_eltwise(
          ops, eltwise_kinds[op->algorithm], op->alpha, op->beta);
#else
      return onednn_library.dnnl_post_ops_append_eltwise(
          ops, 1, eltwise_kinds[op->algorithm], op->alpha, op->beta);
#endif
  }
  return dnnl_invalid_arguments;
}

// Attributes for scratch memory of the caller's and these post-operations.
static dnnl_primitive_attr_t attributes(const onednn_post_ops *post_ops) {
  dnnl_primitive_attr_t result = NULL;
  if (onednn_library.dnnl_primitive_attr_create(&result) != dnnl_success) return NULL;
  dnnl_status_t status =
      onednn_library.dnnl_primitive_attr_set_scratchpad_mode(result, dnnl_scratchpad_mode_user);
  if (post_ops && post_ops->count > 0 && status == dnnl_success) {
    dnnl_post_ops_t ops = NULL;
    status = onednn_library.dnnl_post_ops_create(&ops);
    for (int i = 0; i < post_ops->count && status == dnnl_success; ++i)
      status = append(ops, &post_ops->ops[i]);
    if (status == dnnl_success) status = onednn_library.dnnl_primitive_attr_set_post_ops(result, ops);
    if (ops) onednn_library.dnnl_post_ops_destroy(ops);
  }
  if (status == dnnl_success) return result;
  onednn_library.dnnl_primitive_attr_destroy(result);
  return NULL;
}

// The primitive of a description, which it takes over with the attributes.
static onednn_primitive *made(
    dnnl_status_t status, dnnl_primitive_desc_t desc, dnnl_primitive_attr_t attr) {
  if (attr) onednn_library.dnnl_primitive_attr_destroy(attr);
  if (status != dnnl_success) return NULL;
  onednn_primitive *result = calloc(1, sizeof *result);
  if (result && onednn_library.dnnl_primitive_create(&result->primitive, desc) == dnnl_success) {
    result->desc = desc;
    return result;
  }
  free(result);
  onednn_library.dnnl_primitive_desc_destroy(desc);
  return NULL;
}

#define DESC(layout) ((layout) ? (layout)->desc : NULL)

#if !IS_3
// Version 2 describes an operation first.
static dnnl_status_t described(
    dnnl_status_t status, dnnl_primitive_desc_t *pd, const void *op, dnnl_primitive_attr_t attr,
    dnnl_primitive_desc_t hint) {
  if (status != dnnl_success) return status;
  return onednn_library.dnnl_primitive_desc_create(pd, op, attr, onednn_library.engine, hint);
}
#endif

static dnnl_status_t forward_convolution(
    dnnl_primitive_desc_t *pd, const onednn_window *window, const onednn_layout *source,
    const onednn_layout *weights, const onednn_layout *biases, const onednn_layout *destination,
    dnnl_primitive_attr_t attr, dnnl_prop_kind_t kind) {
#if IS_3
  return onednn_library.dnnl_convolution_forward_primitive_desc_create(
      pd, onednn_library.engine, kind, dnnl_convolution_direct, source->desc, weights->desc,
      DESC(biases), destination->desc, window->strides, window->dilation, window->before,
      window->after, attr);
#else
  dnnl_convolution_desc_t op;
  return described(
      onednn_library.dnnl_dilated_convolution_forward_desc_init(
          &op, kind, dnnl_convolution_direct, source->desc, weights->desc, DESC(biases),
          destination->desc, window->strides, window->dilation, window->before, window->after),
      pd, &op, attr, NULL);
#endif
}

// A gradient, for which both versions want to see the forward pass.
static dnnl_status_t backward_convolution(
    dnnl_primitive_desc_t *pd, onednn_direction direction, const onednn_window *window,
    const onednn_layout *source, const onednn_layout *weights, const onednn_layout *biases,
    const onednn_layout *destination, dnnl_primitive_attr_t attr) {
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t status = forward_convolution(
      &hint, window, source, weights, biases, destination, NULL, dnnl_forward_training);
  if (status != dnnl_success) return status;
#if IS_3
  status = direction == onednn_backward_data
      ? onednn_library.dnnl_convolution_backward_data_primitive_desc_create(
            pd, onednn_library.engine, dnnl_convolution_direct, source->desc, weights->desc,
            destination->desc, window->strides, window->dilation, window->before, window->after,
            hint, attr)
      : onednn_library.dnnl_convolution_backward_weights_primitive_desc_create(
            pd, onednn_library.engine, dnnl_convolution_direct, source->desc, weights->desc,
            DESC(biases), destination->desc, window->strides, window->dilation, window->before,
            window->after, hint, attr);
#else
  dnnl_convolution_desc_t op;
  status = direction == onednn_backward_data
      ? onednn_library.dnnl_dilated_convolution_backward_data_desc_init(
            &op, dnnl_convolution_direct, source->desc, weights->desc, destination->desc,
            window->strides, window->dilation, window->before, window->after)
      : onednn_library.dnnl_dilated_convolution_backward_weights_desc_init(
            &op, dnnl_convolution_direct, source->desc, weights->desc, DESC(biases),
            destination->desc, window->strides, window->dilation, window->before, window->after);
  status = described(status, pd, &op, attr, hint);
#endif
  onednn_library.dnnl_primitive_desc_destroy(hint);
  return status;
}

onednn_primitive *onednn_convolution(
    onednn_direction direction, const onednn_window *window, const onednn_layout *source,
    const onednn_layout *weights, const onednn_layout *biases, const onednn_layout *destination,
    const onednn_post_ops *post_ops) {
  dnnl_primitive_attr_t attr = attributes(post_ops);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
  const dnnl_status_t status = direction == onednn_forward
      ? forward_convolution(
            &pd, window, source, weights, biases, destination, attr, dnnl_forward_inference)
      : backward_convolution(
            &pd, direction, window, source, weights, biases, destination, attr);
  return made(status, pd, attr);
}

onednn_primitive *onednn_matrix_product(
    const onednn_layout *source, const onednn_layout *weights, const onednn_layout *biases,
    const onednn_layout *destination, const onednn_post_ops *post_ops) {
  dnnl_primitive_attr_t attr = attributes(post_ops);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
#if IS_3
  const dnnl_status_t status = onednn_library.dnnl_matmul_primitive_desc_create(
      &pd, onednn_library.engine, source->desc, weights->desc, DESC(biases), destination->desc,
      attr);
#else
  dnnl_matmul_desc_t op;
  const dnnl_status_t status = described(
      onednn_library.dnnl_matmul_desc_init(
          &op, source->desc, weights->desc, DESC(biases), destination->desc),
      &pd, &op, attr, NULL);
#endif
  return made(status, pd, attr);
}

onednn_primitive *onednn_pooling(
    int takes_mean, const onednn_window *window, const onednn_layout *source,
    const onednn_layout *destination) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  const dnnl_alg_kind_t kind =
      takes_mean ? dnnl_pooling_avg_exclude_padding : dnnl_pooling_max;
  dnnl_primitive_desc_t pd = NULL;
#if IS_3
  const dnnl_status_t status = onednn_library.dnnl_pooling_forward_primitive_desc_create(
      &pd, onednn_library.engine, dnnl_forward_inference, kind, source->desc, destination->desc,
      window->strides, window->size, window->dilation, window->before, window->after, attr);
#else
  dnnl_pooling_v2_desc_t op;
  const dnnl_status_t status = described(
      onednn_library.dnnl_pooling_v2_forward_desc_init(
          &op, dnnl_forward_inference, kind, source->desc, destination->desc, window->strides,
          window->size, window->dilation, window->before, window->after),
      &pd, &op, attr, NULL);
#endif
  return made(status, pd, attr);
}

onednn_primitive *onednn_eltwise_function(
    onednn_eltwise algorithm, float alpha, float beta, const onednn_layout *layout) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
#if IS_3
  const dnnl_status_t status = onednn_library.dnnl_eltwise_forward_primitive_desc_create(
      &pd, onednn_library.engine, dnnl_forward_inference, eltwise_kinds[algorithm], layout->desc,
      layout->desc, alpha, beta, attr);
#else
  dnnl_eltwise_desc_t op;
  const dnnl_status_t status = described(
      onednn_library.dnnl_eltwise_forward_desc_init(
          &op, dnnl_forward_inference, eltwise_kinds[algorithm], layout->desc, alpha, beta),
      &pd, &op, attr, NULL);
#endif
  return made(status, pd, attr);
}

onednn_primitive *onednn_combination(
    onednn_binary algorithm, const onednn_layout *first, const onednn_layout *second,
    const onednn_layout *destination) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
#if IS_3
  const dnnl_status_t status = onednn_library.dnnl_binary_primitive_desc_create(
      &pd, onednn_library.engine, binary_kinds[algorithm], first->desc, second->desc,
      destination->desc, attr);
#else
  dnnl_binary_desc_t op;
  const dnnl_status_t status = described(
      onednn_library.dnnl_binary_desc_init(
          &op, binary_kinds[algorithm], first->desc, second->desc, destination->desc),
      &pd, &op, attr, NULL);
#endif
  return made(status, pd, attr);
}

onednn_primitive *onednn_softmax(int axis, const onednn_layout *layout) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
#if IS_3
  const dnnl_status_t status = onednn_library.dnnl_softmax_forward_primitive_desc_create(
      &pd, onednn_library.engine, dnnl_forward_inference, dnnl_softmax_accurate, layout->desc,
      layout->desc, axis,
      attr);
#else
  dnnl_softmax_v2_desc_t op;
  const dnnl_status_t status = described(
      onednn_library.dnnl_softmax_v2_forward_desc_init(
          &op, dnnl_forward_inference, dnnl_softmax_accurate, layout->desc,
      layout->desc, axis),
      &pd, &op, attr, NULL);
#endif
  return made(status, pd, attr);
}

onednn_primitive *onednn_resampling(
    const onednn_layout *source, const onednn_layout *destination) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
#if IS_3
  const dnnl_status_t status = onednn_library.dnnl_resampling_forward_primitive_desc_create(
      &pd, onednn_library.engine, dnnl_forward_inference, dnnl_resampling_nearest, NULL,
      source->desc, destination->desc, attr);
#else
  dnnl_resampling_desc_t op;
  const dnnl_status_t status = described(
      onednn_library.dnnl_resampling_forward_desc_init(
          &op, dnnl_forward_inference, dnnl_resampling_nearest, NULL, source->desc,
          destination->desc),
      &pd, &op, attr, NULL);
#endif
  return made(status, pd, attr);
}

onednn_primitive *onednn_concatenation(
    int axis, int count, const onednn_layout *const *sources, const onednn_layout *destination) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
  // Version 2 takes descriptions side by side, version 3 pointers.
#if IS_3
  const_dnnl_memory_desc_t *list = calloc((size_t)count, sizeof *list);
  for (int i = 0; list && i < count; ++i) list[i] = sources[i]->desc;
  const dnnl_status_t status = !list
      ? dnnl_out_of_memory
      : onednn_library.dnnl_concat_primitive_desc_create(
            &pd, onednn_library.engine, destination->desc, count, axis, list, attr);
#else
  dnnl_memory_desc_t *list = calloc((size_t)count, sizeof *list);
  for (int i = 0; list && i < count; ++i) list[i] = sources[i]->desc[0];
  const dnnl_status_t status = !list
      ? dnnl_out_of_memory
      : onednn_library.dnnl_concat_primitive_desc_create(
            &pd, destination->desc, count, axis, list, attr, onednn_library.engine);
#endif
  free(list);
  return made(status, pd, attr);
}

onednn_primitive *onednn_reorder(const onednn_layout *source, const onednn_layout *destination) {
  dnnl_primitive_attr_t attr = attributes(NULL);
  if (!attr) return NULL;
  dnnl_primitive_desc_t pd = NULL;
  const dnnl_status_t status = onednn_library.dnnl_reorder_primitive_desc_create(
      &pd, source->desc, onednn_library.engine, destination->desc, onednn_library.engine, attr);
  return made(status, pd, attr);
}

#endif
