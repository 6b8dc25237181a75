#include "world.h"

#include "assets.h"
#include "vdp.h"

/* Columns kept drawn around the one at the screen's left edge; the plane holds 32 of them. */
enum { COLUMNS_BEHIND = 4, COLUMNS_AHEAD = 24, MAX_CHANGES = 32, CHANGES_A_FRAME = 6, MAX_GATES = 8 };
#define NOTHING_TO_DRAW NOWHERE

struct Place {
    s16 column, row;
};

const struct Act *world_act;

static u8 blocks[MAX_COLUMNS * WORLD_ROWS];
static s16 drawn_column;   /* the one at the screen's left edge when columns were last drawn */
static s16 column_to_draw;
static u16 column_cells[2][2 * WORLD_ROWS]; /* that column's tiles, left and right half */
static struct Place changes[MAX_CHANGES]; /* a ring */
static u8 first_change, last_change;
static struct Place gates[MAX_GATES];
static u8 gate_count;

/* Height of the ground above the block's lower edge, for each of its 16 columns of pixels. */
static const u8 heights[][BLOCK] = {
    [SHAPE_AIR] = {0},
    [SHAPE_FULL] = {16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16},
    [SHAPE_LEDGE] = {16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16},
    [SHAPE_STEEP_UP] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
    [SHAPE_STEEP_DOWN] = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
    [SHAPE_GENTLE_UP_LOW] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8},
    [SHAPE_GENTLE_UP_HIGH] = {9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16},
    [SHAPE_GENTLE_DOWN_HIGH] = {16, 16, 15, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 10, 9, 9},
    [SHAPE_GENTLE_DOWN_LOW] = {8, 8, 7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1},
};

static const s8 slopes[] = {
    [SHAPE_STEEP_UP] = -16,
    [SHAPE_STEEP_DOWN] = 16,
    [SHAPE_GENTLE_UP_LOW] = -8,
    [SHAPE_GENTLE_UP_HIGH] = -8,
    [SHAPE_GENTLE_DOWN_HIGH] = 8,
    [SHAPE_GENTLE_DOWN_LOW] = 8,
};

static u16 row_of_column(u16 column) {
    return column * WORLD_ROWS;
}

void world_load(const struct Act *act) {
    const u8 *from = act->blocks;
    u8 *to = blocks;
    world_act = act;
    gate_count = 0;
    for (s16 column = 0; column < (s16)act->columns; column++)
        for (s16 row = 0; row < WORLD_ROWS; row++) {
            if (block_effects[*from] == EFFECT_GATE && gate_count < MAX_GATES)
                gates[gate_count++] = (struct Place){column, row};
            *to++ = *from++;
        }
    first_change = last_change = 0;
    column_to_draw = NOTHING_TO_DRAW;
}

s16 world_end(void) {
    return (s16)(world_act->columns * BLOCK) - SCREEN_WIDTH;
}

static u8 block_in(s16 column, s16 row) {
    if (column < 0 || column >= (s16)world_act->columns || row < 0 || row >= WORLD_ROWS)
        return 0;
    return blocks[row_of_column(column) + row];
}

u8 world_block(s16 x, s16 y) {
    return block_in(x >> 4, y >> 4);
}

u8 world_shape(s16 x, s16 y) {
    return block_shapes[world_block(x, y)];
}

u8 world_effect(s16 x, s16 y) {
    return block_effects[world_block(x, y)];
}

u8 world_is_wall(s16 x, s16 y) {
    return world_shape(x, y) == SHAPE_FULL;
}

static u8 height_in(s16 column, s16 row, u16 pixel, u8 ledges) {
    u8 shape = block_shapes[block_in(column, row)];
    return shape == SHAPE_LEDGE && !ledges ? 0 : heights[shape][pixel];
}

/* Ground that fills its block may go on in the one above; air may have ground in the one below. */
s16 world_ground(s16 x, s16 y, u8 ledges) {
    s16 column = x >> 4, row = y >> 4;
    u16 pixel = x & 15;
    u8 height = height_in(column, row, pixel, ledges);
    if (height == BLOCK)
        return (row << 4) - height_in(column, row - 1, pixel, 0);
    if (height)
        return (row << 4) + BLOCK - height;
    height = height_in(column, row + 1, pixel, ledges);
    return height ? (row << 4) + 2 * BLOCK - height : NOWHERE;
}

s8 world_slope(s16 x, s16 ground) {
    return slopes[world_shape(x, ground)];
}

/* Make air of a block, and remember to draw that. */
static void take(s16 column, s16 row) {
    blocks[row_of_column(column) + row] = 0;
    changes[last_change].column = column;
    changes[last_change].row = row;
    last_change = (last_change + 1) & (MAX_CHANGES - 1);
}

void world_take(s16 x, s16 y) {
    take(x >> 4, y >> 4);
}

void world_open_gates(void) {
    for (const struct Place *gate = gates; gate != gates + gate_count; gate++)
        take(gate->column, gate->row);
}

static void draw_block(u16 column, u16 row, u8 block) {
    const u16 *cells = block_cells[block];
    vdp_cell(VRAM_PLANE_A, column << 1, row << 1, cells[0]);
    vdp_cell(VRAM_PLANE_A, (column << 1) + 1, row << 1, cells[1]);
    vdp_cell(VRAM_PLANE_A, column << 1, (row << 1) + 1, cells[2]);
    vdp_cell(VRAM_PLANE_A, (column << 1) + 1, (row << 1) + 1, cells[3]);
}

static void prepare_column(s16 column) {
    u16 *left = column_cells[0], *right = column_cells[1];
    for (s16 row = 0; row < WORLD_ROWS; row++) {
        const u16 *cells = block_cells[block_in(column, row)];
        *left++ = cells[0];
        *right++ = cells[1];
        *left++ = cells[2];
        *right++ = cells[3];
    }
    column_to_draw = column;
}

static void draw_column(void) {
    vdp_cells_down(VRAM_PLANE_A, column_to_draw << 1, column_cells[0], 2 * WORLD_ROWS);
    vdp_cells_down(VRAM_PLANE_A, (column_to_draw << 1) + 1, column_cells[1], 2 * WORLD_ROWS);
    column_to_draw = NOTHING_TO_DRAW;
}

void world_draw_all(s16 camera_x) {
    vdp_clear_plane(VRAM_PLANE_A);
    drawn_column = camera_x >> 4;
    for (s16 column = drawn_column - COLUMNS_BEHIND; column <= drawn_column + COLUMNS_AHEAD; column++) {
        prepare_column(column);
        draw_column();
    }
}

/* The camera moves less than a block a frame, so at most one column comes into view. */
void world_scroll(s16 camera_x) {
    s16 column = camera_x >> 4;
    if (column > drawn_column)
        prepare_column(++drawn_column + COLUMNS_AHEAD);
    else if (column < drawn_column)
        prepare_column(--drawn_column - COLUMNS_BEHIND);
}

void world_send_changes(void) {
    if (column_to_draw != NOTHING_TO_DRAW)
        draw_column();
    for (u16 left = CHANGES_A_FRAME; left && first_change != last_change; left--) {
        s16 column = changes[first_change].column, row = changes[first_change].row;
        first_change = (first_change + 1) & (MAX_CHANGES - 1);
        /* What is out of sight is drawn when it comes into view. */
        if (column >= drawn_column - COLUMNS_BEHIND && column <= drawn_column + COLUMNS_AHEAD)
            draw_block(column, row, block_in(column, row));
    }
}
