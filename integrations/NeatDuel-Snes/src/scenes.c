/* The title, where UP and DOWN choose and START begins, and the card before a match. */

#include "scenes.h"

#include "hud.h"
#include "match.h"
#include "memory.h"
#include "random.h"
#include "screen.h"
#include "sprites.h"
#include "text.h"

#define MENU_ITEMS 4       /* three difficulties against the computer, then two players */
#define MENU_ROW 17
#define MENU_COLUMN 11
#define CARD_FRAMES 90

static const char* const menu[MENU_ITEMS] = { "EASY", "NORMAL", "HARD", "TWO PLAYERS" };
static u8 chosen;
static u16 pressed_before;
static u8 clock;

/* Buttons that went down since the last call. */
static u16 newly_pressed(void) {
  static u16 now, fresh;
  now = pads[0] | pads[1];
  fresh = now & ~pressed_before;
  pressed_before = now;
  return fresh;
}

void enter_title(void) {
  static u8 i;
  screen_off();
  clear_text();
  hide_sprites();
  load_title();
  for (i = 0; i < MENU_ITEMS; ++i) write_text(MENU_COLUMN, MENU_ROW + (i << 1), menu[i], COLOR_WHITE);
  screen_on();
  chosen = NORMAL;
  pressed_before = 0xFFFF; /* what is held from before is not new */
  scene = SCENE_TITLE;
}

static void begin_card(void) {
  mode = chosen == 3 ? TWO_PLAYERS : ONE_PLAYER;
  difficulty = chosen == 3 ? NORMAL : chosen;
  seed_random();
  screen_off();
  clear_text();
  hide_sprites();
  write_text(9, 13, "ROOK  VS  WREN", COLOR_WHITE);
  write_text(13, 16, menu[chosen], COLOR_GOLD);
  screen_on();
  clock = 0;
  scene = SCENE_CARD;
}

void title_frame(void) {
  static u16 pressed;
  pressed = newly_pressed();
  if (pressed & (BUTTON_DOWN | BUTTON_SELECT)) chosen = chosen == MENU_ITEMS - 1 ? 0 : chosen + 1;
  if (pressed & BUTTON_UP) chosen = chosen ? chosen - 1 : MENU_ITEMS - 1;
  if (pressed & BUTTON_START) begin_card();
}

void card_frame(void) {
  if (++clock < CARD_FRAMES) return;
  screen_off();
  clear_text();
  load_stage();
  draw_hud_frame();
  screen_on();
  begin_match();
}
