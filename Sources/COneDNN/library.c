#if __has_include(<oneapi/dnnl/dnnl.h>)

#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct onednn_library onednn_library;

static char message[256];

// The open library, its name in `name`; NULL with the reason in `message`.
static void *open_library(char *name, size_t room) {
  const int version = IS_3 ? 3 : 2;
#ifdef __APPLE__
  snprintf(name, room, "libdnnl.%d.dylib", version);
#else
  snprintf(name, room, "libdnnl.so.%d", version);
#endif
  void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) snprintf(message, sizeof message, "%s (install libdnnl%d)", dlerror(), version);
#ifndef __APPLE__
  // Since 3.6 Debian's library of version 3 has the minor version in its name, too.
  for (int minor = 31; IS_3 && !handle && minor >= 6; minor--) {
    snprintf(name, room, "libdnnl.so.%d.%d", version, minor);
    handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
#endif
  return handle;
}

const char *onednn_open(void) {
  if (onednn_library.is_open) return NULL;
  // Threads that wait for the next layer spin a few microseconds and then sleep: libgomp's own hundreds of
  // thousands of turns take the core from whoever else needs it. What the user has set is heeded.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  setenv("GOMP_SPINCOUNT", "4000", 0);
  char name[32];
  void *handle = open_library(name, sizeof name);
  if (!handle) return message;
#define LOAD(function) \
  onednn_library.function = (__typeof__(&function))dlsym(handle, #function); \
  if (!onednn_library.function) { \
    snprintf(message, sizeof message, "%s has no %s", name, #function); \
    return message; \
  }
  SHARED_FUNCTIONS(LOAD) OWN_FUNCTIONS(LOAD)
#undef LOAD
  onednn_library.set_threads = (void (*)(int))dlsym(handle, "omp_set_num_threads");
  onednn_library.thread_number = (int (*)(void))dlsym(handle, "omp_get_thread_num");
  onednn_library.parallel =
      (void (*)(void (*)(void *), void *, unsigned, unsigned))dlsym(handle, "GOMP_parallel");
  if (onednn_library.dnnl_engine_create(&onednn_library.engine, dnnl_cpu, 0) != dnnl_success ||
      onednn_library.dnnl_stream_create(
          &onednn_library.stream, onednn_library.engine, dnnl_stream_default_flags) != dnnl_success) {
    snprintf(message, sizeof message, "%s does not start on this processor", name);
    return message;
  }
  onednn_library.is_open = 1;
  return NULL;
}

int onednn_lanes(void) {
#if defined(__x86_64__)
  const unsigned set = onednn_library.dnnl_get_effective_cpu_isa();
  if ((set & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core) return 16;
  if ((set & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2) return 8;
#endif
  return 0;
}

// Threads

void onednn_set_threads(int threads) {
  if (onednn_library.set_threads) onednn_library.set_threads(threads);
}

struct call {
  void (*body)(void *, int);
  void *context;
};

static void enter(void *data) {
  const struct call *call = data;
  call->body(call->context, onednn_library.thread_number());
}

int onednn_parallel(int threads, void (*body)(void *, int), void *context) {
  if (!onednn_library.parallel || !onednn_library.thread_number) return 0;
  struct call call = {body, context};
  onednn_library.parallel(enter, &call, (unsigned)threads, 0);
  return 1;
}

// Layouts

static onednn_layout *finished(onednn_layout *layout, dnnl_status_t status) {
  if (layout && status == dnnl_success) return layout;
  free(layout);
  return NULL;
}

static onednn_layout *tagged(int axes, const int64_t *extents, dnnl_format_tag_t tag) {
  onednn_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
#if IS_3
  return finished(layout, onednn_library.dnnl_memory_desc_create_with_tag(
                              &layout->desc, axes, extents, dnnl_f32, tag));
#else
  return finished(
      layout, onednn_library.dnnl_memory_desc_init_by_tag(layout->desc, axes, extents, dnnl_f32, tag));
#endif
}

onednn_layout *onednn_layout_create(int axes, const int64_t *extents, const int64_t *strides) {
  if (!strides) return tagged(axes, extents, dnnl_format_tag_any);
  onednn_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
#if IS_3
  return finished(layout, onednn_library.dnnl_memory_desc_create_with_strides(
                              &layout->desc, axes, extents, dnnl_f32, strides));
#else
  return finished(layout, onednn_library.dnnl_memory_desc_init_by_strides(
                              layout->desc, axes, extents, dnnl_f32, strides));
#endif
}

onednn_layout *onednn_layout_create_blocked(int axes, const int64_t *extents, int lanes) {
  static const dnnl_format_tag_t tags[2][3] = {
      {dnnl_nCw8c, dnnl_nChw8c, dnnl_nCdhw8c}, {dnnl_nCw16c, dnnl_nChw16c, dnnl_nCdhw16c}};
  if (axes < 3 || axes > 5 || (lanes != 8 && lanes != 16)) return NULL;
  return tagged(axes, extents, tags[lanes == 16][axes - 3]);
}

onednn_layout *onednn_layout_create_part(
    const onednn_layout *whole, const int64_t *extents, const int64_t *offsets) {
  onednn_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
#if IS_3
  return finished(layout, onednn_library.dnnl_memory_desc_create_submemory(
                              &layout->desc, whole->desc, extents, offsets));
#else
  return finished(layout, onednn_library.dnnl_memory_desc_init_submemory(
                              layout->desc, whole->desc, extents, offsets));
#endif
}

void onednn_layout_free(onednn_layout *layout) {
#if IS_3
  if (layout) onednn_library.dnnl_memory_desc_destroy(layout->desc);
#endif
  free(layout);
}

int onednn_layout_equal(const onednn_layout *first, const onednn_layout *second) {
  return onednn_library.dnnl_memory_desc_equal(first->desc, second->desc);
}

int64_t onednn_layout_bytes(const onednn_layout *layout) {
  return (int64_t)onednn_library.dnnl_memory_desc_get_size(layout->desc);
}

#endif
