/* The background: strips of a picture on plane B, each moving at its own speed behind the act. */
#ifndef SCENERY_H
#define SCENERY_H

#include "types.h"

struct Strip {
    u8 lines;
    u8 drift;  /* moves by itself: pixels a frame, in 1/64 */
    s16 speed; /* of its first line: pixels a pixel of the camera, in 1/256 */
    s16 speed_a_line; /* faster with each line: ground that comes nearer */
};

struct Scenery {
    const u32 *tiles;
    u16 tile_count;
    const u16 *cells; /* 64 x 28 */
    const struct Strip *strips;
    u8 strip_count;
    const u16 *colours; /* of all four palettes */
    const u32 *ripples; /* four pictures of a pool's surface */
};

void scenery_load(u8 zone); /* all but the colours: fade_in shows those */
const u16 *scenery_colours(void);
void scenery_animate(u16 ticks); /* cells turn, pools ripple; call in the vertical blank */
void scenery_scroll(s16 camera_x, s16 camera_y, u16 ticks);

#endif
