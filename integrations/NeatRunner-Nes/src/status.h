#ifndef STATUS_H
#define STATUS_H
#include "game.h"

void status_reset_game(void);
void status_begin_level(void);
void status_clear(void);
void status_tick(void);                 /* time, and the line that shows it */
void add_score(u8 digit, u8 amount);    /* digit 0 is the hundred thousands */
void add_coin(void);

#endif
