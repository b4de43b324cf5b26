#include "message.h"
#include <ft2build.h>
#include FT_FREETYPE_H
#include <stdlib.h>

struct nn_font {
  FT_Library library;
  FT_Face face;
};

static int fail(char *message, FT_Error error) {
  snprintf(message, NN_MESSAGE_SIZE, "FreeType's error %d", error);
  return -1;
}

nn_font *nn_font_open(const char *path, char *message) {
  nn_font *font = calloc(1, sizeof(nn_font));
  if (!font) {
    nn_fail(message, "out of memory");
    return NULL;
  }
  FT_Error error = FT_Init_FreeType(&font->library);
  if (!error) error = FT_New_Face(font->library, path, 0, &font->face);
  if (!error && !FT_IS_SCALABLE(font->face)) error = FT_Err_Invalid_File_Format;
  if (error) {
    fail(message, error);
    nn_font_close(font);
    return NULL;
  }
  return font;
}

void nn_font_close(nn_font *font) {
  if (font->face) FT_Done_Face(font->face);
  if (font->library) FT_Done_FreeType(font->library);
  free(font);
}

int nn_font_has(nn_font *font, uint32_t character) {
  return FT_Get_Char_Index(font->face, character) != 0;
}

int nn_font_resize(nn_font *font, int pixels, int *ascent, int *descent, char *message) {
  FT_Error error = FT_Set_Pixel_Sizes(font->face, 0, (FT_UInt)pixels);
  if (error) return fail(message, error);
  FT_Size_Metrics metrics = font->face->size->metrics;
  *ascent = (int)((metrics.ascender + 63) >> 6);
  *descent = (int)((-metrics.descender + 63) >> 6);
  return 0;
}

int nn_font_glyph(nn_font *font, uint32_t character, nn_glyph *glyph, char *message) {
  FT_Error error = FT_Load_Char(font->face, character, FT_LOAD_RENDER);
  if (error) return fail(message, error);
  FT_GlyphSlot slot = font->face->glyph;
  if (slot->bitmap.pixel_mode != FT_PIXEL_MODE_GRAY && slot->bitmap.rows > 0) {
    return nn_fail(message, "draws letters in a form that is not known");
  }
  glyph->coverage = slot->bitmap.buffer;
  glyph->width = (int)slot->bitmap.width;
  glyph->height = (int)slot->bitmap.rows;
  glyph->stride = slot->bitmap.pitch;
  glyph->left = slot->bitmap_left;
  glyph->top = slot->bitmap_top;
  glyph->advance = (int)slot->advance.x;
  return 0;
}
