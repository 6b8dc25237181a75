#include "fade.h"

#include "game.h"
#include "scenery.h"
#include "vdp.h"

enum { STEP = 2 };

static void dim(u16 level) {
    game_frame();
    for (u16 palette = 0; palette < 4; palette++)
        vdp_dim_palette(palette, scenery_colours() + (palette << 4), level);
}

void fade_out(void) {
    for (u16 level = FULL_LIGHT; level; level -= STEP)
        dim(level - STEP);
    vdp_show(0);
}

void fade_in(void) {
    dim(0);
    vdp_show(1);
    for (u16 level = STEP; level <= FULL_LIGHT; level += STEP)
        dim(level);
}
