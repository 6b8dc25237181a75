/* The video processor: where things lie in its memory, and how to send them there. */
#ifndef VDP_H
#define VDP_H

#include "types.h"

enum {
    VRAM_SPRITES = 0xA800,
    VRAM_HSCROLL = 0xAC00,
    VRAM_PLANE_A = 0xC000,
    VRAM_PLANE_B = 0xE000,
    PLANE_COLUMNS = 64, /* tiles; both planes are 64 x 64 */
    PLANE_ROWS = 64,
    SCREEN_WIDTH = 320,
    SCREEN_HEIGHT = 224,
    FULL_LIGHT = 8,
};

enum { PALETTE_HERO = 0, PALETTE_GROUND = 1, PALETTE_SCENERY = 2, PALETTE_THINGS = 3 };
#define ATTRIBUTE(palette, tile) ((u16)((palette) << 13 | (tile)))
#define FLIP_X 0x0800
#define FLIP_Y 0x1000
#define IN_FRONT 0x8000

/* Two words a line: plane A's scroll and plane B's. Sent by vdp_send_frame. */
extern s16 line_scroll[SCREEN_HEIGHT][2];
extern s16 vertical_scroll[2];

void vdp_init(void);
void vdp_show(u8 is_on);
void vdp_load_tiles(const u32 *tiles, u16 first, u16 count);
void vdp_dim_palette(u16 palette, const u16 colours[16], u16 level); /* from 0, black, to FULL_LIGHT, as they are */
void vdp_clear_plane(u16 plane);
void vdp_cell(u16 plane, u16 column, u16 row, u16 attribute);
void vdp_cells_down(u16 plane, u16 column, const u16 *attributes, u16 count); /* from row 0 */
void vdp_text(u16 plane, u16 column, u16 row, u16 palette, const char *text);
void vdp_send_frame(void); /* scroll and sprites; call it right after wait_frame */

/* Sprites of the frame being drawn, front to back. Width and height in tiles, 1 to 4. */
void sprites_clear(void);
void sprite_draw(s16 x, s16 y, u16 width, u16 height, u16 attribute);

void wait_frame(void); /* boot.s */

#endif
