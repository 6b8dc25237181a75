/* Writes text. Font tiles are in the order of ASCII from the space on; lower case letters are other pictures. */

#include "text.h"

#include "art.h"

#define TEXT_MAP 0x2800
#define VMADDL BYTE_AT(0x2116)
#define VMADDH BYTE_AT(0x2117)
#define VMDATAL BYTE_AT(0x2118)
#define VMDATAH BYTE_AT(0x2119)

static u16 cell_of(char letter, u8 color) {
  return CELL(letter - FIRST_LETTER, color);
}

void put_text(u16* cells, const char* text, u8 color) {
  for (; *text; ++text) *cells++ = cell_of(*text, color);
}

static const u8 big_letter_numbers[] = { BIG_LETTER_NUMBERS };

void put_big_text(u16* cells, const char* text, u8 color) {
  static u16 cell;
  for (; *text; ++text, cells += 2) {
    if (*text == ' ') continue;
    cell = CELL(TILE_BIG_LETTERS + ((u16)big_letter_numbers[(u8)(*text - FIRST_LETTER)] << 2), color);
    cells[0] = cell;
    cells[1] = cell + 1;
    cells[TEXT_COLUMNS] = cell + 2;
    cells[TEXT_COLUMNS + 1] = cell + 3;
  }
}

static void vram_address(u16 address) {
  VMADDL = address;
  VMADDH = address >> 8;
}

void write_text(u8 column, u8 row, const char* text, u8 color) {
  static u16 cell;
  vram_address(TEXT_MAP + row * TEXT_COLUMNS + column);
  for (; *text; ++text) {
    cell = cell_of(*text, color);
    VMDATAL = cell;
    VMDATAH = cell >> 8;
  }
}

void clear_middle(void) {
  static u8 i;
  for (i = 0; i < sizeof(text_middle_bytes); ++i) {
    text_middle_bytes[i] = CELL(0, 0) & 0xFF;
    ++i;
    text_middle_bytes[i] = CELL(0, 0) >> 8;
  }
}

void clear_text(void) {
  static u16 i;
  vram_address(TEXT_MAP);
  for (i = 0; i < 32 * 32; ++i) {
    VMDATAL = CELL(0, 0) & 0xFF;
    VMDATAH = CELL(0, 0) >> 8;
  }
  for (i = 0; i < TOP_ROWS * TEXT_COLUMNS; ++i) text_top[i] = CELL(0, 0);
  clear_middle();
}
