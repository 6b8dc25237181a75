/* Rounds and matches: best of three, between a start by `begin_match` and the return to the title. */

#ifndef MATCH_H
#define MATCH_H

#include "console.h"

void begin_match(void);
void ready_frame(void);      /* one frame of each scene of a match */
void fight_frame(void);
void round_over_frame(void);
void match_over_frame(void);

#endif
