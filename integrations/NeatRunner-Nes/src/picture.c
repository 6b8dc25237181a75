/* Drawing with the picture off: palettes, text, the sky, whole screens. */
#include "picture.h"
#include "level.h"
#include "sprites.h"
#include "palettes.h"
#include "tiles.h"

u8 column[40], column_attrs[6], status_line[28];

#define PPU_CONTROL BYTE(0x2000)
#define PPU_MASK BYTE(0x2001)
#define PPU_ADDRESS BYTE(0x2006)
#define PPU_DATA BYTE(0x2007)

void picture_off(void) {
  if (video_on) wait_frame();
  video_on = 0;
  PPU_MASK = 0;
  BYTE(0xE000) = 0;             /* no split */
  column_ready = 0;
  status_ready = 0;
  PPU_CONTROL = 0;              /* no NMI: PPU and MMC3 are ours */
}

void picture_on(void) {
  static u8 status;
  status = BYTE(0x2002);        /* forget a vertical blank that has begun, or the NMI would come at once */
  PPU_CONTROL = 0x88;
  video_on = 1;
  wait_frame();
}

static void address(u8 high, u8 low) {
  PPU_ADDRESS = high;
  PPU_ADDRESS = low;
}

/* Both screens of one tile, in palette 3. */
void fill_screens(u8 tile) {
  static u8 page, i;
  address(0x20, 0);
  for (page = 0; page < 8; ++page) {
    i = 0;
    do {
      PPU_DATA = (page & 3) == 3 && i >= 0xC0 ? 0xFF : tile;
    } while (++i);
  }
}

/* Six rows of hills, the same on both screens. */
void draw_sky(u8 theme, u8 top) {
  static const u8 *source;
  static u8 screen, row, i;
  still_lines = (u8)(top << 3) - 1;
  tile_bank = 8 + (u8)(theme << 3);
  for (screen = 0x20; screen <= 0x24; screen += 4) {
    source = skylines[theme];
    address(screen | (top >> 3), (u8)(top << 5));
    for (row = 0; row < 6; ++row) {
      for (i = 0; i < 32; ++i) PPU_DATA = source[i];
      source += 32;
    }
  }
}

void set_palette(u8 theme) {
  static u8 i;
  static const u8 *colors;
  colors = palettes[theme];
  address(0x3F, 0);
  for (i = 0; i < 32; ++i) PPU_DATA = colors[i];
}

/* Ground on both screens, in palette 0; `top` is a multiple of four, as attributes are. */
void draw_ground(u8 top) {
  static u8 screen, row, i;
  for (screen = 0x20; screen <= 0x24; screen += 4) {
    address(screen | (top >> 3), (u8)(top << 5));
    for (row = top; row < 30; ++row) {
      for (i = 0; i < 16; ++i) {
        if (row & 1) {
          PPU_DATA = square_bottom_left[row == top + 1 ? SQUARE_GROUND_TOP : SQUARE_GROUND_DEEP];
          PPU_DATA = square_bottom_right[row == top + 1 ? SQUARE_GROUND_TOP : SQUARE_GROUND_DEEP];
        } else {
          PPU_DATA = square_top_left[row == top ? SQUARE_GROUND_TOP : SQUARE_GROUND_DEEP];
          PPU_DATA = square_top_right[row == top ? SQUARE_GROUND_TOP : SQUARE_GROUND_DEEP];
        }
      }
    }
    address(screen | 3, 0xC0 | (u8)(top << 1));
    for (i = (u8)(top << 1); i < 64; ++i) PPU_DATA = 0;
  }
}

void draw_tiles(u8 row, u8 left, const u8 *tiles, u8 count) {
  static u8 i;
  address(0x20 | (row >> 3), (u8)(row << 5) | left);
  for (i = 0; i < count; ++i) PPU_DATA = tiles[i];
}

void set_band_palette(u8 row, u8 palettes) {
  static u8 i;
  address(0x23, 0xC0 | (u8)(row << 1));
  for (i = 0; i < 8; ++i) PPU_DATA = palettes;
}

void put_status(u8 row) {
  status_hi = 0x20 | (row >> 3);
  status_lo = (u8)(row << 5) | 2;
}

void draw_text(u8 row, u8 left, const char *text) {
  address(0x20 | (row >> 3), (u8)(row << 5) | left);
  while (*text) {
    PPU_DATA = *text - ' ';
    ++text;
  }
}

/* Scroll sky and hills by their share of the camera's way. */
void scroll_sky(void) {
  static u16 x;
  x = camera;
  scroll_x[3] = LOW(x);
  scroll_screen[3] = HIGH(x) & 1;
  x >>= 1;
  scroll_x[2] = LOW(x);
  scroll_screen[2] = HIGH(x) & 1;
  x >>= 1;
  scroll_x[1] = LOW(x);
  scroll_screen[1] = HIGH(x) & 1;
  x >>= 1;
  scroll_x[0] = LOW(x);
  scroll_screen[0] = HIGH(x) & 1;
}
