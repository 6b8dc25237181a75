/* What a fighter does by itself: obey its pad, move, fall, get up. */

#ifndef FIGHTER_H
#define FIGHTER_H

#include "memory.h"

#define FLOOR_Y 200
#define LEFT_WALL 20
#define RIGHT_WALL 235 /* the mirror image of the left one: 255 - x turns a fight around */

/* The fighter at work and the one it fights, set by turn_to(). */
extern struct fighter *me, *foe;
#pragma zpsym("me")
#pragma zpsym("foe")

void turn_to(u8 index);

void reset_fighter(u8 index);            /* to its place and pose at the start of a round */
void enter(u8 status, u8 busy);          /* `me` begins a status that ends after `busy` frames (0: by itself) */
void fighter_frame(void);                /* one frame of `me`: its pad, its movement */
u8 distance_between(void);               /* of the two centres */
u8 is_free(void);                        /* `me` stands, walks or crouches */
u8 is_airborne(void);
u8 holds_away(void);                     /* `me` presses the direction away from the foe */
void push_apart(void);                   /* both: bodies do not overlap, nor leave the stage */

#endif
