/* The title, where UP and DOWN choose and START begins, and the card before a match. */

#include "scenes.h"

#include "effects.h"
#include "fighter.h"
#include "hud.h"
#include "match.h"
#include "memory.h"
#include "projectile.h"
#include "random.h"
#include "screen.h"
#include "sprites.h"
#include "text.h"

#define MENU_ITEMS 4       /* three difficulties against the computer, then two players */
#define TWO_PLAYERS_ITEM 3
#define MENU_ROW 13
#define MENU_COLUMN 11
#define CARD_FRAMES 100

static const char* const menu[MENU_ITEMS] = { "EASY", "NORMAL", "HARD", "TWO PLAYERS" };
u8 cursor_y;
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

static void put_on_stage(u8 x_one, u8 x_two) {
  reset_fighter(1);
  me->x = x_two;
  reset_fighter(0);
  me->x = x_one;
  remove_projectiles();
  reset_effects();
}

void enter_title(void) {
  static u8 i;
  screen_off();
  clear_text();
  hide_sprites();
  load_title();
  for (i = 0; i < MENU_ITEMS; ++i) write_text(MENU_COLUMN, MENU_ROW + (i << 1), menu[i], COLOR_WHITE);
  write_text(11, 23, "PRESS START", COLOR_GOLD);
  screen_on();
  put_on_stage(40, 215);
  chosen = NORMAL;
  pressed_before = 0xFFFF; /* what is held from before is not new */
  scene = SCENE_TITLE;
}

static void begin_card(void) {
  mode = chosen == TWO_PLAYERS_ITEM ? TWO_PLAYERS : ONE_PLAYER;
  difficulty = chosen == TWO_PLAYERS_ITEM ? NORMAL : chosen;
  seed_random();
  screen_off();
  clear_text();
  hide_sprites();
  load_stage();
  write_text(6, 5, "ROOK", COLOR_GOLD);
  write_text(22, 5, "WREN", COLOR_BLUE);
  write_text(13, 14, menu[chosen], COLOR_WHITE);
  write_text(9, 16, "BEST OF THREE", COLOR_WHITE);
  screen_on();
  put_big_text(text_middle + 14, "VS", COLOR_RED);
  put_on_stage(64, 191);
  clock = 0;
  scene = SCENE_CARD;
}

void title_frame(void) {
  static u16 pressed;
  pressed = newly_pressed();
  if (pressed & (BUTTON_DOWN | BUTTON_SELECT)) chosen = chosen == MENU_ITEMS - 1 ? 0 : chosen + 1;
  if (pressed & BUTTON_UP) chosen = chosen ? chosen - 1 : MENU_ITEMS - 1;
  cursor_y = (MENU_ROW << 3) - 4 + (chosen << 4);
  if (pressed & BUTTON_START) begin_card();
}

void card_frame(void) {
  if (++clock < CARD_FRAMES) return;
  screen_off();
  clear_text();
  draw_hud_frame();
  screen_on();
  begin_match();
}
