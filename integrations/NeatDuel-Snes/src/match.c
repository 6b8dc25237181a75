/* Rounds and matches. A drawn round counts for both, so a match ends after three rounds at the latest. */

#include "match.h"

#include "computer.h"
#include "effects.h"
#include "fighter.h"
#include "hits.h"
#include "hud.h"
#include "memory.h"
#include "projectile.h"
#include "random.h"
#include "scenes.h"

#define READY_FRAMES 72
#define FIGHT_SIGN_FRAMES 24   /* of READY_FRAMES, the last ones */
#define COUNT_FRAMES 24        /* a count of the timer: 99 of them are 40 seconds */
#define ROUND_OVER_FRAMES 112
#define MATCH_OVER_FRAMES 240
#define ROUNDS_TO_WIN 2

static u8 clock;
static u8 count_clock;

static void begin_round(void) {
  reset_fighter(0);
  reset_fighter(1);
  remove_projectiles();
  reset_effects();
  reset_computer();
  timer = 0x99;
  count_clock = 0;
  clock = 0;
  ++round_number;
  show_round_sign();
  scene = SCENE_READY;
}

void begin_match(void) {
  rounds_won_one = 0;
  rounds_won_two = 0;
  round_number = 0;
  begin_round();
}

static void fighters_frame(void) {
  if (hit_stop) {
    --hit_stop;
    return;
  }
  PLAYER_ONE->foe_x = PLAYER_TWO->x;
  PLAYER_TWO->foe_x = PLAYER_ONE->x;
  turn_to(1);
  fighter_frame();
  turn_to(0);
  fighter_frame();
  push_apart();
  move_projectiles();
  resolve_hits();
  effects_frame();
}

static void read_pads(void) {
  stir_random();
  PLAYER_ONE->pad = pads[0];
  if (mode == TWO_PLAYERS) {
    PLAYER_TWO->pad = pads[1];
  } else {
    turn_to(1);
    PLAYER_TWO->pad = computer_pad();
  }
}

void ready_frame(void) {
  ++clock;
  stir_random();
  if (clock == READY_FRAMES - FIGHT_SIGN_FRAMES) show_sign(SIGN_FIGHT);
  if (clock == READY_FRAMES) {
    hide_sign();
    scene = SCENE_FIGHT;
  }
}

static void count_down(void) {
  if (++count_clock < COUNT_FRAMES) return;
  count_clock = 0;
  timer = timer & 0x0F ? timer - 1 : timer - 7; /* BCD: 0x90 - 7 is 0x89 */
}

static u8 health_left(struct fighter* fighter) {
  return fighter->health == KNOCKED_OUT ? 0 : fighter->health;
}

static void end_round(void) {
  static u8 one, two;
  one = health_left(PLAYER_ONE);
  two = health_left(PLAYER_TWO);
  if (one >= two) ++rounds_won_one;
  if (two >= one) ++rounds_won_two;
  if (one == two) {
    PLAYER_ONE->round_over = PLAYER_TWO->round_over = RESULT_DRAWN;
  } else {
    PLAYER_ONE->round_over = one > two ? RESULT_WON : RESULT_LOST;
    PLAYER_TWO->round_over = two > one ? RESULT_WON : RESULT_LOST;
  }
  show_sign(one && two ? SIGN_TIME : SIGN_KNOCK_OUT);
  clock = 0;
  scene = SCENE_ROUND_OVER;
}

void fight_frame(void) {
  read_pads();
  fighters_frame();
  count_down();
  if (!timer || !health_left(PLAYER_ONE) || !health_left(PLAYER_TWO)) end_round();
}

static void cheer(u8 index) {
  turn_to(index);
  if (me->round_over == RESULT_WON && is_free() && !me->busy && clock > 40) enter(CHEERING, 255);
}

void round_over_frame(void) {
  stir_random();
  PLAYER_ONE->pad = PLAYER_TWO->pad = 0;
  remove_projectiles();
  fighters_frame();
  cheer(0);
  cheer(1);
  if (++clock < ROUND_OVER_FRAMES) return;
  if (rounds_won_one < ROUNDS_TO_WIN && rounds_won_two < ROUNDS_TO_WIN) {
    begin_round();
    return;
  }
  show_winner();
  clock = 0;
  scene = SCENE_MATCH_OVER;
}

void match_over_frame(void) {
  ++clock;
  fighters_frame();
  if (clock == MATCH_OVER_FRAMES || (clock > 30 && (pads[0] | pads[1]) & BUTTON_START)) enter_title();
}
