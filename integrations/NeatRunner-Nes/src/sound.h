#ifndef SOUND_H
#define SOUND_H
#include "game.h"

void sound_begin(void);
void sound_tune(u8 tune, u8 beat);
void sound_jump(void);
void sound_coin(void);
void sound_stomp(void);
void sound_die(void);
void sound_goal(void);
void sound_switch(void);
void sound_menu(void);

#endif
