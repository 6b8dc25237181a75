/* The variables at fixed addresses (memory.s): what an integration (../data.json) reads, laid out as Street Fighter II Turbo's. */

#ifndef MEMORY_H
#define MEMORY_H

#include "console.h"

#define FULL_HEALTH 176
#define KNOCKED_OUT 0xFF /* what health reads from the knock-out until the next round */

/* One fighter's page: player one's at 0x0500, player two's at 0x0700. */
struct fighter {
  u8 pose;            /* 00 the drawing, see poses.txt */
  u8 facing;          /* 01 0 right, 1 left */
  u8 move;            /* 02 the attack under way, see moves.h */
  u8 status;          /* 03 what the fighter does: an enum status */
  u8 clock;           /* 04 frames since the status began */
  u8 busy;            /* 05 frames until the fighter can act again; 0: free */
  u8 x;               /* 06 centre, 0 left to 255 right */
  u8 x_high;          /* 07 always 0, so that x may be read as two bytes */
  u8 unused_08;
  u8 y;               /* 09 line of the feet: FLOOR_Y on the ground, less in the air */
  u8 y_high;          /* 0A always 0 */
  u8 index;           /* 0B 0 player one, 1 player two */
  u8 connected;       /* 0C the attack under way has hit something */
  u8 invincible;      /* 0D frames in which nothing hits */
  s8 slide;           /* 0E knock-back, pixels a frame */
  s8 drift;           /* 0F sideways speed of a jump or fall, pixels a frame */
  int height;         /* 10 above the ground, in 1/16 pixel */
  int rise;           /* 12 upward speed, in 1/16 pixel a frame */
  u16 pad;            /* 14 what the player (or the computer) presses */
  u8 trail;           /* 16 health that the bar still shows in red */
  u8 hit;             /* 17 this frame: what struck the fighter, see hits.c */
  u8 foe_x;           /* 18 where the other fighter was when the frame began */
  u8 unused_19[0x30 - 0x19];
  u8 health;          /* 30 176 down to 0; KNOCKED_OUT */
  u8 unused_31[0xF2 - 0x31];
  u8 round_over;      /* F2 0 while the round lasts, then a result */
};

extern struct fighter player_one, player_two;
#define PLAYER_ONE (&player_one)
#define PLAYER_TWO (&player_two)

enum result { RESULT_NONE, RESULT_LOST, RESULT_WON, RESULT_DRAWN };

enum status {
  STANDING, WALKING, CROUCHING, TAKING_OFF, JUMPING, ATTACKING, AIR_ATTACKING, CASTING,
  BLOCKING, HIT, FALLING, LYING, OUT, CHEERING
};

/* At 0x189B player two's, then player one's. No array: of two conditional increments through one constant pointer,
   cc65 2.18 drops the second's load of the pointer. The index is a constant. */
extern u8 rounds_won_one, rounds_won_two;
extern u8 timer;           /* BCD, 0x99 down to 0 */
extern u8 projectile_x[2]; /* of player one, of player two; 0: none flies */
extern u8 incoming[2];     /* distance of the other's projectile from the fighter; 255: none */
extern u8 difficulty;      /* an enum difficulty_level; may be changed at any time */
extern u8 mode;            /* an enum game_mode */
extern u8 scene;           /* an enum scene_name */
extern u8 round_number;
extern u16 ticks;          /* pictures prepared */
extern u16 random_bits;
/* 0x1A14: frames that were not ready in time, always 0; 0x1A1A: pictures shown (both vblank.s) */

enum difficulty_level { EASY, NORMAL, HARD };
enum game_mode { ONE_PLAYER, TWO_PLAYERS };
enum scene_name { SCENE_TITLE, SCENE_CARD, SCENE_READY, SCENE_FIGHT, SCENE_ROUND_OVER, SCENE_MATCH_OVER };

#endif
