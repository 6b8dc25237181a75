/* The projectiles: one in flight a fighter; two that meet destroy each other. */

#include "projectile.h"

#include "effects.h"
#include "fighter.h"

#define SPEED 3
#define HAND 30      /* where one appears, in front of the fighter */
#define LEFT_END 8
#define RIGHT_END 247
#define MEETING 12

u8 projectile_left[2];

u8 projectile_flies(u8 index) {
  return projectile_x[index] != 0;
}

void remove_projectiles(void) {
  projectile_x[0] = projectile_x[1] = 0;
  incoming[0] = incoming[1] = 255;
}

void throw_projectile(void) {
  static int x;
  x = me->facing ? me->x - HAND : me->x + HAND;
  if (x < LEFT_END) x = LEFT_END;
  if (x > RIGHT_END) x = RIGHT_END;
  projectile_x[me->index] = x;
  projectile_left[me->index] = me->facing;
}

static void move_one(u8 index) {
  static u8 x;
  x = projectile_x[index];
  if (!x) return;
  if (projectile_left[index]) {
    x = x <= LEFT_END + SPEED ? 0 : x - SPEED;
  } else {
    x = x >= RIGHT_END - SPEED ? 0 : x + SPEED;
  }
  projectile_x[index] = x;
}

static u8 distance_to(u8 x, u8 projectile) {
  if (!projectile) return 255;
  return x > projectile ? x - projectile : projectile - x;
}

void move_projectiles(void) {
  move_one(0);
  move_one(1);
  if (projectile_x[0] && projectile_x[1] && distance_to(projectile_x[0], projectile_x[1]) <= MEETING) {
    show_spark(((u16)projectile_x[0] + projectile_x[1]) >> 1, FLOOR_Y - PROJECTILE_BOTTOM, SPARK_BLOCK);
    projectile_x[0] = projectile_x[1] = 0;
  }
  incoming[0] = distance_to(PLAYER_ONE->x, projectile_x[1]);
  incoming[1] = distance_to(PLAYER_TWO->x, projectile_x[0]);
}
