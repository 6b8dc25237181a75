#ifndef HERO_H
#define HERO_H
#include "game.h"

/* The hero is drawn 16 wide and 24 high; what can be hit is narrower, and lower while it ducks. */
#define HERO_HEIGHT 24
#define BOX_LEFT 3
#define BOX_RIGHT 12
#define BOX_TOP_STANDING 3
#define BOX_TOP_DUCKED 11

extern u16 hero_x;                      /* sixteenths of a pixel: the high byte is the column */
extern u16 hero_y;                      /* 1/256 pixel: the high byte is the line */
extern s8 speed_x;                      /* sixteenths of a pixel a picture */
extern s16 speed_y;                     /* 1/256 pixel a picture */
extern u8 grounded, ducked, screen_x, box_top;

void hero_begin(void);
void hero_move(void);
void hero_touch(void);
void hero_place(void);
void hero_bounce(void);
void hero_die(void);
void hero_fall_dead(void);
void hero_celebrate(void);
void hero_draw(void);
void hero_stand_on(u8 line, s8 carried);

#endif
