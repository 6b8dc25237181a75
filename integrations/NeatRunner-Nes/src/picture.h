/* Drawing with the picture off: palettes, text, whole screens. */
#ifndef PICTURE_H
#define PICTURE_H
#include "game.h"

extern u8 column[40], column_attrs[6], status_line[28];
extern u8 column_ready, column_hi, column_lo, column_attr, status_ready, tile_bank;
extern u8 still_lines, status_hi, status_lo;
#pragma zpsym("still_lines")
#pragma zpsym("status_hi")
#pragma zpsym("status_lo")
extern u8 scroll_x[4], scroll_screen[4];
#pragma zpsym("column_ready")
#pragma zpsym("column_hi")
#pragma zpsym("column_lo")
#pragma zpsym("column_attr")
#pragma zpsym("status_ready")
#pragma zpsym("tile_bank")
#pragma zpsym("scroll_x")
#pragma zpsym("scroll_screen")

void upload(void);
void picture_off(void);
void picture_on(void);
void fill_screens(u8 tile);
void draw_sky(u8 theme, u8 row);         /* six rows of hills; what is above `row` stands still */
void draw_ground(u8 row);               /* from `row` to the bottom */
void set_palette(u8 theme);
void draw_tiles(u8 row, u8 left, const u8 *tiles, u8 count);
void set_band_palette(u8 row, u8 palettes);  /* of four rows; a byte as in an attribute table */
void put_status(u8 row);                /* where the status line is shown */
void draw_text(u8 row, u8 left, const char *text);
void scroll_sky(void);

#endif
