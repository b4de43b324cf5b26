/* What the Swift target `HDF5` calls of libhdf5, each call behind a name of ours.
 *
 * Swift can neither see libhdf5's constants (macros over globals, which read -1 before H5open) nor its
 * versioned macros, and functions of 1.10 became such macros in 1.12. So every call stands here, and
 * H5_VERSION_GE chooses where versions differ. No API-mapping macro is defined: the numbered names are
 * used throughout. No function here keeps state or prints.
 */
#ifndef NNFMT_CHDF5_SHIM_H
#define NNFMT_CHDF5_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#if !H5_VERSION_GE(1, 10, 3)
#error "libhdf5 1.10.3 or newer is needed"
#endif

/* --- The library, its errors, its identifiers --- */

/* At exit libhdf5 would close what is still open, and crashes on a file that could not be written to its
 * end (disk full); whoever writes a file closes it. Too late if others have started the library before. */
static inline herr_t nn_h5_open(void) {
  /* What it writes is a temporary file that we hold a lock of our own on, which its lock would clash with. */
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
  H5dont_atexit();
  return H5open();
}
static inline herr_t nn_h5e_silence(void) { return H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
static inline herr_t nn_h5e_clear(void) { return H5Eclear2(H5E_DEFAULT); }

typedef void (*nn_h5e_visitor)(const char *text, const char *function, void *context);
struct nn_h5e_walk_state {
  nn_h5e_visitor visitor;
  void *context;
};
static herr_t nn_h5e_step(unsigned depth, const H5E_error2_t *error, void *data) {
  struct nn_h5e_walk_state *state = (struct nn_h5e_walk_state *)data;
  (void)depth;
  state->visitor(error->desc, error->func_name, state->context);
  return 0;
}
/* Visits the error stack of the last call from the API function down to where it went wrong. */
static inline void nn_h5e_walk(nn_h5e_visitor visitor, void *context) {
  struct nn_h5e_walk_state state = {visitor, context};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, nn_h5e_step, &state);
}

static inline int nn_h5i_release(hid_t id) { return H5Idec_ref(id); }

/* Open files, groups, datasets, named datatypes and attributes of the process, for tests of leaks. */
static inline ssize_t nn_h5f_open_object_count(void) {
  return H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL);
}

/* --- Files --- */

static inline hid_t nn_h5p_file_access(void) { return H5Pcreate(H5P_FILE_ACCESS); }
static inline hid_t nn_h5p_file_create(void) { return H5Pcreate(H5P_FILE_CREATE); }
static inline herr_t nn_h5p_userblock(hid_t plist, unsigned long long size) {
  return H5Pset_userblock(plist, size);
}
static inline herr_t nn_h5p_use_sec2(hid_t plist) { return H5Pset_fapl_sec2(plist); }
/* Closing a file closes whatever is still open in it. */
static inline herr_t nn_h5p_close_strongly(hid_t plist) {
  return H5Pset_fclose_degree(plist, H5F_CLOSE_STRONG);
}
/* The format of HDF5 1.8 throughout: compact groups, and nothing that 1.8 can't read. */
static inline herr_t nn_h5p_format_18(hid_t plist) {
#if H5_VERSION_GE(1, 10, 2)
  return H5Pset_libver_bounds(plist, H5F_LIBVER_V18, H5F_LIBVER_V18);
#else
  return H5Pset_libver_bounds(plist, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
#endif
}
static inline hid_t nn_h5f_create(const char *path, hid_t creation, hid_t access) {
  return H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
}
static inline herr_t nn_h5f_flush(hid_t file) { return H5Fflush(file, H5F_SCOPE_GLOBAL); }
static inline herr_t nn_h5f_close(hid_t file) { return H5Fclose(file); }

/* --- Objects and links --- */

static inline herr_t nn_h5o_address(hid_t object, uint64_t *address) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  haddr_t found = HADDR_UNDEF;
  herr_t status = H5Oget_info3(object, &info, H5O_INFO_BASIC);
  if (status >= 0) status = H5VLnative_token_to_addr(object, info.token, &found);
  *address = found;
#else
  H5O_info_t info;
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC);
  *address = status >= 0 ? info.addr : UINT64_MAX;
