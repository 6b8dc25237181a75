/* What a square of the level is to whoever touches it. */
#ifndef SQUARES_H
#define SQUARES_H
#include "game.h"

enum { EMPTY, SOLID, FLOOR_SPIKES, CEILING_SPIKES, COIN, GOAL, ACID, SWITCH, GATE };

extern u8 probe_column, probe_y, probe_square, level_page;
#pragma zpsym("probe_column")
#pragma zpsym("probe_y")
#pragma zpsym("probe_square")
#pragma zpsym("level_page")

u8 probe(void);
void __fastcall__ select_level_bank(u8 bank);

#endif
