/* The computer's fighter. It presses buttons like a player, and it sees late: what the foe does reaches it after
   `reaction_delay` frames. News of the foe may change its mind at once (react); otherwise it carries out a plan for
   some frames and then draws another one that suits the distance (choose_plan). */

#include "computer.h"

#include "fighter.h"
#include "moves.h"
#include "projectile.h"
#include "random.h"

/* By difficulty: easy, normal, hard. Odds are of 256. */
static const u8 reaction_delay[3] = {  20,  11,   7 }; /* frames, less than SIGHTS */
static const u8 guard_odds[3]     = {  80, 170, 235 }; /* to guard against a blow that it sees coming */
static const u8 dodge_odds[3]     = { 100, 225, 245 }; /* to do something about a projectile */
static const u8 anti_air_odds[3]  = {  40, 130, 215 }; /* to strike at who comes through the air */
static const u8 punish_odds[3]    = {  50, 190, 235 }; /* to strike while the foe recovers */
static const u8 rest_frames[3]    = {  20,   6,   2 }; /* of doing nothing between two plans */

/* What can be seen of a fighter. */
enum sight { CALM, STRIKES_HIGH, STRIKES_LOW, RECOVERS, CASTS, FLIES };
#define SIGHTS 32 /* a power of two */

enum plan {
  REST, APPROACH, RETREAT, GUARD, GUARD_LOWER, DUCK, DO_LIGHT, DO_HEAVY, DO_SWEEP, DO_CAST, JUMP_IN, ANTI_AIR, PUNISH
};

/* Distances, in pixels. */
#define SWEEP_RANGE 48
#define HEAVY_RANGE 52
#define LIGHT_RANGE 42
#define NEAR 64            /* blows reach, or nearly so */
#define MIDDLE 124         /* a jump reaches */
#define FEAR_RANGE 78      /* a blow may be meant for the computer */
#define DODGE_RANGE 84     /* a projectile is near */
#define JUMP_OVER_RANGE 66 /* ... and may still be jumped over */
#define SLOW_MOVE 24       /* frames; a faster one is over before it can be punished */

static u8 sights[SIGHTS];
static u8 now;           /* index of this frame's sight */
static u8 news;          /* it does something new, and the computer was not free to react yet */
static u8 seen;          /* what the foe did `reaction_delay` frames ago */
static u8 plan, plan_frames;
static u8 projectile_seen; /* the computer has decided what to do about it */
static u8 level;         /* the difficulty; a byte that is none counts as hard */
static u8 distance;
static u16 toward, away;

void reset_computer(void) {
  static u8 i;
  for (i = 0; i < SIGHTS; ++i) sights[i] = CALM;
  seen = CALM;
  news = 0;
  plan = REST;
  plan_frames = 0;
  projectile_seen = 0;
}

static u8 sight_of_foe(void) {
  switch (foe->status) {
    case ATTACKING:
      if (foe->clock >= move_startup[foe->move] + move_active[foe->move]) {
        return move_total[foe->move] >= SLOW_MOVE ? RECOVERS : CALM;
      }
      return foe->move == SWEEP ? STRIKES_LOW : STRIKES_HIGH;
    case CASTING: return CASTS;
    case JUMPING:
    case AIR_ATTACKING: return FLIES;
    default: return CALM;
  }
}

static void look(void) {
  static u8 before;
  before = seen;
  now = (now + 1) & (SIGHTS - 1);
  sights[now] = sight_of_foe();
  seen = sights[(now - reaction_delay[level]) & (SIGHTS - 1)];
  distance = distance_between();
  toward = me->x > foe->x ? BUTTON_LEFT : BUTTON_RIGHT;
  away = toward ^ (BUTTON_LEFT | BUTTON_RIGHT);
  if (seen != before) news = 1;
}

static u8 decides_to(const u8* odds) {
  return random_byte() < odds[level];
}

static void set_plan(u8 next, u8 frames) {
  plan = next;
  plan_frames = frames;
}

/* A projectile comes: jump over it while there is time, otherwise duck or guard. */
static void dodge(void) {
  static u8 dice;
  if (!projectile_x[foe->index]) {
    projectile_seen = 0;
  } else if (!projectile_seen && incoming[me->index] <= DODGE_RANGE) {
    projectile_seen = 1;
    if (!decides_to(dodge_odds)) return;
    dice = random_byte();
    if (dice < 110 && incoming[me->index] >= JUMP_OVER_RANGE) set_plan(JUMP_IN, 1);
    else if (dice < 220) set_plan(DUCK, 30);
    else set_plan(GUARD, 30);
  }
}

/* The foe recovers for some frames yet: strike if there is time to get there. */
static void punish(u8 time_left) {
  if (distance > SWEEP_RANGE + time_left || !decides_to(punish_odds)) return;
  set_plan(PUNISH, 18);
}

