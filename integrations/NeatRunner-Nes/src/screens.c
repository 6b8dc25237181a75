/* The screens between the levels: title, cards, game over, victory. */
#include "screens.h"
#include "hero.h"
#include "level.h"
#include "palettes.h"
#include "picture.h"
#include "sound.h"
#include "sprites.h"
#include "tiles.h"

#define CARD_PICTURES 60
#define GAME_OVER_PICTURES 120
#define DEMO_X 56

static void blank(u8 theme) {
  picture_off();
  set_palette(theme);
  fill_screens(' ' - ' ');
  camera = 0;
  scroll_sky();
  sprites_begin();
  sprites_end();
}

static void next_picture(void) {
  static u8 held;
  held = pad;
  wait_frame();
  pressed = pad & ~held;
  ++age;
}

static void draw_runner(u8 x, u8 y) {
  sprite_x = x;
  sprite_y = y;
  sprite_look = 0;
  sprite_rows = 3;
  switch ((LOW(age) >> 2) & 3) {
    case 0: sprite_tile = SPRITE_HERO_RUN_0; break;
    case 1: sprite_tile = SPRITE_HERO_RUN_1; break;
    case 2: sprite_tile = SPRITE_HERO_RUN_2; break;
    default: sprite_tile = SPRITE_HERO_RUN_3;
  }
  sprite_block();
}

u8 title_screen(void) {
  static u8 chosen;
  blank(0);
  draw_sky(0);
  draw_text(12, 11, "NEATRUNNER");
  draw_text(18, 11, "LEVEL 1-1");
  draw_text(22, 10, "PRESS START");
  chosen = 0;
  age = 0;
  pad = 0xFF;
  picture_on();
  for (;;) {
    next_picture();
    if (pressed & (PAD_RIGHT | PAD_UP)) chosen = (chosen + 1) & 7;
    if (pressed & (PAD_LEFT | PAD_DOWN)) chosen = (chosen - 1) & 7;
    if (pressed & (PAD_START | PAD_A)) return chosen;
    if (pressed & (PAD_RIGHT | PAD_UP | PAD_LEFT | PAD_DOWN)) sound_menu();
    sprites_begin();
    draw_runner(DEMO_X, 120);
    sprites_end();
  }
}

static void show_for(u8 pictures) {
  age = 0;
  picture_on();
  while (LOW(age) != pictures) next_picture();
}

void card_screen(void) {
  static char text[] = "LEVEL 1-1";
  static char lives[] = "X 2";
  blank(level_number);
  text[6] = '1' + LEVEL_HIGH;
  text[8] = '1' + LEVEL_LOW;
  lives[2] = '0' + LIVES;
  draw_text(12, 11, text);
  draw_text(16, 16, lives);
  sprites_begin();
  draw_runner(104, 116);
  sprites_end();
  show_for(CARD_PICTURES);
}

void game_over_screen(void) {
  blank(level_number);
  draw_text(13, 11, "GAME OVER");
  show_for(GAME_OVER_PICTURES);
}

void victory_screen(void) {
  blank(0);
  draw_text(12, 7, "ALL LEVELS LEARNED");
  show_for(240);
}