#endif
  return status;
}

enum { NN_NO_LINK = 0, NN_HARD_LINK = 1, NN_OTHER_LINK = 2 };

/* Negative on failure. */
static inline int nn_h5l_is_hard(hid_t group, const char *name) {
  htri_t exists = H5Lexists(group, name, H5P_DEFAULT);
  if (exists <= 0) return exists;
#if H5_VERSION_GE(1, 12, 0)
  H5L_info2_t info;
  if (H5Lget_info2(group, name, &info, H5P_DEFAULT) < 0) return -1;
#else
  H5L_info_t info;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
#endif
  return info.type == H5L_TYPE_HARD ? NN_HARD_LINK : NN_OTHER_LINK;
}
static inline herr_t nn_h5l_create_hard(hid_t object, hid_t group, const char *name) {
  return H5Lcreate_hard(object, ".", group, name, H5P_DEFAULT, H5P_DEFAULT);
}

static inline hid_t nn_h5g_open(hid_t parent, const char *name) {
  return H5Gopen2(parent, name, H5P_DEFAULT);
}
static inline hid_t nn_h5g_create(hid_t parent, const char *name, hid_t creation) {
  return H5Gcreate2(parent, name, H5P_DEFAULT, creation, H5P_DEFAULT);
}
static inline hid_t nn_h5p_group_create(void) { return H5Pcreate(H5P_GROUP_CREATE); }
static inline herr_t nn_h5p_without_times(hid_t plist) { return H5Pset_obj_track_times(plist, 0); }

/* --- Attributes --- */

static inline htri_t nn_h5a_exists(hid_t object, const char *name) { return H5Aexists(object, name); }
static inline hid_t nn_h5a_create(hid_t object, const char *name, hid_t type, hid_t space) {
  return H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
}
static inline herr_t nn_h5a_delete(hid_t object, const char *name) { return H5Adelete(object, name); }
static inline herr_t nn_h5a_write(hid_t attribute, hid_t type, const void *buffer) {
  return H5Awrite(attribute, type, buffer);
}
/* --- Types --- */

static inline hid_t nn_h5t_float16(void) {
  /* libhdf5 1.10 has no binary16 of its own: cut it out of binary32 as numpy's writers do. */
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  if (type < 0) return type;
  if (H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type, 2) < 0 ||
      H5Tset_ebias(type, 15) < 0) {
    H5Tclose(type);
    return -1;
  }
  return type;
}
static inline hid_t nn_h5t_float32(void) { return H5Tcopy(H5T_IEEE_F32LE); }
static inline hid_t nn_h5t_float64(void) { return H5Tcopy(H5T_IEEE_F64LE); }
static inline hid_t nn_h5t_integer(bool isSigned, size_t size) {
  switch (size) {
    case 1: return H5Tcopy(isSigned ? H5T_STD_I8LE : H5T_STD_U8LE);
    case 2: return H5Tcopy(isSigned ? H5T_STD_I16LE : H5T_STD_U16LE);
    case 4: return H5Tcopy(isSigned ? H5T_STD_I32LE : H5T_STD_U32LE);
    case 8: return H5Tcopy(isSigned ? H5T_STD_I64LE : H5T_STD_U64LE);
    default: return -1;
  }
}
static inline hid_t nn_h5t_opaque(size_t size) { return H5Tcreate(H5T_OPAQUE, size); }
/* A string type; `size` 0 means variable length. Fixed ones are padded with zero bytes, as numpy's. */
static inline hid_t nn_h5t_text(size_t size, bool isUTF8) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0) return type;
  if (H5Tset_size(type, size == 0 ? H5T_VARIABLE : size) < 0 ||
      H5Tset_cset(type, isUTF8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII) < 0 ||
      (size != 0 && H5Tset_strpad(type, H5T_STR_NULLPAD) < 0)) {
    H5Tclose(type);
    return -1;
  }
  return type;
}
/* --- Spaces --- */

