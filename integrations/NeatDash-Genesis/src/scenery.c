#include "scenery.h"

#include "assets.h"
#include "vdp.h"

static const struct Scenery *scenery = sceneries;

void scenery_load(u8 zone) {
    const u16 *cell;
    scenery = &sceneries[zone];
    cell = scenery->cells;
    vdp_load_tiles(scenery->tiles, TILE_ZONE, scenery->tile_count);
    for (u16 row = 0; row < SCREEN_HEIGHT / 8; row++)
        for (u16 column = 0; column < PLANE_COLUMNS; column++)
            vdp_cell(VRAM_PLANE_B, column, row, *cell++);
}

const u16 *scenery_colours(void) {
    return scenery->colours;
}

/* One of the two in turn, every fourth frame: 128 bytes. */
void scenery_animate(u16 ticks) {
    u16 picture = ticks >> 3 & 3;
    if ((ticks & 7) == 0)
        vdp_load_tiles(common_tiles + ((TILE_CELL + picture * 4) << 3), TILE_CELL, 4);
    else if ((ticks & 7) == 4)
        vdp_load_tiles(scenery->ripples + picture * 4 * 8, TILE_POOL, 4);
}

void scenery_scroll(s16 camera_x, s16 camera_y, u16 ticks) {
    s16(*line)[2] = line_scroll;
    const struct Strip *strip = scenery->strips;
    for (u16 left = scenery->strip_count; left; left--, strip++) {
        s16 speed = strip->speed;
        s16 drift = (s16)(((u32)ticks * strip->drift) >> 6);
        s16 offset = -(s16)(((s32)camera_x * speed) >> 8) - drift;
        for (u16 lines = strip->lines; lines; lines--, line++) {
            if (strip->speed_a_line) {
                offset = -(s16)(((s32)camera_x * speed) >> 8) - drift;
                speed += strip->speed_a_line;
            }
            (*line)[0] = -camera_x;
            (*line)[1] = offset;
        }
    }
    vertical_scroll[0] = camera_y;
    vertical_scroll[1] = 0;
}
