/* The computer's fighter. It presses buttons like a player, and it sees late: what the foe does reaches it after
   `reaction_delay` frames. News of the foe may change its mind at once (react); otherwise it carries out a plan for
   some frames and then draws another one that suits the distance (choose_plan). */

#include "computer.h"

#include "fighter.h"
#include "moves.h"
#include "projectile.h"
#include "random.h"

/* By difficulty: easy, normal, hard. Odds are of 256. */
static const u8 reaction_delay[3] = { 20, 11, 7 };   /* frames, less than SIGHTS */
static const u8 guard_odds[3]     = { 50, 170, 235 };  /* to guard against a blow that it sees coming */
static const u8 dodge_odds[3]     = { 80, 190, 240 };  /* to do something about a projectile */
static const u8 anti_air_odds[3]  = { 30, 130, 215 };  /* to strike at who comes through the air */
static const u8 punish_odds[3]    = { 30, 160, 235 };  /* to strike while the foe recovers */
static const u8 rest_frames[3]    = { 26, 6, 2 };      /* of doing nothing between two plans */

/* What can be seen of a fighter. */
enum sight { CALM, STRIKES_HIGH, STRIKES_LOW, RECOVERS, CASTS, FLIES, REELS };
#define SIGHTS 32 /* a power of two */

enum plan { REST, APPROACH, RETREAT, GUARD, GUARD_LOWER, DUCK, DO_LIGHT, DO_HEAVY, DO_SWEEP, DO_CAST, JUMP_IN, JUMP_UP,
            ANTI_AIR, PUNISH };

#define SWEEP_RANGE 48
#define HEAVY_RANGE 52
#define LIGHT_RANGE 42
#define NEAR 64    /* distances: blows reach, or nearly so */
#define MIDDLE 124 /* a jump reaches */
#define DODGE_RANGE 46
#define PUNISH_RANGE 84
#define FEAR_RANGE 78

static u8 sights[SIGHTS];
static u8 now;           /* index of this frame's sight */
static u8 seen;          /* what the foe did `reaction_delay` frames ago */
static u8 plan, plan_frames;
static u8 projectile_seen; /* the computer has decided what to do about it */
static u8 distance;
static u16 toward, away;

void reset_computer(void) {
  static u8 i;
  for (i = 0; i < SIGHTS; ++i) sights[i] = CALM;
  seen = CALM;
  plan = REST;
  plan_frames = 0;
  projectile_seen = 0;
}

static u8 sight_of_foe(void) {
  switch (foe->status) {
    case ATTACKING:
      if (foe->clock >= move_startup[foe->move] + move_active[foe->move]) return RECOVERS;
      return foe->move == SWEEP ? STRIKES_LOW : STRIKES_HIGH;
    case CASTING: return CASTS;
    case JUMPING:
    case AIR_ATTACKING: return FLIES;
    case HIT:
    case FALLING:
    case LYING: return REELS;
    default: return CALM;
  }
}

/* Returns whether the foe is seen to do something new. */
static u8 look(void) {
  static u8 before;
  before = seen;
  now = (now + 1) & (SIGHTS - 1);
  sights[now] = sight_of_foe();
  seen = sights[(now - reaction_delay[difficulty]) & (SIGHTS - 1)];
  distance = distance_between();
  toward = me->x > foe->x ? BUTTON_LEFT : BUTTON_RIGHT;
  away = toward ^ (BUTTON_LEFT | BUTTON_RIGHT);
  return seen != before;
}

static u8 decides_to(const u8* odds) {
  return random_byte() < odds[difficulty];
}

static void set_plan(u8 next, u8 frames) {
  plan = next;
  plan_frames = frames;
}

static void dodge(void) {
  if (!projectile_x[foe->index]) {
    projectile_seen = 0;
  } else if (!projectile_seen && incoming[me->index] <= DODGE_RANGE) {
    projectile_seen = 1;
    if (!decides_to(dodge_odds)) return;
    switch (random_byte() & 3) {
      case 0: set_plan(GUARD, 16); break;
      case 1: set_plan(DUCK, 14); break;
      default: set_plan(JUMP_IN, 1);
    }
  }
}

static void react(u8 news) {
  dodge();
  if (!news) return;
  switch (seen) {
    case STRIKES_HIGH:
      if (distance < FEAR_RANGE && decides_to(guard_odds)) set_plan(GUARD, 14);
      break;
    case STRIKES_LOW:
      if (distance < FEAR_RANGE && decides_to(guard_odds)) set_plan(GUARD_LOWER, 14);
      break;
    case RECOVERS:
    case CASTS:
      if (distance < PUNISH_RANGE && foe->busy && decides_to(punish_odds)) set_plan(PUNISH, 18);
      break;
    case FLIES:
      if (distance < MIDDLE) {
        if (decides_to(anti_air_odds)) {
          set_plan(ANTI_AIR, 30);
        } else if (decides_to(guard_odds)) {
          set_plan(GUARD, 30);
        }
      }
  }
}

static void choose_plan(void) {
  static u8 dice;
  dice = random_byte();
  if (plan != REST && rest_frames[difficulty] && !(dice & 1)) {
    set_plan(REST, rest_frames[difficulty]);
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
  } else {
    if (dice < 60) set_plan(DO_SWEEP, 1);
    else if (dice < 110) set_plan(DO_HEAVY, 1);
    else if (dice < 150) set_plan(distance <= LIGHT_RANGE ? DO_LIGHT : APPROACH, 1);
    else if (dice < 210) set_plan(GUARD, 16);
    else if (dice < 240) set_plan(GUARD_LOWER, 16);
    else set_plan(RETREAT, 16);
  }
}

/* The buttons of a plan, for a fighter who is free. */
static u16 carry_out(void) {
  switch (plan) {
    case APPROACH: return distance > LIGHT_RANGE - 2 ? toward : 0;
    case RETREAT:
    case GUARD: return away;
    case GUARD_LOWER: return away | BUTTON_DOWN;
    case DUCK: return BUTTON_DOWN;
    case DO_LIGHT: return BUTTON_Y;
    case DO_HEAVY: return BUTTON_X;
    case DO_SWEEP: return BUTTON_DOWN | BUTTON_X;
    case DO_CAST: return BUTTON_A;
    case JUMP_IN: return BUTTON_UP | toward;
    case JUMP_UP: return BUTTON_UP;
    case ANTI_AIR:
      if (foe->height == 0) plan_frames = 0;
      return distance < HEAVY_RANGE + 10 && foe->rise < 0 ? BUTTON_X : 0;
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
  static u8 news;
  news = look();
  if (!is_free() || me->busy) return carry_on();
  react(news);
  if (!plan_frames) choose_plan();
  --plan_frames;
  return carry_out();
}
