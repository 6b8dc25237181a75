/* The heads-up display. A health bar is 11 tiles of 16 points; a tile picture exists for every two points. */

#include "hud.h"

#include "memory.h"
#include "text.h"

#define BAR_TILES 11
#define BAR_ROW (1 * TEXT_COLUMNS)
#define NAME_ROW (2 * TEXT_COLUMNS)
#define FIRST_BAR_CELL 2     /* player one's bar: columns 2 to 12; player two's is its mirror image */
#define LAST_BAR_CELL 29
#define TIMER_CELL 15
#define LOW_HEALTH 44
#define TILE_BAR 64          /* 9 tiles: 0 to 8 pixels full, from the left */
#define TILE_PIP_EMPTY 74
#define TILE_PIP_WON 75

static const char* const signs[] = { "  FIGHT!  ", "   K.O.   ", "   TIME   " };
static char round_sign[] = " ROUND 1 ";

void draw_hud_frame(void) {
  put_text(text_top + NAME_ROW + FIRST_BAR_CELL, "ROOK", COLOR_WHITE);
  put_text(text_top + NAME_ROW + LAST_BAR_CELL - 3, "WREN", COLOR_WHITE);
}

/* One bar: the rightmost tile of player one's (the leftmost of player two's) is the last to empty. */
static void draw_bar(struct fighter* fighter) {
  static u8 i, left, full, color, mirrored;
  static u16* cell;
  static u16 flip;
  left = fighter->health == KNOCKED_OUT ? 0 : fighter->health;
  if (fighter->trail > left) --fighter->trail;
  color = left < LOW_HEALTH ? COLOR_BAR_LOW : COLOR_BAR;
  mirrored = fighter->index == 0;
  flip = mirrored ? CELL_FLIPPED : 0;
  cell = text_top + BAR_ROW + (mirrored ? FIRST_BAR_CELL + BAR_TILES - 1 : LAST_BAR_CELL - BAR_TILES + 1);
  full = 16;
  for (i = 0; i < BAR_TILES; ++i, full += 16) {
    static u8 pixels;
    if (left >= full) {
      pixels = 8;
    } else if (left > full - 16) {
      pixels = (left - (full - 16) + 1) >> 1;
    } else {
      pixels = 0;
    }
    *cell = CELL(TILE_BAR + pixels, fighter->trail > full - 16 && pixels != 8 ? COLOR_BAR_TRAIL : color) | flip;
    if (mirrored) --cell; else ++cell;
  }
}

static void draw_pips(u16* cell, int step, u8 won) {
  static u8 i;
  for (i = 0; i < 2; ++i, cell += step) {
    *cell = won > i ? CELL(TILE_PIP_WON, COLOR_GOLD) : CELL(TILE_PIP_EMPTY, COLOR_DIM);
  }
}

void hud_frame(void) {
  draw_bar(PLAYER_ONE);
  draw_bar(PLAYER_TWO);
  text_top[BAR_ROW + TIMER_CELL] = CELL('0' - ' ' + (timer >> 4), COLOR_WHITE);
  text_top[BAR_ROW + TIMER_CELL + 1] = CELL('0' - ' ' + (timer & 15), COLOR_WHITE);
  draw_pips(text_top + NAME_ROW + FIRST_BAR_CELL + BAR_TILES - 1, -1, rounds_won(0));
  draw_pips(text_top + NAME_ROW + LAST_BAR_CELL - BAR_TILES + 1, 1, rounds_won(1));
}

void show_round_sign(void) {
  clear_middle();
  round_sign[7] = '0' + round_number;
  put_text(text_middle + 11, round_sign, COLOR_GOLD);
}

void show_sign(u8 sign) {
  clear_middle();
  put_text(text_middle + 11, signs[sign], COLOR_GOLD);
}

void show_winner(void) {
  clear_middle();
  if (rounds_won(0) == rounds_won(1)) {
    put_text(text_middle + 11, "DRAW GAME", COLOR_WHITE);
  } else {
    put_text(text_middle + 11, rounds_won(0) > rounds_won(1) ? "ROOK WINS" : "WREN WINS", COLOR_GOLD);
  }
}

void hide_sign(void) {
  clear_middle();
}
