#ifndef ACTORS_H
#define ACTORS_H
#include "game.h"

void actors_begin(void);
void actors_tick(void);
void actors_draw(void);

#endif
