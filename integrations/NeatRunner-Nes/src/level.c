/* The level: its map in ROM, what has changed of it in play, the camera, and the columns that come into sight. */
#include "level.h"
#include "hero.h"
#include "levels.h"
#include "picture.h"
#include "sound.h"
#include "squares.h"
#include "status.h"
#include "tiles.h"

#define ROWS 10
#define SIGHT 17                /* columns from the left edge of the picture to the first one out of sight */
#define FOLLOW 96               /* the hero's place in the picture once the camera moves */
#define SKY_PALETTE 3

u8 level_number, level_columns;
u16 camera;

static u8 next_column;
static u8 taken[32];                    /* a bit for each column whose coin is gone */
static u8 attributes[16][6];            /* as in video memory, two columns a byte */
static u8 again[4], again_first, again_count;   /* columns to draw again */
static const u8 bit[8] = {1, 2, 4, 8, 16, 32, 64, 128};

static void build(u8 number) {
  static const u8 *source;
  static u8 *attribute;
  static u8 row, square, place, palettes;
  HIGH(source) = level_page | (number >> 4);
  LOW(source) = (u8)(number << 4) | FIRST_ROW;
  attribute = attributes[(number & 31) >> 1];
  place = 0;
  palettes = SKY_PALETTE;
  for (row = 0; row < ROWS; ++row) {
    square = source[row];
    if (square == SQUARE_COIN && (taken[number >> 3] & bit[number & 7])) square = SQUARE_EMPTY;
    if (GATE_OPEN) {
      if (square == SQUARE_GATE) square = SQUARE_GATE_OPEN;
      if (square == SQUARE_SWITCH) square = SQUARE_SWITCH_ON;
    }
    column[place] = square_top_left[square];
    column[place + 20] = square_top_right[square];
    ++place;
    column[place] = square_bottom_left[square];
    column[place + 20] = square_bottom_right[square];
    ++place;
    if (row & 1) {                      /* rows 5, 7, ... are the lower half of an attribute, 6, 8, ... the upper */
      palettes = square_palettes[square];
    } else {
      palettes |= (u8)(square_palettes[square] << 4);
      if (number & 1) *attribute = (*attribute & 0x33) | (u8)(palettes << 2);
      else *attribute = (*attribute & 0xCC) | palettes;
      ++attribute;
    }
  }
  if (number & 1) *attribute = (*attribute & 0x33) | (u8)(palettes << 2);
  else *attribute = (*attribute & 0xCC) | palettes;
  attribute = attributes[(number & 31) >> 1];
  for (row = 0; row < 6; ++row) column_attrs[row] = attribute[row];
  column_hi = (number & 16) ? 0x25 : 0x21;
  column_lo = 0x40 | (u8)((number & 15) << 1);
  column_attr = 0xD0 | ((number & 15) >> 1);
  column_ready = 1;
}

void level_load(void) {
  select_level_bank(level_number >> 1);
  level_page = (level_number & 1) ? 0x90 : 0x80;
  level_columns = level_widths[level_number];
  for (next_column = 0; next_column < 32; ++next_column) taken[next_column] = 0;
  GATE_OPEN = 0;
  again_count = 0;
  camera = 0;
  CAMERA_PAGE = 0;
  CAMERA_LOW = 0;
  SCROLLING = 0;
  for (next_column = 0; next_column < SIGHT + 1; ++next_column) {
    build(next_column);
    upload();
  }
}

static void draw_again(u8 number) {
  again[(again_first + again_count) & 3] = number;
  if (again_count < 4) ++again_count;
}

void take_coin(u8 number) {
  static u8 mask;
  mask = bit[number & 7];
  if (taken[number >> 3] & mask) return;
  taken[number >> 3] |= mask;
  draw_again(number);
  add_coin();
}

void open_gate(void) {
  if (GATE_OPEN) return;
  GATE_OPEN = 1;
  draw_again(probe_column);
  draw_again(gate_columns[level_number]);
  sound_switch();
}

void level_scroll(void) {
  static u16 x, end;
  static u8 edge;
  SCROLLING = 0;
  LOW(x) = (u8)(HIGH(hero_x) << 4) | (LOW(hero_x) >> 4);
  HIGH(x) = HIGH(hero_x) >> 4;
  if (x > camera + FOLLOW) {
    x -= FOLLOW;
    end = ((u16)level_columns << 4) - 256;
    if (x > end) x = end;
    SCROLLING = LOW(x) - LOW(camera);
    camera = x;
    CAMERA_PAGE = HIGH(x);
    CAMERA_LOW = LOW(x);
  }
  scroll_sky();
  edge = (u8)(camera >> 4) + SIGHT;
  if (next_column <= edge && next_column < level_columns) {
    build(next_column);
    ++next_column;
  } else if (again_count) {
    build(again[again_first]);
    again_first = (again_first + 1) & 3;
    --again_count;
  }
}
