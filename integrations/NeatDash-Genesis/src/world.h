/* The act being played as a map of blocks of 16 x 16 pixels, and what of it is on the screen. */
#ifndef WORLD_H
#define WORLD_H

#include "types.h"

enum { BLOCK = 16, WORLD_ROWS = 20, WORLD_HEIGHT = WORLD_ROWS * BLOCK, MAX_COLUMNS = 640 };

/* A block's shape is one of these (pack.py knows which). Slopes are named as they go from left to right. */
enum Shape {
    SHAPE_AIR,
    SHAPE_FULL,
    SHAPE_LEDGE, /* solid for who comes from above */
    SHAPE_STEEP_UP,
    SHAPE_STEEP_DOWN,
    SHAPE_GENTLE_UP_LOW,
    SHAPE_GENTLE_UP_HIGH,
    SHAPE_GENTLE_DOWN_HIGH,
    SHAPE_GENTLE_DOWN_LOW,
};

/* What a block does to who touches it. */
enum Effect { EFFECT_NONE, EFFECT_KILL, EFFECT_CELL, EFFECT_GATE };

struct ActThing {
    u16 column;
    u8 row;
    u8 kind;
    u8 argument;
    u8 unused;
};

struct Act {
    const char *zone_name;
    const u8 *blocks; /* column by column, WORLD_ROWS each */
    const struct ActThing *things; /* by column */
    u16 thing_count;
    u16 columns;
    u16 start_x, start_y; /* feet */
    u16 seconds;
    u8 zone, act;
};

#define NOWHERE 0x7FFF

extern const struct Act *world_act;

void world_load(const struct Act *act);
s16 world_end(void); /* how far the camera can go */

/* The block at a pixel; air to the left and right of the map and above it, and below it too. */
u8 world_block(s16 x, s16 y);
u8 world_shape(s16 x, s16 y);
u8 world_effect(s16 x, s16 y);
u8 world_is_wall(s16 x, s16 y);

/* The ground's height (pixel row) near y in the column of pixels at x, or NOWHERE. With `ledges`, ledges count. */
s16 world_ground(s16 x, s16 y, u8 ledges);
s8 world_slope(s16 x, s16 ground); /* pixels down per 16 to the right */

void world_take(s16 x, s16 y); /* make air of a block */
void world_open_gates(void);

/* Drawing on plane A. `world_scroll` keeps the columns around the camera drawn. */
void world_draw_all(s16 camera_x);
void world_scroll(s16 camera_x);
void world_send_changes(void); /* call in the vertical blank */

#endif
