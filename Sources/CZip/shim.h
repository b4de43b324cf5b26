// What nnfmt uses of zlib to read zip archives: raw deflate streams and CRC-32.
#include <zlib.h>

/* Begins a stream without the header of zlib, as zip archives hold them. */
static inline int nn_zip_inflate_begin(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
