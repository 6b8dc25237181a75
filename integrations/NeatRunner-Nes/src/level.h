#ifndef LEVEL_H
#define LEVEL_H
#include "game.h"

extern u8 level_number;                 /* of the map, from 0; the world only changes the pace */
extern u8 level_columns;

void level_load(void);                  /* with the picture off */
void level_scroll(void);                /* follow the hero, draw what comes into sight */
void take_coin(u8 column);
void open_gate(void);

#endif
