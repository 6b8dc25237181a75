/* Sprites. A fighter is four sprites of 32 x 32 whose drawing vblank.s uploads; the rest are 16 x 16.

   https://snes.nesdev.org/wiki/OAM: 128 entries of 4 bytes, then 2 bits each (ninth bit of x, size). */

#include "sprites.h"

#include "camera.h"
#include "effects.h"
#include "fighter.h"
#include "poses.h"
#include "projectile.h"

#define HIDDEN_Y 0xF0
#define FLIPPED 0x40
#define PRIORITY 0x20
#define PALETTE(n) ((n) << 1)
#define SMALL 0
#define BIG 0x80

#define ANCHOR 24          /* column of a fighter's centre in its drawing */
#define DRAWING 64

static u8 uploaded[2];

/* Sprites are written one after the other, from these; globals, as cc65's arguments are slow. */
static int sprite_x;
static u8 sprite_y, sprite_tile, sprite_attributes, sprite_size;
static u8 next;      /* byte of the table */
static u8 high_bits; /* of the high table, for four sprites */

static void put(void) {
  oam[next] = sprite_x;
  ++next;
  oam[next] = sprite_y - 1; /* sprites appear a line below their y */
  ++next;
  oam[next] = sprite_tile;
  ++next;
  oam[next] = sprite_attributes;
  ++next;
  high_bits = high_bits >> 2 | sprite_size;
  if (sprite_x & 0x100) high_bits |= 0x40; /* bit 8 of x: also of a negative one */
  if (!(next & 0x0F)) oam_high[(u8)(next - 1) >> 4] = high_bits;
}

static void put_nothing(void) {
  sprite_y = HIDDEN_Y;
  put();
}

void hide_sprites(void) {
  static u8 i;
  i = 1;
  do {
    oam[i] = oam_rest[i] = HIDDEN_Y;
    i += 4;
  } while (i != 1);
  uploaded[0] = uploaded[1] = 0xFF;
}

/* Has vblank.s copy another drawing where the pose has changed. */
static void show_pose(u8 index, u8 pose) {
  if (pose == uploaded[index]) return;
  uploaded[index] = pose;
  upload_bank[index] = FIRST_DRAWING_BANK + (pose >> 4) + (index << 1);
  upload_page[index] = 0x80 + ((pose & 15) << 3);
  upload_pending[index] = 1;
}

static void draw_fighter(struct fighter* fighter) {
  static u8 tile, facing;
  static int inner, outer;
  show_pose(fighter->index, fighter->pose);
  tile = fighter->index << 6;
  facing = fighter->facing;
  inner = (int)fighter->x - camera;
  sprite_attributes = PALETTE(fighter->index) | PRIORITY;
  if (facing) {
    inner += ANCHOR + 1 - DRAWING / 2;
    outer = inner - DRAWING / 2;
    sprite_attributes |= FLIPPED;
  } else {
    inner -= ANCHOR;
    outer = inner + DRAWING / 2;
  }
  sprite_y = fighter->y + 2 - DRAWING;
  sprite_x = inner;
  sprite_tile = tile;
  put();
  sprite_x = outer;
  sprite_tile = tile + 4;
  put();
  sprite_y += DRAWING / 2;
  sprite_tile = tile + 12;
  put();
  sprite_x = inner;
  sprite_tile = tile + 8;
  put();
}

static void draw_shadow(u8 x) {
  sprite_y = FLOOR_Y - 6;
  sprite_x = (int)x - camera - 16;
  sprite_attributes = PALETTE(2) | PRIORITY;
  sprite_tile = TILE_SHADOW;
  put();
  sprite_x += 16;
  sprite_attributes |= FLIPPED;
  put();
}

static void draw_projectile(u8 index) {
  if (!projectile_x[index]) {
    put_nothing();
    return;
  }
  sprite_x = (int)projectile_x[index] - camera - 8;
  sprite_y = FLOOR_Y - PROJECTILE_TOP - 2;
  sprite_attributes = PALETTE(2 + index) | PRIORITY;
  if (projectile_left[index]) sprite_attributes |= FLIPPED;
  sprite_tile = ticks & 4 ? TILE_PROJECTILE : TILE_PROJECTILE_2;
  put();
}

static void draw_spark(u8 index) {
  if (!spark_kind[index]) {
    put_nothing();
    return;
  }
  sprite_x = (int)spark_x[index] - camera - 8;
  sprite_y = spark_y[index] - 8;
  sprite_attributes = PALETTE(2) | PRIORITY;
  sprite_tile = spark_kind[index] == SPARK_HIT ? TILE_SPARK : TILE_BLOCK_SPARK;
  if (spark_clock[index] > SPARK_FRAMES / 2) sprite_tile += 2; /* the second picture is the next one */
  put();
}

void sprites_frame(void) {
  next = 0;
  sprite_size = SMALL;
  draw_spark(0);
  draw_spark(1);
  draw_projectile(0);
  draw_projectile(1);
  sprite_size = BIG;
  draw_fighter(PLAYER_ONE);
  draw_fighter(PLAYER_TWO);
  sprite_size = SMALL;
  draw_shadow(PLAYER_ONE->x);
  draw_shadow(PLAYER_TWO->x);
}

void draw_cursor(u8 x, u8 y) {
  sprite_x = x;
  sprite_y = y;
  sprite_attributes = PALETTE(2) | PRIORITY;
  sprite_tile = TILE_CURSOR;
  put();
  put_nothing(); /* the high table takes four at a time */
  put_nothing();
  put_nothing();
}
