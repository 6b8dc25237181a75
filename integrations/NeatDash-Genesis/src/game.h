/* What is counted while the game is played. The published copies in ram.h are made from this once a frame. */
#ifndef GAME_H
#define GAME_H

#include "types.h"

struct Game {
    u32 score;
    u16 cells;
    u16 seconds_left;
    u16 ticks; /* since the act began */
    u16 bonus; /* still to be counted into the score */
    u8 second_ticks;
    u8 act_number; /* index into acts */
    u8 lives;
    u8 mode;
};
extern struct Game game;

enum Outcome { OUTCOME_DEATH, OUTCOME_ARRIVED };

void game_frame(void);  /* show what was drawn, publish, read the pad: everything that happens once a video frame */
void game_score(u16 points);
void game_arrive(void); /* the hero is at the goal */
u8 game_play_act(u8 act_number, u8 with_card); /* returns an Outcome */

#endif
