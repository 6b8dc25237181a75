/* The list of sprites: blocks of 16 pixels width. */
#ifndef SPRITES_H
#define SPRITES_H

#define MIRRORED 0x40
#define BEHIND 0x20

extern u8 sprite_x, sprite_y, sprite_tile, sprite_look, sprite_rows;
#pragma zpsym("sprite_x")
#pragma zpsym("sprite_y")
#pragma zpsym("sprite_tile")
#pragma zpsym("sprite_look")
#pragma zpsym("sprite_rows")

void sprites_begin(void);
void sprite_block(void);
void sprites_end(void);

#endif
