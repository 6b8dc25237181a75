/* Drawing with the picture off: palettes, text, whole screens. */
#ifndef PICTURE_H
#define PICTURE_H
#include "game.h"

extern u8 column[40], column_attrs[6], status_line[28];
extern u8 column_ready, column_hi, column_lo, column_attr, status_ready, tile_bank;
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
void draw_sky(u8 theme);
void set_palette(u8 theme);
void set_color(u8 index, u8 color);
void draw_at(u8 row, u8 left);
void draw_text(u8 row, u8 left, const char *text);
void scroll_sky(void);

#endif
