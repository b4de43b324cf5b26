#if __has_include(<oneapi/dnnl/dnnl.h>)

#include "library.h"

#include <stdlib.h>

struct onednn_arguments {
  int count;
  dnnl_exec_arg_t list[];
};

void onednn_primitive_free(onednn_primitive *primitive) {
  if (!primitive) return;
  onednn_library.dnnl_primitive_destroy(primitive->primitive);
  onednn_library.dnnl_primitive_desc_destroy(primitive->desc);
  free(primitive);
}

static int number_of(onednn_argument argument) {
  switch (argument) {
    case onednn_source: return DNNL_ARG_SRC;
    case onednn_second_source: return DNNL_ARG_SRC_1;
    case onednn_weights: return DNNL_ARG_WEIGHTS;
    case onednn_biases: return DNNL_ARG_BIAS;
    case onednn_destination: return DNNL_ARG_DST;
    case onednn_scratch: return DNNL_ARG_SCRATCHPAD;
    case onednn_source_gradient: return DNNL_ARG_DIFF_SRC;
    case onednn_weights_gradient: return DNNL_ARG_DIFF_WEIGHTS;
    case onednn_biases_gradient: return DNNL_ARG_DIFF_BIAS;
    case onednn_destination_gradient: return DNNL_ARG_DIFF_DST;
  }
  return 0;
}

onednn_layout *onednn_primitive_layout(
    const onednn_primitive *primitive, onednn_argument argument) {
#if IS_3
  const_dnnl_memory_desc_t
#else
  const dnnl_memory_desc_t *
#endif
      found = onednn_library.dnnl_primitive_desc_query_md(
          primitive->desc, dnnl_query_exec_arg_md, number_of(argument));
  onednn_layout *layout = found ? calloc(1, sizeof *layout) : NULL;
  if (!layout) return NULL;
#if IS_3
  if (onednn_library.dnnl_memory_desc_clone(&layout->desc, found) != dnnl_success) {
    free(layout);
    return NULL;
  }
#else
  layout->desc[0] = *found;
#endif
  return layout;
}

const char *onednn_primitive_implementation(const onednn_primitive *primitive) {
  const char *name = NULL;
  onednn_library.dnnl_primitive_desc_query(
      primitive->desc, dnnl_query_impl_info_str, 0, &name);
  return name ? name : "";
}

onednn_arguments *onednn_arguments_create(int count) {
  onednn_arguments *arguments =
      calloc(1, sizeof *arguments + (size_t)count * sizeof arguments->list[0]);
  if (arguments) arguments->count = count;
  return arguments;
}

int onednn_arguments_set(
    onednn_arguments *arguments, int position, onednn_argument argument, int number,
    const onednn_layout *layout, void *memory) {
  int which = number_of(argument);
  if (argument == onednn_source && number > 0) which = DNNL_ARG_MULTIPLE_SRC + number - 1;
  arguments->list[position].arg = which;
  return onednn_library.dnnl_memory_create(
             &arguments->list[position].memory, layout->desc, onednn_library.engine, memory) ==
         dnnl_success;
}

int onednn_arguments_move(onednn_arguments *arguments, int position, void *memory) {
  return onednn_library.dnnl_memory_set_data_handle(arguments->list[position].memory, memory) ==
         dnnl_success;
}

void onednn_arguments_free(onednn_arguments *arguments) {
  if (!arguments) return;
  for (int i = 0; i < arguments->count; ++i)
    if (arguments->list[i].memory)
      onednn_library.dnnl_memory_destroy(arguments->list[i].memory);
  free(arguments);
}

int onednn_execute(const onednn_primitive *primitive, const onednn_arguments *arguments) {
  const dnnl_status_t status = onednn_library.dnnl_primitive_execute(
      primitive->primitive, onednn_library.stream, arguments->count, arguments->list);
  if (status != dnnl_success) return status;
  return onednn_library.dnnl_stream_wait(onednn_library.stream);
}

#endif
