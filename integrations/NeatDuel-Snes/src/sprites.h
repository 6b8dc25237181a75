/* Fighters, projectiles, sparks and shadows as sprites. */

#ifndef SPRITES_H
#define SPRITES_H

#include "console.h"

void sprites_frame(void);
void draw_cursor(u8 x, u8 y); /* after sprites_frame() */
void hide_sprites(void);

#endif
