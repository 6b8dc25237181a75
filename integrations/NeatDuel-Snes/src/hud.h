/* What is written over the fight: health, timer, rounds won, signs. */

#ifndef HUD_H
#define HUD_H

#include "console.h"

enum sign { SIGN_FIGHT, SIGN_KNOCK_OUT, SIGN_TIME };

void draw_hud_frame(void);   /* what stays the same: names */
void hud_frame(void);        /* what changes */
void show_round_sign(void);
void show_sign(u8 sign);
void show_winner(void);
void hide_sign(void);

#endif
