/* Score, coins, lives and time, and the line that shows them. */
#include "status.h"
#include "hero.h"
#include "level.h"
#include "levels.h"
#include "picture.h"
#include "sound.h"
#include "tiles.h"

#define TIME_UNIT 24            /* pictures */
#define COINS_FOR_A_LIFE 50

static u8 clock;

void status_reset_game(void) {
  static u8 i;
  LIVES = 2;
  COINS = 0;
  for (i = 0; i < 6; ++i) SCORE[i] = 0;
}

void status_begin_level(void) {
  static u8 i;
  for (i = 0; i < 3; ++i) TIME[i] = level_times[level_number][i];
  clock = TIME_UNIT;
}

void status_clear(void) {
  static u8 i;
  for (i = 0; i < 28; ++i) status_line[i] = TILE_SPACE;
}

void add_score(u8 digit, u8 amount) {
  static u8 i;
  i = digit;
  SCORE[i] += amount;
  while (SCORE[i] > 9) {
    SCORE[i] -= 10;
    if (i == 0) return;
    --i;
    ++SCORE[i];
  }
}

void add_coin(void) {
  add_score(3, 2);
  sound_coin();
  if (++COINS == COINS_FOR_A_LIFE) {
    COINS = 0;
    if (LIVES < 9) ++LIVES;
  }
}

/* One unit less; false if none was left. */
static u8 take_time(void) {
  static u8 i;
  if (!(TIME[0] | TIME[1] | TIME[2])) return 0;
  i = 2;
  while (TIME[i] == 0) {
    TIME[i] = 9;
    --i;
  }
  --TIME[i];
  return 1;
}

static void show(void) {
  static u8 i, ones, tens;
  for (i = 0; i < 6; ++i) status_line[i] = TILE_0 + SCORE[i];
  status_line[8] = TILE_COIN_ICON;
  ones = COINS;
  tens = 0;
  while (ones > 9) {
    ones -= 10;
    ++tens;
  }
  status_line[9] = TILE_0 + tens;
  status_line[10] = TILE_0 + ones;
  status_line[13] = TILE_1 + LEVEL_HIGH;
  status_line[14] = TILE_DASH;
  status_line[15] = TILE_1 + LEVEL_LOW;
  status_line[18] = TILE_CLOCK_ICON;
  status_line[19] = TILE_0 + TIME[0];
  status_line[20] = TILE_0 + TIME[1];
  status_line[21] = TILE_0 + TIME[2];
  status_line[25] = TILE_LIFE_ICON;
  status_line[26] = (s8)LIVES < 0 ? TILE_DASH : TILE_0 + LIVES;
  status_ready = 1;
}

void status_tick(void) {
  if (HERO_STATE == PLAYING) {
    if (--clock == 0) {
      clock = TIME_UNIT;
      if (!take_time()) hero_die();
    }
  } else if (HERO_STATE == REACHED_GOAL) {
    if (take_time()) add_score(4, 1);
    if (take_time()) add_score(4, 1);
    if (take_time()) add_score(4, 1);
    if (take_time()) add_score(4, 1);
  }
  show();
}
