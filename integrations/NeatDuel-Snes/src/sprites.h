/* Fighters, projectiles, sparks and shadows as sprites. */

#ifndef SPRITES_H
#define SPRITES_H

void sprites_frame(void);
void hide_sprites(void);

#endif
