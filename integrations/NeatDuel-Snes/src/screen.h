/* The picture: what is loaded into the picture unit, the camera, the sprites. */

#ifndef SCREEN_H
#define SCREEN_H

#include "console.h"

void start_screen(void);   /* once: tiles, palettes, layers */
void screen_off(void);     /* black, and the picture unit's memories free to write */
void screen_on(void);
void load_title(void);
void load_stage(void);


#endif
