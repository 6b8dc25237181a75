/* The text layer: 32 x 28 characters in front of everything, of which vblank.s refreshes seven rows in a fight. */

#ifndef TEXT_H
#define TEXT_H

#include "console.h"

#define TEXT_COLUMNS 32
#define TOP_ROWS 5     /* rows 0 to 4 */
#define MIDDLE_ROW 10  /* rows 10 and 11 */
#define MIDDLE_ROWS 2

enum text_color { COLOR_WHITE, COLOR_GOLD, COLOR_RED, COLOR_BLUE, COLOR_BAR, COLOR_BAR_TRAIL, COLOR_BAR_LOW, COLOR_DIM };

#define CELL(tile, color) ((tile) | (color) << 10 | 0x2000)
#define CELL_FLIPPED 0x4000

extern u16 text_top[TOP_ROWS * TEXT_COLUMNS], text_middle[MIDDLE_ROWS * TEXT_COLUMNS];
extern u8 text_middle_bytes[MIDDLE_ROWS * TEXT_COLUMNS * 2]; /* the same as text_middle */
extern u8 text_top_bytes[256]; /* the first rows of text_top: cc65 indexes an array of 256 bytes with a register */

void clear_text(void);                                              /* the whole layer; screen off */
void write_text(u8 column, u8 row, const char* text, u8 color);     /* anywhere; screen off */
void put_text(u16* cells, const char* text, u8 color);              /* into text_top or text_middle */
void put_big_text(u16* cells, const char* text, u8 color);             /* two rows high, two cells a letter */
void clear_middle(void);

#endif
