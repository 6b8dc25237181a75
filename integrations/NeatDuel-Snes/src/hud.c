/* The heads-up display. A health bar is 11 tiles of 16 points; a tile picture exists for every two points. */

#include "hud.h"

#include "art.h"
#include "memory.h"
#include "text.h"

#define BAR_TILES 11
#define HEALTH_IN_TILE 16
#define BAR_ROW (1 * TEXT_COLUMNS)
#define NAME_ROW (2 * TEXT_COLUMNS)
#define FIRST_BAR_CELL 2     /* player one's bar: columns 2 to 12; player two's is its mirror image */
#define LAST_BAR_CELL 29
#define TIMER_CELL 14
#define FIRST_PIP 12
#define LOW_HEALTH 44
#define TILE_BAR 64          /* 9 tiles: 0 to 8 pixels full, from the left */
#define TILE_PIP_EMPTY 74
#define TILE_PIP_WON 75

#define COLOR_BITS 0x1C      /* of a cell's attributes */

static const char* const signs[] = { "FIGHT!", "K.O.", "TIME" };
static const u8 sign_columns[] = { 10, 12, 12 };
static char round_sign[] = "ROUND 1";

void draw_hud_frame(void) {
  put_text(text_top + NAME_ROW + FIRST_BAR_CELL, "ROOK", COLOR_WHITE);
  put_text(text_top + NAME_ROW + LAST_BAR_CELL - 3, "WREN", COLOR_WHITE);
}

/* One bar: the rightmost tile of player one's (the leftmost of player two's) is the last to empty. The text rows are
   written as bytes, a cell's tile and then its attributes: cc65 makes much faster code of a byte's index. */
static void draw_bar(struct fighter* fighter) {
  static u8 i, at, step, left, trail, attributes, trail_attributes, pixels;
  left = fighter->health == KNOCKED_OUT ? 0 : fighter->health;
  trail = fighter->trail;
  if (trail > left) fighter->trail = --trail;
  attributes = CELL(0, left < LOW_HEALTH ? COLOR_BAR_LOW : COLOR_BAR) >> 8;
  if (fighter->index) {
    at = (BAR_ROW + LAST_BAR_CELL - BAR_TILES + 1) * 2;
    step = 1;
  } else {
    at = (BAR_ROW + FIRST_BAR_CELL + BAR_TILES - 1) * 2;
    step = -3;
    attributes |= CELL_FLIPPED >> 8;
  }
  trail_attributes = (attributes & ~COLOR_BITS) | COLOR_BAR_TRAIL << 2;
  for (i = 0; i < BAR_TILES; ++i) { /* left and trail: what is in the tiles from here on */
    if (left >= HEALTH_IN_TILE) {
      pixels = 8;
      left -= HEALTH_IN_TILE;
    } else {
      pixels = (u8)(left + 1) >> 1;
      left = 0;
    }
    text_top_bytes[at] = TILE_BAR + pixels;
    ++at;
    text_top_bytes[at] = pixels != 8 && trail ? trail_attributes : attributes;
    at += step;
    trail = trail >= HEALTH_IN_TILE ? trail - HEALTH_IN_TILE : 0;
  }
}

static u16 pip(u8 won) {
  return won ? CELL(TILE_PIP_WON, COLOR_GOLD) : CELL(TILE_PIP_EMPTY, COLOR_DIM);
}

static void draw_digit(u16* upper, u8 digit) {
  static u16 cell;
  cell = CELL(TILE_BIG_LETTERS + (digit << 2), COLOR_WHITE);
  upper[0] = cell;
  upper[1] = cell + 1;
  upper[TEXT_COLUMNS] = cell + 2;
  upper[TEXT_COLUMNS + 1] = cell + 3;
}

void hud_frame(void) {
  draw_bar(PLAYER_ONE);
  draw_bar(PLAYER_TWO);
  draw_digit(text_top + BAR_ROW + TIMER_CELL, timer >> 4);
  draw_digit(text_top + BAR_ROW + TIMER_CELL + 2, timer & 15);
  text_top[NAME_ROW + FIRST_PIP] = pip(rounds_won_one > 0);
  text_top[NAME_ROW + FIRST_PIP - 1] = pip(rounds_won_one > 1);
  text_top[NAME_ROW + TEXT_COLUMNS - 1 - FIRST_PIP] = pip(rounds_won_two > 0);
  text_top[NAME_ROW + TEXT_COLUMNS - FIRST_PIP] = pip(rounds_won_two > 1);
}

void show_round_sign(void) {
  clear_middle();
  round_sign[6] = '0' + round_number;
  put_big_text(text_middle + 9, round_sign, COLOR_GOLD);
}

void show_sign(u8 sign) {
  clear_middle();
  put_big_text(text_middle + sign_columns[sign], signs[sign], sign == SIGN_KNOCK_OUT ? COLOR_RED : COLOR_GOLD);
}

void show_winner(void) {
  clear_middle();
  if (rounds_won_one == rounds_won_two) {
    put_big_text(text_middle + 7, "DRAW GAME", COLOR_WHITE);
  } else {
    put_big_text(text_middle + 7, rounds_won_one > rounds_won_two ? "ROOK WINS" : "WREN WINS", COLOR_GOLD);
  }
}

void hide_sign(void) {
  clear_middle();
}
