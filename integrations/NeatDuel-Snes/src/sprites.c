/* Sprites. A fighter is four sprites of 32 x 32 whose drawing vblank.s uploads; the rest are 16 x 16.

   https://snes.nesdev.org/wiki/OAM: 128 entries of 4 bytes, then 2 bits each (ninth bit of x, size). */

#include "sprites.h"

#include "camera.h"
#include "effects.h"
#include "fighter.h"
#include "poses.h"
#include "projectile.h"

#define OAM ((u8*)0x0200)
#define OAM_HIGH ((u8*)0x0400)
#define HIDDEN_Y 0xF0
#define FLIPPED 0x40
#define PRIORITY 0x20
#define PALETTE(n) ((n) << 1)
#define SMALL 0
#define BIG 1

#define ANCHOR 24          /* column of a fighter's centre in its drawing */
#define DRAWING 64
#define HIDDEN 128

enum slot { SLOT_SPARKS = 0, SLOT_PROJECTILES = 2, SLOT_FIGHTERS = 4, SLOT_SHADOWS = 12, SLOT_COUNT = 16 };

static const u8 ninth_bit[4] = { 0x01, 0x04, 0x10, 0x40 };
static const u8 size_bit[4] = { 0x02, 0x08, 0x20, 0x80 };
static u8 uploaded[2];

static void put(u8 slot, int x, u8 y, u8 tile, u8 attributes, u8 size) {
  static u8* entry;
  static u8 high;
  entry = OAM + ((u16)slot << 2);
  entry[0] = x;
  entry[1] = y - 1; /* sprites appear a line below their y */
  entry[2] = tile;
  entry[3] = attributes | PRIORITY;
  high = OAM_HIGH[slot >> 2] & ~(ninth_bit[slot & 3] | size_bit[slot & 3]);
  if (x < 0 || x > 255) high |= ninth_bit[slot & 3];
  if (size) high |= size_bit[slot & 3];
  OAM_HIGH[slot >> 2] = high;
}

static void hide(u8 slot) {
  OAM[((u16)slot << 2) + 1] = HIDDEN_Y;
}

void hide_sprites(void) {
  static u8 slot;
  for (slot = 0; slot < 128; ++slot) hide(slot);
  uploaded[0] = uploaded[1] = 0xFF;
}

static void draw_fighter(struct fighter* fighter) {
  static u8 slot, tile, y, attributes, pose;
  static int front, back;
  pose = fighter->pose;
  if (pose != uploaded[fighter->index]) {
    uploaded[fighter->index] = pose;
    upload_pending[fighter->index] = 1;
    upload_bank[fighter->index] = FIRST_DRAWING_BANK + (pose >> 4) + (fighter->index ? 2 : 0);
    upload_page[fighter->index] = 0x80 + ((pose & 15) << 3);
  }
  slot = SLOT_FIGHTERS + (fighter->index << 2);
  tile = fighter->index << 6;
  attributes = PALETTE(fighter->index);
  y = fighter->y + 1 - DRAWING;
  front = (int)fighter->x - camera;
  if (fighter->facing) {
    front += ANCHOR + 1 - DRAWING / 2;
    back = front - DRAWING / 2;
    attributes |= FLIPPED;
  } else {
    front -= ANCHOR;
    back = front + DRAWING / 2;
  }
  put(slot, front, y, tile, attributes, BIG);
  put(slot + 1, back, y, tile + 4, attributes, BIG);
  put(slot + 2, front, y + DRAWING / 2, tile + 8, attributes, BIG);
  put(slot + 3, back, y + DRAWING / 2, tile + 12, attributes, BIG);
  slot = SLOT_SHADOWS + (fighter->index << 1);
  put(slot, (int)fighter->x - camera - 16, FLOOR_Y - 6, TILE_SHADOW, PALETTE(2), SMALL);
  put(slot + 1, (int)fighter->x - camera, FLOOR_Y - 6, TILE_SHADOW, PALETTE(2) | FLIPPED, SMALL);
}

static void draw_projectile(u8 index) {
  if (!projectile_x[index]) {
    hide(SLOT_PROJECTILES + index);
    return;
  }
  put(SLOT_PROJECTILES + index, (int)projectile_x[index] - camera - 8, FLOOR_Y - PROJECTILE_TOP - 2,
      TILE_PROJECTILE + ((ticks >> 1 & 2)), PALETTE(2 + index) | (projectile_left[index] ? FLIPPED : 0), SMALL);
}

static void draw_spark(u8 index) {
  if (!spark_kind[index]) {
    hide(SLOT_SPARKS + index);
    return;
  }
  put(SLOT_SPARKS + index, (int)spark_x[index] - camera - 8, spark_y[index] - 8,
      (spark_kind[index] == SPARK_HIT ? TILE_SPARK : TILE_BLOCK_SPARK) + (spark_clock[index] > SPARK_FRAMES / 2 ? 2 : 0),
      PALETTE(2), SMALL);
}

void sprites_frame(void) {
  draw_fighter(PLAYER_ONE);
  draw_fighter(PLAYER_TWO);
  draw_projectile(0);
  draw_projectile(1);
  draw_spark(0);
  draw_spark(1);
}