static void react(void) {
  switch (seen) {
    case STRIKES_HIGH:
      if (distance < FEAR_RANGE && decides_to(guard_odds)) set_plan(GUARD, 14);
      break;
    case STRIKES_LOW:
      if (distance >= FEAR_RANGE || !decides_to(guard_odds)) break;
      if (distance > SWEEP_RANGE + 4 && random_byte() < 128) set_plan(JUMP_IN, 1);
      else set_plan(GUARD_LOWER, 14);
      break;
    case RECOVERS:
      punish(foe->busy);
      break;
    case CASTS:
      if (distance < NEAR + 10) punish(foe->busy);
      else if (distance < MIDDLE && decides_to(punish_odds)) set_plan(JUMP_IN, 1);
      break;
    case FLIES:
      if (distance >= MIDDLE) break;
      if (decides_to(anti_air_odds)) set_plan(ANTI_AIR, 30);
      else if (decides_to(guard_odds)) set_plan(GUARD, 30);
  }
}

static void choose_plan(void) {
  static u8 dice;
  dice = random_byte();
  if (plan != REST && rest_frames[level] && !(dice & 1)) {
    set_plan(REST, rest_frames[level]);
    return;
  }
  if (distance > MIDDLE) {
    if (dice < 120) set_plan(APPROACH, 20);
    else if (dice < 200) set_plan(DO_CAST, 1);
    else if (dice < 225) set_plan(JUMP_IN, 1);
    else set_plan(REST, 12);
  } else if (distance > NEAR) {
    if (dice < 120) set_plan(APPROACH, 14);
    else if (dice < 150) set_plan(DO_CAST, 1);
    else if (dice < 200) set_plan(JUMP_IN, 1);
    else if (dice < 230) set_plan(GUARD, 12);
    else set_plan(RETREAT, 12);
  } else if (distance > LIGHT_RANGE) {
    if (dice < 70) set_plan(DO_SWEEP, 1);
    else if (dice < 120) set_plan(DO_HEAVY, 1);
    else if (dice < 150) set_plan(APPROACH, 6);
    else if (dice < 200) set_plan(GUARD, 14);
    else if (dice < 226) set_plan(GUARD_LOWER, 14);
    else set_plan(RETREAT, 12);
  } else {
    if (dice < 80) set_plan(DO_LIGHT, 1);
    else if (dice < 110) set_plan(DO_SWEEP, 1);
    else if (dice < 190) set_plan(GUARD, 16);
    else if (dice < 220) set_plan(GUARD_LOWER, 14);
    else set_plan(RETREAT, 20);
  }
}

/* The buttons of a plan, for a fighter who is free. */
static u16 carry_out(void) {
  switch (plan) {
    case APPROACH: return distance > LIGHT_RANGE - 2 ? toward : 0;
    case RETREAT:
    case GUARD: return away;
    case GUARD_LOWER: return away | BUTTON_DOWN;
    case DUCK:
      if (!projectile_seen) plan_frames = 0;
      return BUTTON_DOWN;
    case DO_LIGHT: return BUTTON_Y;
    case DO_HEAVY: return BUTTON_X;
    case DO_SWEEP: return BUTTON_DOWN | BUTTON_X;
    case DO_CAST: return BUTTON_A;
    case JUMP_IN: return BUTTON_UP | toward;
    case ANTI_AIR: /* a kick takes until the foe comes down, a punch only the last moment */
      if (foe->height == 0) plan_frames = 0;
      if (distance > LIGHT_RANGE && distance < HEAVY_RANGE + 14 && foe->rise < 16 && foe->rise > -16) return BUTTON_X;
      if (foe->status == AIR_ATTACKING) return away;
      return distance < LIGHT_RANGE + 6 && foe->rise < 0 && foe->height < 44 * 16 ? BUTTON_Y : 0;
    case PUNISH:
      if (distance > SWEEP_RANGE) return toward;
      plan_frames = 0;
      return BUTTON_DOWN | BUTTON_X;
    default: return 0;
  }
}

/* In the air and in block stun a fighter is not free, but what it presses matters. */
static u16 carry_on(void) {
  if (me->status == JUMPING) return me->rise < 0 && distance < 56 ? BUTTON_X : 0;
  if (me->status == BLOCKING) return seen == STRIKES_LOW ? away | BUTTON_DOWN : away;
  return 0;
}

u16 computer_pad(void) {
  level = difficulty > HARD ? HARD : difficulty;
  look();
  if (!is_free() || me->busy) return carry_on();
  dodge();
  if (news) react();
  news = 0;
  if (!plan_frames) choose_plan();
  --plan_frames;
  return carry_out();
}
