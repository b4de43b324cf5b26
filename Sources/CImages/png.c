#include "message.h"
#include <png.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t left;
} source;

typedef struct {
  nn_writer writer;
  void *context;
} sink;

static void take(png_structp png, png_bytep target, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->left) png_error(png, "the file ends in the middle of the picture");
  memcpy(target, from->bytes, count);
  from->bytes += count;
  from->left -= count;
}

static void give(png_structp png, png_bytep bytes, size_t count) {
  sink *to = png_get_io_ptr(png);
  if (to->writer(to->context, bytes, count) != 0) png_error(png, "can't be written");
}

static void flush(png_structp png) { (void)png; }

static void fail(png_structp png, png_const_charp text) {
  nn_fail(png_get_error_ptr(png), text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

/* A reader that stands behind the header; texts and profiles are passed over unread. */
static png_structp reader(source *from, png_infop *info, char *message) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  if (!png) return NULL;
  *info = png_create_info_struct(png);
  if (!*info || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, info, NULL);
    return NULL;
  }
  png_set_read_fn(png, from, take);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
#ifdef PNG_HANDLE_AS_UNKNOWN_SUPPORTED
  static const png_byte passed_over[] = "iCCP\0iTXt\0tEXt\0zTXt\0eXIf\0sPLT\0hIST";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, passed_over, (int)sizeof(passed_over) / 5);
#endif
  png_read_info(png, *info);
  return png;
}

int nn_png_size(const uint8_t *bytes, size_t count, nn_picture_size *size, char *message) {
  source from = {bytes, count};
  png_infop info = NULL;
  nn_fail(message, "out of memory");
  png_structp png = reader(&from, &info, message);
  if (!png) return -1;
  size->width = png_get_image_width(png, info);
  size->height = png_get_image_height(png, info);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

int nn_png_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, char *message) {
  source from = {bytes, count};
  png_infop info = NULL;
  /* Changed behind setjmp, and needed where it comes back to. */
  png_bytep *volatile rows = NULL;
  nn_fail(message, "out of memory");
  png_structp png = reader(&from, &info, message);
  if (!png) return -1;
  if (setjmp(png_jmpbuf(png))) {
    free((void *)rows);
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  uint32_t height = png_get_image_height(png, info);
  size_t stride = (size_t)png_get_image_width(png, info) * 3;
  if (png_get_rowbytes(png, info) != stride) png_error(png, "has a form that is not known");
  rows = malloc(height * sizeof(png_bytep));
  if (!rows) png_error(png, "out of memory");
  for (uint32_t row = 0; row < height; row++) rows[row] = pixels + row * stride;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  free((void *)rows);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

int nn_png_encode(
    const uint8_t *pixels, nn_picture_size size, nn_writer writer, void *context, char *message) {
  sink to = {writer, context};
  png_infop info = NULL;
  nn_fail(message, "out of memory");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  if (!png) return -1;
  info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return -1;
  }
  png_set_write_fn(png, &to, give, flush);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(
      png, info, size.width, size.height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t row = 0; row < size.height; row++) {
    png_write_row(png, pixels + (size_t)row * size.width * 3);
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 0;
}
