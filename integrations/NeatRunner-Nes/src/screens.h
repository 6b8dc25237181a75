#ifndef SCREENS_H
#define SCREENS_H
#include "game.h"

u8 title_screen(void);                  /* returns the level chosen, counted from 0 */
void card_screen(void);
void game_over_screen(void);
void victory_screen(void);

#endif
