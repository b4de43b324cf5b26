// Pictures and fonts in C: libpng reports errors by longjmp, which must not cross Swift's frames, and the types of
// FreeType and TurboJPEG differ from version to version.
//
// Pictures are 8-bit RGB, pixel by pixel, the top row first. Functions that fail return -1 and leave a sentence of the
// library's in `message`, which has room for NN_MESSAGE_SIZE bytes.
#ifndef NN_IMAGES_H
#define NN_IMAGES_H

#include <stddef.h>
#include <stdint.h>

enum { NN_MESSAGE_SIZE = 200 };

typedef struct {
  uint32_t width;
  uint32_t height;
} nn_picture_size;

int nn_png_size(const uint8_t *bytes, size_t count, nn_picture_size *size, char *message);

/* Brings every kind of PNG to 8-bit RGB as stb_image does, by which darknet reads: grey and palettes are expanded, of 16
   bits the upper 8 are taken, transparency and gamma are passed over. `pixels` has room for the whole picture. */
int nn_png_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, char *message);

/* Takes a piece of the file that is written; another answer than 0 ends the writing. */
typedef int (*nn_writer)(void *context, const uint8_t *bytes, size_t count);

int nn_png_encode(
    const uint8_t *pixels, nn_picture_size size, nn_writer writer, void *context, char *message);

int nn_jpeg_size(const uint8_t *bytes, size_t count, nn_picture_size *size, char *message);

/* Returns 1, with a message, if the picture was decoded in spite of what is odd about it. Of four colours (CMYK, YCCK) the
   black is multiplied in, as stb_image does. */
int nn_jpeg_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, char *message);

/* A font and the size at which it is drawn. */
typedef struct nn_font nn_font;

/* A letter as it is drawn: how much of each pixel it covers, 0 to 255, row by row. Valid until the next is asked for. */
typedef struct {
  const uint8_t *coverage;
  int width, height;
  /* From a row to the next one below it. */
  int stride;
  /* From the pen to the left edge, and from the base line up to the top edge. */
  int left, top;
  /* How far the pen moves, in 1/64 of a pixel. */
  int advance;
} nn_glyph;

nn_font *nn_font_open(const char *path, char *message);
void nn_font_close(nn_font *font);
int nn_font_has(nn_font *font, uint32_t character);
/* How far letters reach above and below the base line at a size, in pixels. */
int nn_font_resize(nn_font *font, int pixels, int *ascent, int *descent, char *message);
int nn_font_glyph(nn_font *font, uint32_t character, nn_glyph *glyph, char *message);

#endif
