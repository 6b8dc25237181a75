/* The scenes before a match: the title with its menu, and the card that says who fights. */

#ifndef SCENES_H
#define SCENES_H

#include "console.h"

extern u8 cursor_y; /* line of the menu's cursor */

void enter_title(void);
void title_frame(void);
void card_frame(void);

#endif
