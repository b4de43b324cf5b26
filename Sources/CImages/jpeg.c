#include "message.h"
#include <stdlib.h>
#include <turbojpeg.h>

/* A picture that is built up in more steps is made to keep decoders busy. */
#ifdef TJFLAG_LIMITSCANS
static const int limits = TJFLAG_LIMITSCANS;
#else
static const int limits = 0;
#endif

/* What is odd about a header does not matter, if it tells the size. */
static int header(
    tjhandle decoder, const uint8_t *bytes, size_t count, int *width, int *height, int *colors) {
  int subsampling;
  int failed = tjDecompressHeader3(
      decoder, bytes, (unsigned long)count, width, height, &subsampling, colors);
  return (failed && tjGetErrorCode(decoder) != TJERR_WARNING) || *width <= 0 || *height <= 0;
}

int nn_jpeg_size(const uint8_t *bytes, size_t count, nn_picture_size *size, char *message) {
  tjhandle decoder = tjInitDecompress();
  if (!decoder) return nn_fail(message, tjGetErrorStr2(NULL));
  int width = 0, height = 0, colors = 0, status = 0;
  if (header(decoder, bytes, count, &width, &height, &colors)) {
    status = nn_fail(message, tjGetErrorStr2(decoder));
  } else {
    size->width = (uint32_t)width;
    size->height = (uint32_t)height;
  }
  tjDestroy(decoder);
  return status;
}

static uint8_t product(uint8_t a, uint8_t b) {
  unsigned both = (unsigned)a * b + 128;
  return (uint8_t)((both + (both >> 8)) >> 8);
}

/* Row after row, since the picture has four bytes a pixel and its room three. */
static void multiply(const uint8_t *inks, uint8_t *pixels, size_t count) {
  for (size_t pixel = 0; pixel < count; pixel++) {
    for (int color = 0; color < 3; color++) {
      pixels[3 * pixel + color] = product(inks[4 * pixel + color], inks[4 * pixel + 3]);
    }
  }
}

int nn_jpeg_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, char *message) {
  tjhandle decoder = tjInitDecompress();
  if (!decoder) return nn_fail(message, tjGetErrorStr2(NULL));
  int width = 0, height = 0, colors = 0, status = 0;
  uint8_t *inks = NULL;
  if (header(decoder, bytes, count, &width, &height, &colors)) {
    status = nn_fail(message, tjGetErrorStr2(decoder));
  } else {
    int has_inks = colors == TJCS_CMYK || colors == TJCS_YCCK;
    size_t area = (size_t)width * (size_t)height;
    if (has_inks) inks = malloc(area * 4);
    if (has_inks && !inks) {
      status = nn_fail(message, "out of memory");
    } else {
      int failed = tjDecompress2(
          decoder, bytes, (unsigned long)count, has_inks ? inks : pixels, width, 0, height,
          has_inks ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT | limits);
      if (failed) {
        nn_fail(message, tjGetErrorStr2(decoder));
        status = tjGetErrorCode(decoder) == TJERR_WARNING ? 1 : -1;
      }
      if (has_inks && status >= 0) multiply(inks, pixels, area);
    }
  }
  free(inks);
  tjDestroy(decoder);
  return status;
}
