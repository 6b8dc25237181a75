/* Everything that moves beside the hero: enemies, hazards and platforms. All of it follows from the level's map and
   from `age`, so a level is the same every time. */
#include "actors.h"
#include "hero.h"
#include "level.h"
#include "levels.h"
#include "sound.h"
#include "sprites.h"
#include "squares.h"
#include "status.h"
#include "tiles.h"

#define SLOTS 6                 /* the busiest picture of all levels leaves a quarter of its cycles */
#define NOBODY 0xFF
#define OUT_OF_SIGHT 0xE0       /* low byte of -32: further left is gone */
#define PHASE 0x80              /* in a map's kind: half a period later */

#define CRUSHER_LOOSE 40        /* parts of a crusher's period of 128 pictures */
#define CRUSHER_SHAKES 26
#define CRUSHER_RISES 88
#define JET_WARNS 64
#define JET_BURNS 80

static u8 kind[SLOTS], column[SLOTS], sub[SLOTS], top[SLOTS], home[SLOTS], reach[SLOTS], phase[SLOTS], rest[SLOTS];
static s8 speed[SLOTS];
static u8 shown[SLOTS], left[SLOTS];    /* in the picture, and where */
static u8 next_spawn;
static const u8 *spawn_columns, *spawn_rows, *spawn_kinds;

static const u8 bob[32] = {0, 1, 3, 4, 6, 7, 8, 9, 10, 11, 11, 12, 12, 12, 11, 11,
                           10, 9, 8, 7, 6, 4, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0};
static const u8 hop[24] = {5, 10, 14, 18, 22, 25, 28, 31, 33, 35, 36, 37, 37, 36, 35, 33, 31, 28, 25, 22, 18, 14, 10, 5};

void actors_begin(void) {
  static u8 i;
  for (i = 0; i < SLOTS; ++i) kind[i] = NOBODY;
  next_spawn = 0;
  spawn_columns = level_spawns[level_number];
  spawn_rows = spawn_columns + level_spawn_counts[level_number] + 1;
  spawn_kinds = spawn_rows + level_spawn_counts[level_number] + 1;
}

static void spawn(u8 i) {
  static u8 range;
  kind[i] = spawn_kinds[next_spawn] & ~PHASE;
  phase[i] = (spawn_kinds[next_spawn] & PHASE) ? 64 : 0;
  column[i] = spawn_columns[next_spawn];
  sub[i] = 0;
  top[i] = (u8)(spawn_rows[next_spawn] << 4);
  home[i] = top[i];
  rest[i] = 0;
  reach[i] = column[i];
  shown[i] = 0;
  switch (kind[i]) {
    case ACTOR_WALKER:
      speed[i] = fast ? -14 : -8;
      break;
    case ACTOR_SPINY:
      speed[i] = fast ? -12 : -8;
      break;
    case ACTOR_FLYER:
      speed[i] = fast ? -24 : -16;
      break;
    case ACTOR_JET:                     /* burns two squares high */
      top[i] -= 16;
      break;
    case ACTOR_CRUSHER:                 /* falls as far as there is room */
      probe_column = column[i];
      range = 0;
      probe_y = top[i] + 32;
      while (probe_y < 224 && probe() != SOLID) {
        probe_y += 16;
        range += 16;
      }
      reach[i] = range;
      break;
  }
}

static void spawn_next(void) {
  static u8 i;
  if (spawn_columns[next_spawn] > (u8)(camera >> 4) + 17) return;
  for (i = 0; i < SLOTS; ++i) {
    if (kind[i] == NOBODY) {
      spawn(i);
      ++next_spawn;
      return;
    }
  }
}

static void creep(u8 i) {
  static u16 x;
  LOW(x) = sub[i];
  HIGH(x) = column[i];
  x += speed[i];
  sub[i] = LOW(x);
  column[i] = HIGH(x);
}

/* Walk along the ground; turn at walls and ledges. */
static void walk(u8 i) {
  static u8 ahead;
  ahead = column[i];
  if (speed[i] > 0) ++ahead;
  probe_column = ahead;
  probe_y = top[i] + 8;
  if (probe() == EMPTY || probe() == COIN) {
    probe_y += 16;
    if (probe() == SOLID) {
      creep(i);
      return;
    }
  }
  speed[i] = -speed[i];
  creep(i);
}

static void touch_hero(u8 i, u8 height) {
  static u8 distance, bottom, y;
  distance = screen_x - left[i] + 11;
  if (distance > 22) return;
  y = top[i];
  bottom = HIGH(hero_y) + HERO_HEIGHT;
  if (bottom <= y + 3 || box_top >= (u8)(y + height - 2)) return;
  if (kind[i] <= LAST_STOMPABLE && speed_y > 0 && bottom < y + 13) {
    kind[i] = ACTOR_SQUASHED;
    rest[i] = 24;
    hero_bounce();
    add_score(3, 1);
    sound_stomp();
    return;
  }
  hero_die();
}

static void carry(u8 i, s8 moved) {
  static u8 bottom, distance;
  if (speed_y < 0) return;
  distance = screen_x - left[i] + 11;
  if (distance > 38) return;            /* 32 pixels wide */
  bottom = HIGH(hero_y) + HERO_HEIGHT;
  if (bottom + 3 < top[i] || bottom > top[i] + 6) return;
  hero_stand_on(top[i], moved);
}

