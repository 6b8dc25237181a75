/* What every part of the game shares: types, variables at fixed places, numbers of the world.
   Local variables are static all over the game: cc65 reaches its stack only through a pointer, at thrice the cost. */
#ifndef GAME_H
#define GAME_H

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned int u16;
typedef signed int s16;

#define BYTE(address) (*(volatile u8 *)(address))
#define LOW(word) (((u8 *)&(word))[0])
#define HIGH(word) (((u8 *)&(word))[1])

/* Variables that stable-retro's data.json names, where Super Mario Bros. keeps its own. */
#define CAMERA_PAGE BYTE(0x071A)
#define CAMERA_LOW BYTE(0x071C)
#define LIVES BYTE(0x075A)
#define LEVEL_LOW BYTE(0x075C)
#define COINS BYTE(0x075E)
#define LEVEL_HIGH BYTE(0x075F)
#define SCROLLING BYTE(0x0778)          /* pixels that the camera moved in this picture */
#define SCORE ((u8 *)0x07DD)            /* six digits, a byte each */
#define TIME ((u8 *)0x07F8)             /* three digits */

/* More of the hero for whoever reads RAM. */
#define HERO_STATE BYTE(0x000E)
#define HERO_PAGE BYTE(0x006D)          /* position in the level: page * 256 + low */
#define HERO_LOW BYTE(0x0086)
#define HERO_TOP BYTE(0x00CE)           /* pixels from the top of the picture */

/* For those who check that the game keeps up: both count pictures of play, and must stay equal. */
#define TICKS_LOW BYTE(0x0700)
#define TICKS_HIGH BYTE(0x0701)
#define PICTURES_LOW BYTE(0x0702)
#define PICTURES_HIGH BYTE(0x0703)
#define LEAST_SLACK BYTE(0x0704)        /* turns of the waiting loop (124 CPU cycles) in the level's busiest picture */

#define GATE_OPEN BYTE(0x0705)          /* the switch of the level has been touched */

/* Pad, from bit 7: A B SELECT START UP DOWN LEFT RIGHT. */
#define PAD_A 0x80
#define PAD_B 0x40
#define PAD_SELECT 0x20
#define PAD_START 0x10
#define PAD_UP 0x08
#define PAD_DOWN 0x04
#define PAD_LEFT 0x02
#define PAD_RIGHT 0x01

enum { PLAYING, DYING, REACHED_GOAL };

#define FIRST_ROW 5                     /* the playing field's first row of squares; above are status and sky */
#define LEVELS_PER_WORLD 4

extern u8 frames, pad, video_on, slack;
#pragma zpsym("frames")
#pragma zpsym("pad")
#pragma zpsym("video_on")
#pragma zpsym("slack")

extern u8 pressed;                      /* buttons that went down in this picture */
extern u8 fast;                         /* 1 in the second world: what moves is faster */
extern u16 camera;                      /* left edge of the picture, in pixels */
extern u16 age;                         /* pictures since the level began */

void wait_frame(void);

#endif
