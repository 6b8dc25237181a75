/* Which drawing shows what a fighter does. */

#include "poses.h"

#include "fighter.h"
#include "moves.h"

struct drawings { u8 windup, strike, recover; };

static const struct drawings attack_drawings[MOVE_COUNT] = {
  { POSE_LIGHT_1, POSE_LIGHT_2, POSE_LIGHT_1 },
  { POSE_HEAVY_1, POSE_HEAVY_2, POSE_HEAVY_3 },
  { POSE_LOW_LIGHT_1, POSE_LOW_LIGHT_2, POSE_LOW_LIGHT_1 },
  { POSE_SWEEP_1, POSE_SWEEP_2, POSE_SWEEP_3 },
  { POSE_JUMP_1, POSE_AIR_LIGHT, POSE_JUMP_2 },
  { POSE_JUMP_1, POSE_AIR_HEAVY, POSE_JUMP_2 },
  { POSE_CAST_1, POSE_CAST_2, POSE_CAST_2 },
};
static const u8 breathing[4] = { POSE_IDLE_1, POSE_IDLE_2, POSE_IDLE_3, POSE_IDLE_2 };
static const u8 steps[4] = { POSE_WALK_1, POSE_WALK_2, POSE_WALK_3, POSE_WALK_4 };

static u8 attack_pose(void) {
  static u8 since;
  if (me->status == AIR_ATTACKING && !me->busy) return POSE_JUMP_2;
  if (me->clock < move_startup[me->move]) return attack_drawings[me->move].windup;
  since = me->clock - move_startup[me->move];
  return since < move_active[me->move] + 2 ? attack_drawings[me->move].strike : attack_drawings[me->move].recover;
}

static u8 walking_pose(void) {
  static u8 step;
  step = (me->facing ? 255 - me->x : me->x) >> 3 & 3;
  return steps[step];
}

void choose_pose(void) {
  switch (me->status) {
    case WALKING: me->pose = walking_pose(); break;
    case CROUCHING: me->pose = me->pad & BUTTON_DOWN && holds_away() && foe->busy ? POSE_LOW_BLOCK : POSE_CROUCH; break;
    case TAKING_OFF: me->pose = POSE_CROUCH; break;
    case JUMPING: me->pose = me->rise > 0 ? POSE_JUMP_1 : POSE_JUMP_2; break;
    case ATTACKING:
    case CASTING:
    case AIR_ATTACKING: me->pose = attack_pose(); break;
    case BLOCKING: me->pose = me->pad & BUTTON_DOWN ? POSE_LOW_BLOCK : POSE_BLOCK; break;
    case HIT: me->pose = me->busy > 6 ? POSE_HIT_2 : POSE_HIT_1; break;
    case FALLING: me->pose = me->rise > 0 ? POSE_FALL_1 : POSE_FALL_2; break;
    case LYING: me->pose = me->busy > 8 ? POSE_LIE : POSE_CROUCH; break;
    case OUT: me->pose = POSE_LIE; break;
    case CHEERING: me->pose = POSE_CHEER; break;
    default: me->pose = breathing[ticks >> 4 & 3];
  }
}
