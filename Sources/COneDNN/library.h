// The open library, for the files of this target alone.
#ifndef NNFMT_ONEDNN_LIBRARY_H
#define NNFMT_ONEDNN_LIBRARY_H

#include "onednn.h"

#include <oneapi/dnnl/dnnl.h>

#define IS_3 (DNNL_VERSION_MAJOR >= 3)

// The functions that both versions have, then those of one.
#define SHARED_FUNCTIONS(X) \
  X(dnnl_engine_create) X(dnnl_stream_create) X(dnnl_stream_wait) \
  X(dnnl_get_effective_cpu_isa) X(dnnl_memory_create) X(dnnl_memory_destroy) \
  X(dnnl_memory_set_data_handle) \
  X(dnnl_memory_desc_equal) X(dnnl_memory_desc_get_size) \
  X(dnnl_primitive_attr_create) X(dnnl_primitive_attr_destroy) \
  X(dnnl_primitive_attr_set_scratchpad_mode) X(dnnl_primitive_attr_set_post_ops) \
  X(dnnl_post_ops_create) X(dnnl_post_ops_destroy) X(dnnl_post_ops_append_sum) \
  X(dnnl_post_ops_append_eltwise) \
  X(dnnl_primitive_desc_destroy) X(dnnl_primitive_desc_query) X(dnnl_primitive_desc_query_md) \
  X(dnnl_primitive_create) X(dnnl_primitive_destroy) X(dnnl_primitive_execute) \
  X(dnnl_concat_primitive_desc_create) X(dnnl_reorder_primitive_desc_create)

#if IS_3
#define OWN_FUNCTIONS(X) \
  X(dnnl_memory_desc_create_with_strides) X(dnnl_memory_desc_create_with_tag) \
  X(dnnl_memory_desc_create_submemory) X(dnnl_memory_desc_clone) X(dnnl_memory_desc_destroy) \
  X(dnnl_convolution_forward_primitive_desc_create) \
  X(dnnl_convolution_backward_data_primitive_desc_create) \
  X(dnnl_convolution_backward_weights_primitive_desc_create) \
  X(dnnl_matmul_primitive_desc_create) X(dnnl_pooling_forward_primitive_desc_create) \
  X(dnnl_eltwise_forward_primitive_desc_create) X(dnnl_binary_primitive_desc_create) \
  X(dnnl_softmax_forward_primitive_desc_create) X(dnnl_resampling_forward_primitive_desc_create)
#else
#define OWN_FUNCTIONS(X) \
  X(dnnl_memory_desc_init_by_strides) X(dnnl_memory_desc_init_by_tag) \
  X(dnnl_memory_desc_init_submemory) X(dnnl_primitive_desc_create) \
  X(dnnl_dilated_convolution_forward_desc_init) \
  X(dnnl_dilated_convolution_backward_data_desc_init) \
  X(dnnl_dilated_convolution_backward_weights_desc_init) \
  X(dnnl_matmul_desc_init) X(dnnl_pooling_v2_forward_desc_init) \
  X(dnnl_eltwise_forward_desc_init) X(dnnl_binary_desc_init) \
  X(dnnl_softmax_v2_forward_desc_init) X(dnnl_resampling_forward_desc_init)
#endif

// Written once, by `onednn_open`.
struct onednn_library {
#define MEMBER(name) __typeof__(&name) name;
  SHARED_FUNCTIONS(MEMBER) OWN_FUNCTIONS(MEMBER)
#undef MEMBER
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  void (*set_threads)(int);
  int (*thread_number)(void);
  void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
  int is_open;
};

extern struct onednn_library onednn_library;

// `desc` can be given to every function that takes a description, in both versions.
struct onednn_layout {
#if IS_3
  dnnl_memory_desc_t desc;
#else
  dnnl_memory_desc_t desc[1];
#endif
};

struct onednn_primitive {
  dnnl_primitive_t primitive;
  dnnl_primitive_desc_t desc;
};

#endif
