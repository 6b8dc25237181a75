/* Who strikes whom: first every blow of this frame is found, then all are dealt, so that neither player comes first. */

#include "hits.h"

#include "effects.h"
#include "fighter.h"
#include "moves.h"
#include "projectile.h"

#define NOT_HIT 0          /* otherwise `hit` is 1 + the move that struck */
#define STANDING_TOP 52
#define CROUCHING_TOP 34
#define AIRBORNE_BOTTOM 8  /* legs drawn up */
#define AIRBORNE_TOP 50
#define CHIP_DAMAGE 2      /* of a blocked projectile */
#define HIT_STOP 6
#define KNOCK_OUT_STOP 16

/* Does something between two heights above the floor meet the body of `foe`? */
static u8 meets_foe(int bottom, int top) {
  static int feet;
  if (foe->invincible || foe->health == KNOCKED_OUT) return 0;
  feet = foe->height >> 4;
  if (feet) return bottom <= feet + AIRBORNE_TOP && top >= feet + AIRBORNE_BOTTOM;
  if (foe->status == CROUCHING || (foe->status == ATTACKING && foe->move >= LOW_LIGHT)) return bottom <= CROUCHING_TOP;
  return bottom <= STANDING_TOP;
}

static u8 in_front(void) {
  return me->x == foe->x || me->facing == (me->x > foe->x);
}

/* Finds the blow that `me` lands on `foe` in this frame. */
static void find_blow(void) {
  static u8 move, since;
  static int feet;
  if (me->connected || (me->status != ATTACKING && me->status != AIR_ATTACKING) || !me->busy) return;
  move = me->move;
  since = me->clock - move_startup[move];
  if (me->clock < move_startup[move] || since >= move_active[move]) return;
  if (!in_front() || distance_between() > move_reach[move]) return;
  feet = me->height >> 4;
  if (meets_foe(feet + move_bottom[move], feet + move_top[move])) foe->hit = 1 + move;
}

/* The same for the projectile of `me`. */
static void find_projectile(void) {
  if (incoming[foe->index] > PROJECTILE_REACH || foe->hit) return;
  if (meets_foe(PROJECTILE_BOTTOM, PROJECTILE_TOP)) foe->hit = 1 + CAST;
}

static u8 blocks(u8 move) {
  if (is_airborne() || (!is_free() && me->status != BLOCKING) || !holds_away()) return 0;
  if (move_guard[move] == GUARD_LOW) return (me->pad & BUTTON_DOWN) != 0;
  if (move_guard[move] == GUARD_HIGH) return (me->pad & BUTTON_DOWN) == 0;
  return 1;
}

static void lose_health(u8 damage) {
  if (me->health > damage) {
    me->health -= damage;
  } else {
    me->health = KNOCKED_OUT;
    hit_stop = KNOCK_OUT_STOP;
  }
}

/* Knock-back: `me` slides away, or the attacker does where `me` has its back to the wall. */
static void knock_back(u8 move) {
  static s8 push;
  push = move_push[move];
  if (foe->x == me->x ? me->facing == 0 : foe->x > me->x) push = -push;
  if (move != CAST && foe->hit == NOT_HIT && (push < 0 ? me->x == LEFT_WALL : me->x == RIGHT_WALL)) {
    foe->slide = -push;
  } else {
    me->slide = push;
  }
}

static void fall(u8 move) {
  me->rise = 64;
  if (!me->height) me->height = 1;
  me->drift = foe->x > me->x || (foe->x == me->x && !me->facing) ? -1 : 1;
  enter(FALLING, 0);
  me->move = move;
}

/* `me` takes the blow that find_blow() or find_projectile() noted. */
static void take_blow(void) {
  static u8 move, spark_height;
  if (me->hit == NOT_HIT) return;
  move = me->hit - 1;
  if (move == CAST) {
    projectile_x[foe->index] = 0;
    incoming[me->index] = 255;
    spark_height = PROJECTILE_TOP;
  } else {
    foe->connected = 1;
    spark_height = move_bottom[move] + (foe->height >> 4) + 6;
  }
  if (hit_stop < HIT_STOP) hit_stop = HIT_STOP;
  if (blocks(move)) {
    show_spark(me->x + foe->x >> 1, FLOOR_Y - spark_height, SPARK_BLOCK);
    enter(BLOCKING, move_block_stun[move]);
    if (move == CAST) lose_health(CHIP_DAMAGE);
    knock_back(move);
  } else {
    show_spark(me->x + foe->x >> 1, FLOOR_Y - spark_height, SPARK_HIT);
    lose_health(move_damage[move]);
    if (me->health == KNOCKED_OUT || is_airborne() || move_knocks_down[move]) {
      fall(move);
    } else {
      enter(HIT, move_stun[move]);
    }
    knock_back(move);
  }
  if (me->health == KNOCKED_OUT && me->status == BLOCKING) fall(move);
}

void resolve_hits(void) {
  PLAYER_ONE->hit = PLAYER_TWO->hit = NOT_HIT;
  turn_to(0);
  find_blow();
  find_projectile();
  turn_to(1);
  find_blow();
  find_projectile();
  take_blow();
  turn_to(0);
  take_blow();
}
