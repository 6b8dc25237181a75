/* The scenes before a match: the title with its menu, and the card that says who fights. */

#ifndef SCENES_H
#define SCENES_H

#include "console.h"

void enter_title(void);
void title_frame(void);
void card_frame(void);

#endif
