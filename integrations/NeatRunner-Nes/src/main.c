/* The order of things: title, card, level, and what follows a death or a goal. */
#include "game.h"
#include "actors.h"
#include "hero.h"
#include "level.h"
#include "picture.h"
#include "screens.h"
#include "sound.h"
#include "sprites.h"
#include "status.h"

#define DEATH_PICTURES 50
#define JOY_PICTURES 90
#define ANIMATION_SLOWNESS 3    /* background tiles change every 2^3 pictures */

u8 pressed, fast;
u16 age;

static u8 tile_bank_base, frames_before;

static void begin_level(void) {
  card_screen();
  picture_off();
  fast = LEVEL_HIGH != 0;
  fill_screens(0);
  set_palette(level_number);
  draw_sky(level_number, 4);
  put_status(2);
  status_clear();
  tile_bank_base = tile_bank;
  level_load();
  hero_begin();
  actors_begin();
  status_begin_level();
  age = 0;
  TICKS_LOW = TICKS_HIGH = PICTURES_LOW = PICTURES_HIGH = 0;
  LEAST_SLACK = 255;
  scroll_sky();
  sprites_begin();
  hero_draw();
  sprites_end();
  picture_on();
  frames_before = frames;
}

/* Both counts are of the pictures of this level; a tick that is late makes them differ. */
static void count_pictures(void) {
  static u8 came;
  came = frames - frames_before;
  frames_before = frames;
  PICTURES_LOW += came;
  if (PICTURES_LOW < came) ++PICTURES_HIGH;
  if (++TICKS_LOW == 0) ++TICKS_HIGH;
  if (slack < LEAST_SLACK) LEAST_SLACK = slack;
}

static void tick(void) {
  static u8 held;
  held = pad;
  wait_frame();
  count_pictures();
  pressed = pad & ~held;
  ++age;
  tile_bank = tile_bank_base | ((LOW(age) >> ANIMATION_SLOWNESS & 3) << 1);  /* a bank is two of 1K */
  if (HERO_STATE == PLAYING) {
    hero_move();
    hero_touch();
    level_scroll();
    hero_place();
    actors_tick();
    hero_place();
    sound_tune(level_number, LOW(age));
  } else if (HERO_STATE == DYING) {
    hero_fall_dead();
  } else {
    hero_celebrate();
    actors_tick();
  }
  status_tick();
  sprites_begin();
  hero_draw();
  actors_draw();
  sprites_end();
}

static void play_level(void) {
  static u8 left;
  begin_level();
  while (HERO_STATE == PLAYING) tick();
  for (left = HERO_STATE == DYING ? DEATH_PICTURES : JOY_PICTURES; left; --left) tick();
  CAMERA_PAGE = 0;
  CAMERA_LOW = 0;
  SCROLLING = 0;
}

static void play_game(u8 first) {
  status_reset_game();
  LEVEL_HIGH = first >> 2;
  LEVEL_LOW = first & 3;
  for (;;) {
    play_level();
    if (HERO_STATE == DYING) {
      if ((s8)LIVES >= 0) continue;
      game_over_screen();
      return;
    }
    if (++LEVEL_LOW == LEVELS_PER_WORLD) {
      LEVEL_LOW = 0;
      if (++LEVEL_HIGH == 2) {
        victory_screen();
        return;
      }
    }
  }
}

void main(void) {
  sound_begin();
  LIVES = 2;
  for (;;) play_game(title_screen());
}
