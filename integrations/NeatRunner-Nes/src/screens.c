/* The screens between the levels: title, cards, game over, victory. All are a landscape with the hero running. */
#include "screens.h"
#include "hero.h"
#include "level.h"
#include "levels.h"
#include "palettes.h"
#include "picture.h"
#include "sound.h"
#include "sprites.h"
#include "status.h"
#include "tiles.h"

#define CARD_PICTURES 64
#define GAME_OVER_PICTURES 120
#define VICTORY_PICTURES 250
#define HILLS_ROW 18
#define GROUND_ROW 24
#define RUNNER_X 72
#define CHASER_X 32
#define STARTS 8                /* two worlds of four levels */
#define TITLE_THEME 4
#define LOGO_TOP 4
#define LOGO_LEFT 6

static void landscape(u8 theme) {
  picture_off();
  set_palette(theme);
  fill_screens(TILE_SPACE);
  draw_sky(theme, HILLS_ROW);
  draw_ground(GROUND_ROW);
  camera = 0;
  age = 0;
  put_status(14);
  status_clear();
}

static void next_picture(void) {
  static u8 held;
  held = pad;
  wait_frame();
  pressed = pad & ~held;
  ++age;
}

/* The hero, and who is after it. */
static void draw_runner(void) {
  sprites_begin();
  sprite_x = RUNNER_X;
  sprite_y = GROUND_ROW * 8 - HERO_HEIGHT;
  sprite_look = 0;
  sprite_rows = 3;
  switch ((LOW(age) >> 2) & 3) {
    case 0: sprite_tile = SPRITE_HERO_RUN_0; break;
    case 1: sprite_tile = SPRITE_HERO_RUN_1; break;
    case 2: sprite_tile = SPRITE_HERO_RUN_2; break;
    default: sprite_tile = SPRITE_HERO_RUN_3;
  }
  sprite_block();
  sprite_x = CHASER_X;
  sprite_y = GROUND_ROW * 8 - 16;
  sprite_look = 1 | MIRRORED;
  sprite_rows = 2;
  sprite_tile = (LOW(age) & 8) ? SPRITE_WALKER_0 : SPRITE_WALKER_1;
  sprite_block();
  sprites_end();
}

static void run_on(void) {
  next_picture();
  camera += 2;
  sound_tune(level_number, LOW(age));
  scroll_sky();
  draw_runner();
}

static void begin(void) {
  scroll_sky();
  draw_runner();
  picture_on();
}

static void write_status(u8 left, const char *text) {
  while (*text) status_line[left++] = *text++ - ' ';
  status_ready = 1;
}

/* The name in big letters and a palette of its own. */
static void draw_logo(void) {
  static u8 row;
  set_band_palette(LOGO_TOP, 0xAA);
  for (row = 0; row < LOGO_ROWS; ++row) draw_tiles(LOGO_TOP + row, LOGO_LEFT, logo + row * LOGO_WIDTH, LOGO_WIDTH);
}

u8 title_screen(void) {
  static char text[] = "< LEVEL 1-1 >";
  static u8 chosen;
  level_number = 0;
  landscape(TITLE_THEME);
  draw_logo();
  draw_text(10, 5, "A NETWORK LEARNS TO RUN");
  chosen = 0;
  pad = 0xFF;                   /* buttons that are still held do not count */
  begin();
  for (;;) {
    run_on();
    if (pressed & (PAD_RIGHT | PAD_UP)) chosen = (chosen + 1) & (STARTS - 1);
    if (pressed & (PAD_LEFT | PAD_DOWN)) chosen = (chosen - 1) & (STARTS - 1);
    if (pressed & (PAD_RIGHT | PAD_UP | PAD_LEFT | PAD_DOWN)) {
      LOW(age) = 20;            /* show the level at once */
      sound_menu();
    }
    if (pressed & (PAD_START | PAD_A)) return chosen;
    text[8] = '1' + (chosen >> 2);
    text[10] = '1' + (chosen & 3);
    write_status(8, (LOW(age) & 63) < 20 ? " PRESS START " : text);
  }
}

static void run_for(u8 pictures) {
  begin();
  while (LOW(age) != pictures) run_on();
}

void card_screen(void) {
  static char text[] = "LEVEL 1-1";
  static char lives[] = "$ X 2";
  level_number = LEVEL_LOW;
  landscape(level_number);
  text[6] = '1' + LEVEL_HIGH;
  text[8] = '1' + LEVEL_LOW;
  lives[4] = '0' + LIVES;
  draw_text(6, 11, text);
  draw_text(9, level_name_lefts[LEVEL_LOW], level_names[LEVEL_LOW]);
  draw_text(13, 13, lives);
  run_for(CARD_PICTURES);
}

void game_over_screen(void) {
  landscape(level_number);
  draw_text(9, 11, "GAME OVER");
  run_for(GAME_OVER_PICTURES);
}

void victory_screen(void) {
  landscape(0);
  draw_text(7, 8, "EVERY LEVEL RUN!");
  draw_text(10, 6, "THE NETWORK HAS LEARNT");
  run_for(VICTORY_PICTURES);
}