static inline hid_t nn_h5s_scalar(void) { return H5Screate(H5S_SCALAR); }
static inline hid_t nn_h5s_null(void) { return H5Screate(H5S_NULL); }
static inline hid_t nn_h5s_simple(int rank, const hsize_t *shape) {
  return H5Screate_simple(rank, shape, NULL);
}
static inline herr_t nn_h5s_select_block(hid_t space, const hsize_t *start, const hsize_t *count) {
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
}

/* --- Datasets --- */

static inline hid_t nn_h5d_open(hid_t group, const char *name) {
  return H5Dopen2(group, name, H5P_DEFAULT);
}
static inline hid_t nn_h5d_create(
    hid_t group, const char *name, hid_t type, hid_t space, hid_t creation) {
  return H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
}
static inline hid_t nn_h5d_space(hid_t dataset) { return H5Dget_space(dataset); }
/* Absolute in the file, a user block included; UINT64_MAX where there is none. */
static inline uint64_t nn_h5d_offset(hid_t dataset) { return H5Dget_offset(dataset); }
static inline herr_t nn_h5d_write(
    hid_t dataset, hid_t type, hid_t memory, hid_t file, const void *buffer) {
  return H5Dwrite(dataset, type, memory, file, H5P_DEFAULT, buffer);
}

static inline hid_t nn_h5p_dataset_create(void) { return H5Pcreate(H5P_DATASET_CREATE); }
/* Leaves no room for attributes in the object header; one that comes later finds its place elsewhere. */
static inline herr_t nn_h5p_expect_no_attributes(hid_t plist) {
#if H5_VERSION_GE(1, 10, 5)
  return H5Pset_dset_no_attrs_hint(plist, 1);
#else
  (void)plist;
  return 0;
#endif
}
static inline herr_t nn_h5p_contiguous(hid_t plist) { return H5Pset_layout(plist, H5D_CONTIGUOUS); }
static inline herr_t nn_h5p_chunked(hid_t plist, int rank, const hsize_t *shape) {
  return H5Pset_chunk(plist, rank, shape);
}
static inline herr_t nn_h5p_allocate_early(hid_t plist) {
  return H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
}
static inline herr_t nn_h5p_never_fill(hid_t plist) {
  return H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
}
static inline herr_t nn_h5p_shuffle(hid_t plist) { return H5Pset_shuffle(plist); }
static inline herr_t nn_h5p_deflate(hid_t plist, unsigned level) { return H5Pset_deflate(plist, level); }
static inline herr_t nn_h5p_checksum(hid_t plist) { return H5Pset_fletcher32(plist); }
/* --- Locks --- */

enum { NN_FILE_IS_LOCKED = -2 };

/* Takes a lock that keeps writers out, and returns the descriptor that holds it: NN_FILE_IS_LOCKED if a
 * writer has the file, -1 if it can't be locked at all. */
static inline int nn_file_lock_shared(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return -1;
  if (flock(descriptor, LOCK_SH | LOCK_NB) == 0) return descriptor;
  int code = errno;
  close(descriptor);
  return code == EWOULDBLOCK ? NN_FILE_IS_LOCKED : -1;
}
static inline void nn_file_unlock(int descriptor) {
  if (descriptor >= 0) close(descriptor);
}

/* --- Deflate --- */

enum { NN_INFLATED = 0, NN_INFLATE_DAMAGED = 1, NN_INFLATE_TOO_LONG = 2 };

/* Inflates a whole zlib stream into memory that is not left; bytes after its end are ignored. */
static inline int nn_inflate(
    const void *input, unsigned inputSize, void *output, unsigned outputSize, size_t *produced) {
  z_stream stream = {0};
  stream.next_in = (Bytef *)input;
  stream.avail_in = inputSize;
  stream.next_out = (Bytef *)output;
  stream.avail_out = outputSize;
  if (inflateInit(&stream) != Z_OK) return NN_INFLATE_DAMAGED;
  int status = inflate(&stream, Z_FINISH);
  *produced = outputSize - stream.avail_out;
  bool isFull = stream.avail_out == 0 && stream.avail_in > 0;
  inflateEnd(&stream);
  if (status == Z_STREAM_END) return NN_INFLATED;
  return status == Z_BUF_ERROR && isFull ? NN_INFLATE_TOO_LONG : NN_INFLATE_DAMAGED;
}

#endif
