/* What the Swift target `HDF5` calls of libhdf5, each call behind a name of ours.
 *
 * Swift can neither see libhdf5's constants (macros over globals, which read -1 before H5open) nor its
 * versioned macros, and functions of 1.10 became such macros in 1.12. So every call stands here, and
 * H5_VERSION_GE chooses where versions differ. No API-mapping macro is defined: the numbered names are
 * used throughout. No function here keeps state or prints.
 */
#ifndef NNFMT_CHDF5_SHIM_H
#define NNFMT_CHDF5_SHIM_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#if !H5_VERSION_GE(1, 10, 3)
#error "libhdf5 1.10.3 or newer is needed"
#endif

/* --- The library, its errors, its identifiers --- */

/* At exit libhdf5 would close what is still open, and crashes on a file that could not be written to its
 * end (disk full); whoever writes a file closes it. Too late if others have started the library before. */
static inline herr_t nn_h5_open(void) {
  H5dont_atexit();
  return H5open();
}
/* No filter plug-in is ever loaded: a file could name any code that lies in the plug-in folder. */
static inline herr_t nn_h5_forbid_plugins(void) { return H5PLset_loading_state(0); }
static inline herr_t nn_h5e_silence(void) { return H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
static inline ssize_t nn_h5e_count(void) { return H5Eget_num(H5E_DEFAULT); }
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
static inline herr_t nn_h5p_use_sec2(hid_t plist) { return H5Pset_fapl_sec2(plist); }
/* Closing a file closes whatever is still open in it. */
static inline herr_t nn_h5p_close_strongly(hid_t plist) {
  return H5Pset_fclose_degree(plist, H5F_CLOSE_STRONG);
}
static inline herr_t nn_h5p_read_metadata_once(hid_t plist) {
  return H5Pset_metadata_read_attempts(plist, 1);
}
static inline herr_t nn_h5p_without_locking(hid_t plist) {
#if H5_VERSION_GE(1, 10, 7)
  return H5Pset_file_locking(plist, 0, 1);
#else
  (void)plist;
  return 0;
#endif
}
/* The format of HDF5 1.8 throughout: compact groups, and nothing that 1.8 can't read. */
static inline herr_t nn_h5p_format_18(hid_t plist) {
#if H5_VERSION_GE(1, 10, 2)
  return H5Pset_libver_bounds(plist, H5F_LIBVER_V18, H5F_LIBVER_V18);
#else
  return H5Pset_libver_bounds(plist, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
#endif
}
static inline hid_t nn_h5f_open(const char *path, bool evenIfBeingWritten, hid_t access) {
  unsigned flags = H5F_ACC_RDONLY | (evenIfBeingWritten ? H5F_ACC_SWMR_READ : 0u);
  return H5Fopen(path, flags, access);
}
static inline hid_t nn_h5f_create(const char *path, hid_t creation, hid_t access) {
  return H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
}
static inline herr_t nn_h5f_flush(hid_t file) { return H5Fflush(file, H5F_SCOPE_GLOBAL); }
static inline herr_t nn_h5f_close(hid_t file) { return H5Fclose(file); }

/* --- Objects and links --- */

enum { NN_H5_GROUP = 0, NN_H5_DATASET = 1, NN_H5_DATATYPE = 2, NN_H5_UNKNOWN = 3 };
enum { NN_H5_HARD = 0, NN_H5_SOFT = 1, NN_H5_EXTERNAL = 2, NN_H5_USER_LINK = 3 };

static inline int nn_h5o_kind(H5O_type_t type) {
  switch (type) {
    case H5O_TYPE_GROUP: return NN_H5_GROUP;
    case H5O_TYPE_DATASET: return NN_H5_DATASET;
    case H5O_TYPE_NAMED_DATATYPE: return NN_H5_DATATYPE;
    default: return NN_H5_UNKNOWN;
  }
}
static inline herr_t nn_h5o_kind_by_name(hid_t group, const char *name, int *kind) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  herr_t status = H5Oget_info_by_name3(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  H5O_info_t info;
  herr_t status = H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#endif
  *kind = status >= 0 ? nn_h5o_kind(info.type) : NN_H5_UNKNOWN;
  return status;
}
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

/* Returns 0 to go on, anything else to stop. `address` is that of a hard link's object, `valueSize` the
 * bytes of any other link's value. */
typedef int (*nn_h5l_visitor)(
    const char *name, int kind, uint64_t address, size_t valueSize, void *context);
struct nn_h5l_walk_state {
  nn_h5l_visitor visitor;
  void *context;
};
static inline int nn_h5l_kind(H5L_type_t type) {
  switch (type) {
    case H5L_TYPE_HARD: return NN_H5_HARD;
    case H5L_TYPE_SOFT: return NN_H5_SOFT;
    case H5L_TYPE_EXTERNAL: return NN_H5_EXTERNAL;
    default: return NN_H5_USER_LINK;
  }
}
#if H5_VERSION_GE(1, 12, 0)
static herr_t nn_h5l_step(hid_t group, const char *name, const H5L_info2_t *info, void *data) {
  struct nn_h5l_walk_state *state = (struct nn_h5l_walk_state *)data;
  haddr_t address = HADDR_UNDEF;
  bool hard = info->type == H5L_TYPE_HARD;
  if (hard && H5VLnative_token_to_addr(group, info->u.token, &address) < 0) return -1;
  return state->visitor(
      name, nn_h5l_kind(info->type), address, hard ? 0 : info->u.val_size, state->context);
}
#else
static herr_t nn_h5l_step(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  struct nn_h5l_walk_state *state = (struct nn_h5l_walk_state *)data;
  bool hard = info->type == H5L_TYPE_HARD;
  (void)group;
  return state->visitor(
      name, nn_h5l_kind(info->type), hard ? info->u.address : UINT64_MAX,
      hard ? 0 : info->u.val_size, state->context);
}
#endif
/* Negative if the library failed, else what the visitor returned last. */
static inline herr_t nn_h5l_visit(hid_t group, nn_h5l_visitor visitor, void *context) {
  struct nn_h5l_walk_state state = {visitor, context};
  hsize_t position = 0;
#if H5_VERSION_GE(1, 12, 0)
  return H5Literate2(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, nn_h5l_step, &state);
#else
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, nn_h5l_step, &state);
#endif
}
/* One link. Returns 1 if there is such a link, 0 if not, negative on failure. */
static inline htri_t nn_h5l_find(
    hid_t group, const char *name, int *kind, uint64_t *address, size_t *valueSize) {
  htri_t exists = H5Lexists(group, name, H5P_DEFAULT);
  if (exists <= 0) return exists;
  haddr_t found = HADDR_UNDEF;
#if H5_VERSION_GE(1, 12, 0)
  H5L_info2_t info;
  if (H5Lget_info2(group, name, &info, H5P_DEFAULT) < 0) return -1;
  if (info.type == H5L_TYPE_HARD && H5VLnative_token_to_addr(group, info.u.token, &found) < 0)
    return -1;
#else
  H5L_info_t info;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
  if (info.type == H5L_TYPE_HARD) found = info.u.address;
#endif
  *kind = nn_h5l_kind(info.type);
  *address = found;
  *valueSize = info.type == H5L_TYPE_HARD ? 0 : info.u.val_size;
  return 1;
}
static inline herr_t nn_h5l_value(hid_t group, const char *name, void *buffer, size_t size) {
  return H5Lget_val(group, name, buffer, size, H5P_DEFAULT);
}
static inline herr_t nn_h5l_unpack_external(
    const void *value, size_t size, const char **file, const char **path) {
  unsigned flags = 0;
  return H5Lunpack_elink_val(value, size, &flags, file, path);
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

typedef int (*nn_h5a_visitor)(const char *name, void *context);
struct nn_h5a_walk_state {
  nn_h5a_visitor visitor;
  void *context;
};
static herr_t nn_h5a_step(hid_t object, const char *name, const H5A_info_t *info, void *data) {
  struct nn_h5a_walk_state *state = (struct nn_h5a_walk_state *)data;
  (void)object;
  (void)info;
  return state->visitor(name, state->context);
}
static inline herr_t nn_h5a_visit(hid_t object, nn_h5a_visitor visitor, void *context) {
  struct nn_h5a_walk_state state = {visitor, context};
  hsize_t position = 0;
  return H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, nn_h5a_step, &state);
}
static inline htri_t nn_h5a_exists(hid_t object, const char *name) { return H5Aexists(object, name); }
static inline hid_t nn_h5a_open(hid_t object, const char *name) {
  return H5Aopen(object, name, H5P_DEFAULT);
}
static inline hid_t nn_h5a_create(hid_t object, const char *name, hid_t type, hid_t space) {
  return H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
}
static inline herr_t nn_h5a_delete(hid_t object, const char *name) { return H5Adelete(object, name); }
static inline hid_t nn_h5a_type(hid_t attribute) { return H5Aget_type(attribute); }
static inline hid_t nn_h5a_space(hid_t attribute) { return H5Aget_space(attribute); }
static inline herr_t nn_h5a_read(hid_t attribute, hid_t type, void *buffer) {
  return H5Aread(attribute, type, buffer);
}
static inline herr_t nn_h5a_write(hid_t attribute, hid_t type, const void *buffer) {
  return H5Awrite(attribute, type, buffer);
}
static inline herr_t nn_h5_reclaim(hid_t type, hid_t space, void *buffer) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Treclaim(type, space, H5P_DEFAULT, buffer);
#else
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
#endif
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
static inline hid_t nn_h5t_native_float(void) { return H5Tcopy(H5T_NATIVE_FLOAT); }
static inline hid_t nn_h5t_native_double(void) { return H5Tcopy(H5T_NATIVE_DOUBLE); }
static inline hid_t nn_h5t_native_int64(void) { return H5Tcopy(H5T_NATIVE_INT64); }
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
static inline hid_t nn_h5t_copy(hid_t type) { return H5Tcopy(type); }
static inline H5T_class_t nn_h5t_class(hid_t type) { return H5Tget_class(type); }
static inline size_t nn_h5t_size(hid_t type) { return H5Tget_size(type); }
static inline H5T_order_t nn_h5t_order(hid_t type) { return H5Tget_order(type); }
static inline herr_t nn_h5t_make_little_endian(hid_t type) { return H5Tset_order(type, H5T_ORDER_LE); }
static inline size_t nn_h5t_precision(hid_t type) { return H5Tget_precision(type); }
static inline bool nn_h5t_is_signed(hid_t type) { return H5Tget_sign(type) == H5T_SGN_2; }
static inline herr_t nn_h5t_float_fields(hid_t type, size_t *exponentBits, size_t *mantissaBits) {
  size_t sign = 0, exponent = 0, mantissa = 0;
  return H5Tget_fields(type, &sign, &exponent, exponentBits, &mantissa, mantissaBits);
}
static inline htri_t nn_h5t_is_variable_text(hid_t type) { return H5Tis_variable_str(type); }
static inline bool nn_h5t_is_utf8(hid_t type) { return H5Tget_cset(type) == H5T_CSET_UTF8; }
static inline H5T_str_t nn_h5t_padding(hid_t type) { return H5Tget_strpad(type); }
static inline hid_t nn_h5t_base(hid_t type) { return H5Tget_super(type); }
static inline int nn_h5t_member_count(hid_t type) { return H5Tget_nmembers(type); }
static inline hid_t nn_h5t_member_type(hid_t type, unsigned index) {
  return H5Tget_member_type(type, index);
}
static inline size_t nn_h5t_member_offset(hid_t type, unsigned index) {
  return H5Tget_member_offset(type, index);
}
/* To be freed with nn_h5_free. */
static inline char *nn_h5t_member_name(hid_t type, unsigned index) {
  return H5Tget_member_name(type, index);
}
static inline void nn_h5_free(void *memory) { H5free_memory(memory); }
static inline int nn_h5t_array_rank(hid_t type) { return H5Tget_array_ndims(type); }
static inline int nn_h5t_array_shape(hid_t type, hsize_t *shape) {
  return H5Tget_array_dims2(type, shape);
}

static inline hid_t nn_h5t_array(hid_t element, unsigned rank, const hsize_t *shape) {
  return H5Tarray_create2(element, rank, shape);
}
static inline hid_t nn_h5t_compound(size_t size) { return H5Tcreate(H5T_COMPOUND, size); }
static inline herr_t nn_h5t_insert(hid_t compound, const char *name, size_t offset, hid_t member) {
  return H5Tinsert(compound, name, offset, member);
}
/* Converts `count` elements where they lie; the memory must hold them before and after. */
static inline herr_t nn_h5t_convert(hid_t from, hid_t to, size_t count, void *elements) {
  return H5Tconvert(from, to, count, elements, NULL, H5P_DEFAULT);
}

/* --- Spaces --- */

static inline hid_t nn_h5s_scalar(void) { return H5Screate(H5S_SCALAR); }
static inline hid_t nn_h5s_null(void) { return H5Screate(H5S_NULL); }
static inline hid_t nn_h5s_simple(int rank, const hsize_t *shape) {
  return H5Screate_simple(rank, shape, NULL);
}
static inline H5S_class_t nn_h5s_class(hid_t space) { return H5Sget_simple_extent_type(space); }
static inline int nn_h5s_rank(hid_t space) { return H5Sget_simple_extent_ndims(space); }
static inline int nn_h5s_shape(hid_t space, hsize_t *shape, hsize_t *maximum) {
  return H5Sget_simple_extent_dims(space, shape, maximum);
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
static inline hid_t nn_h5d_type(hid_t dataset) { return H5Dget_type(dataset); }
static inline hid_t nn_h5d_space(hid_t dataset) { return H5Dget_space(dataset); }
static inline hid_t nn_h5d_creation(hid_t dataset) { return H5Dget_create_plist(dataset); }
/* The bytes of the chunk that starts at an element, after filters; 0 if it was never written. */
static inline herr_t nn_h5d_chunk_bytes(hid_t dataset, const hsize_t *start, hsize_t *bytes) {
  herr_t status = H5Dget_chunk_storage_size(dataset, start, bytes);
  if (status >= 0) return status;
  /* It fails for a chunk that was never written, once there are others. */
  bool isUnwritten;
#if H5_VERSION_GE(1, 12, 0)
  /* Slower: it goes through all chunks. */
  unsigned mask = 0;
  haddr_t address = HADDR_UNDEF;
  if (H5Dget_chunk_info_by_coord(dataset, start, &mask, &address, bytes) < 0) return -1;
  isUnwritten = address == HADDR_UNDEF;
#else
  /* Where the chunk could not be looked up, the stack goes deeper than the two functions that say no. */
  isUnwritten = H5Eget_num(H5E_DEFAULT) == 2;
#endif
  if (!isUnwritten) return -1;
  *bytes = 0;
  return 0;
}
/* `mask` has bit i set where filter i was skipped. `size` is that of nn_h5d_chunk_bytes. */
static inline herr_t nn_h5d_read_chunk(
    hid_t dataset, const hsize_t *start, uint32_t *mask, void *buffer, size_t size) {
#if H5_VERSION_GE(2, 0, 0)
  return H5Dread_chunk2(dataset, H5P_DEFAULT, start, mask, buffer, &size);
#else
  (void)size;
  return H5Dread_chunk(dataset, H5P_DEFAULT, start, mask, buffer);
#endif
}
static inline herr_t nn_h5d_fill_value(hid_t dataset, hid_t type, void *value) {
  hid_t plist = H5Dget_create_plist(dataset);
  if (plist < 0) return -1;
  herr_t status = H5Pget_fill_value(plist, type, value);
  H5Pclose(plist);
  return status;
}
static inline uint64_t nn_h5d_stored_bytes(hid_t dataset) { return H5Dget_storage_size(dataset); }
/* Absolute in the file, a user block included; UINT64_MAX where there is none. */
static inline uint64_t nn_h5d_offset(hid_t dataset) { return H5Dget_offset(dataset); }
static inline herr_t nn_h5d_read(
    hid_t dataset, hid_t type, hid_t memory, hid_t file, void *buffer) {
  return H5Dread(dataset, type, memory, file, H5P_DEFAULT, buffer);
}
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
static inline H5D_layout_t nn_h5p_layout(hid_t plist) { return H5Pget_layout(plist); }
static inline int nn_h5p_external_count(hid_t plist) { return H5Pget_external_count(plist); }
static inline int nn_h5p_chunk_shape(hid_t plist, int rank, hsize_t *shape) {
  return H5Pget_chunk(plist, rank, shape);
}
static inline int nn_h5p_filter_count(hid_t plist) { return H5Pget_nfilters(plist); }
/* The filter's number; negative on failure. */
static inline int nn_h5p_filter(hid_t plist, unsigned index) {
  unsigned flags = 0, configuration = 0;
  size_t values = 0;
  return H5Pget_filter2(plist, index, &flags, &values, NULL, 0, NULL, &configuration);
}
static inline bool nn_h5z_can_decode(int filter) {
  unsigned flags = 0;
  return H5Zfilter_avail(filter) > 0 && H5Zget_filter_info(filter, &flags) >= 0 &&
         (flags & H5Z_FILTER_CONFIG_DECODE_ENABLED) != 0;
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
