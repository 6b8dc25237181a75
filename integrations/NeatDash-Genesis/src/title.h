/* The screens outside the acts. */
#ifndef TITLE_H
#define TITLE_H

#include "types.h"

u8 title_choose_act(void); /* the title, then the choice of an act: returns its number */
void title_game_over(void);
void title_ending(void);

#endif
