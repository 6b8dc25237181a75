/* The hero: a small robot on one wheel, who runs, jumps and curls up into a ball. */
#ifndef HERO_H
#define HERO_H

#include "types.h"

enum HeroState { HERO_PLAYING, HERO_DYING, HERO_ARRIVED };

struct Hero {
    s32 x, y;   /* centre of the feet, in 1/65536 pixel: see HERO_X */
    s16 vx, vy; /* 1/256 pixel a frame */
    u8 state;
    u8 is_on_ground;
    u8 is_curled; /* rolling, or ducking where it stands */
    u8 is_jumping; /* by its own power: letting go of the button cuts the jump short */
    u8 looks_left;
    u8 jump_wanted; /* frames for which a press is remembered */
    u8 may_still_jump; /* frames since it left an edge */
    u8 invulnerable;
    u8 state_frames;
    s8 slope;
    u16 stride; /* what turns the wheel */
    const struct Thing *platform; /* stood on, or 0 */
};
extern struct Hero hero;

/* Pixels are the upper words. (With the pixels in the middle of the long, GCC 12 for -m68000 reads a word from an odd
 * address, which a 68000 cannot.) */
#define HERO_X ((s16)(hero.x >> 16))
#define HERO_Y ((s16)(hero.y >> 16))

enum { HERO_HALF_WIDTH = 7, HERO_TALL = 26, HERO_CURLED = 13 };

void hero_start(u16 x, u16 y);
void hero_tick(void);
void hero_draw(s16 camera_x, s16 camera_y, u16 ticks);

s16 hero_height(void);
void hero_bounce(s16 vy);
void hero_hurt(s16 from_x);
void hero_die(void);

#endif