static void tick(u8 i) {
  static u8 t, y;
  static s8 moved;
  static u16 x;
  t = (LOW(age) + phase[i]) & 0x7F;
  moved = 0;
  switch (kind[i]) {
    case ACTOR_WALKER:
    case ACTOR_SPINY:
      walk(i);
      break;
    case ACTOR_FLYER:
      creep(i);
      top[i] = home[i] + bob[(t >> 1) & 31];
      break;
    case ACTOR_HOPPER:
      t &= 63;
      top[i] = t < 40 ? home[i] : home[i] - hop[t - 40];
      break;
    case ACTOR_CRUSHER:
      if (t < CRUSHER_LOOSE) {
        y = 0;
      } else if (t < CRUSHER_RISES) {
        y = (u8)((t - CRUSHER_LOOSE) << 3);
        if (y > reach[i]) y = reach[i];
      } else {
        y = (u8)((t - CRUSHER_RISES) << 1);
        y = y < reach[i] ? reach[i] - y : 0;
      }
      top[i] = home[i] + y;
      break;
    case ACTOR_SLIDER:                  /* a platform to the right and back, 64 pixels */
    case ACTOR_LIFT:                    /* a platform up and down */
      if (t >= 64) {
        t = 127 - t;
        moved = t == 63 ? 0 : -1;
      } else {
        moved = t == 0 ? 0 : 1;
      }
      if (kind[i] == ACTOR_SLIDER) {
        column[i] = reach[i] + (t >> 4);
        sub[i] = (u8)(t << 4);
      } else {
        top[i] = home[i] - t;
        moved = 0;
      }
      break;
    case ACTOR_SQUASHED:
      if (--rest[i] == 0) kind[i] = NOBODY;
      break;
  }
  LOW(x) = (u8)(column[i] << 4) | (sub[i] >> 4);
  HIGH(x) = column[i] >> 4;
  x -= camera;
  left[i] = LOW(x);
  shown[i] = HIGH(x) == 0;
  if (HIGH(x) == 0xFF && LOW(x) < OUT_OF_SIGHT) {
    kind[i] = NOBODY;
    return;
  }
  if (!shown[i] || HERO_STATE != PLAYING) return;
  switch (kind[i]) {
    case ACTOR_SLIDER:
    case ACTOR_LIFT:
      carry(i, moved);
      break;
    case ACTOR_CRUSHER:
      touch_hero(i, 32);
      break;
    case ACTOR_JET:
      if (t >= JET_BURNS) touch_hero(i, 32);
      break;
    case ACTOR_SQUASHED:
      break;
    default:
      touch_hero(i, 16);
  }
}

void actors_tick(void) {
  static u8 i;
  spawn_next();
  for (i = 0; i < SLOTS; ++i) {
    if (kind[i] != NOBODY) tick(i);
  }
}

static void draw(u8 i) {
  static u8 t, beat;
  beat = LOW(age) & 8;
  t = (LOW(age) + phase[i]) & 0x7F;
  sprite_x = left[i];
  sprite_y = top[i];
  sprite_rows = 2;
  sprite_look = speed[i] > 0 ? 1 | MIRRORED : 1;
  switch (kind[i]) {
    case ACTOR_WALKER:
      sprite_tile = beat ? SPRITE_WALKER_0 : SPRITE_WALKER_1;
      break;
    case ACTOR_SPINY:
      sprite_look = speed[i] > 0 ? 2 | MIRRORED : 2;
      sprite_tile = beat ? SPRITE_SPINY_0 : SPRITE_SPINY_1;
      break;
    case ACTOR_FLYER:
      sprite_look = 2;
      sprite_tile = beat ? SPRITE_FLYER_0 : SPRITE_FLYER_1;
      break;
    case ACTOR_HOPPER:
      sprite_look = 1;
      sprite_tile = top[i] == home[i] ? SPRITE_HOPPER_0 : SPRITE_HOPPER_1;
      break;
    case ACTOR_SQUASHED:
      sprite_tile = SPRITE_SQUASHED;
      break;
    case ACTOR_CRUSHER:
      if (t >= CRUSHER_SHAKES && t < CRUSHER_LOOSE && (t & 2)) ++sprite_x;          /* shakes before it falls */
      sprite_look = 3;
      sprite_tile = SPRITE_CRUSHER;
      sprite_rows = 4;
      break;
    case ACTOR_JET:
      if (t < JET_WARNS) return;
      sprite_look = 2;
      sprite_rows = 4;
      if (t < JET_BURNS) {
        if (t & 2) return;
        sprite_y += 16;
        sprite_rows = 2;
        sprite_tile = SPRITE_SPARK;
      } else {
        sprite_tile = (t & 4) ? SPRITE_FLAME_0 : SPRITE_FLAME_1;
      }
      break;
    default:
      sprite_look = 3;
      sprite_tile = SPRITE_PLATFORM;
      sprite_rows = 1;
      sprite_block();
      if (sprite_x >= 240) return;
      sprite_x += 16;
      sprite_y = top[i];
      sprite_tile = SPRITE_PLATFORM;
      sprite_rows = 1;
      sprite_look = 3 | MIRRORED;
  }
  sprite_block();
}

/* Who comes first in the list of sprites is drawn where more than eight share a scanline: take turns. */
void actors_draw(void) {
  static u8 i, n;
  i = LOW(age) & 3;
  for (n = 0; n < SLOTS; ++n) {
    if (kind[i] != NOBODY && shown[i]) draw(i);
    if (++i == SLOTS) i = 0;
  }
}
