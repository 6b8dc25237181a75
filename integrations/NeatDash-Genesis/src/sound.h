/* Short effects on the PSG. */
#ifndef SOUND_H
#define SOUND_H

#include "types.h"

enum Sound { SOUND_NONE, SOUND_JUMP, SOUND_CELL, SOUND_DASH, SOUND_HURT, SOUND_DEATH, SOUND_SPRING, SOUND_STOMP, SOUND_GOAL,
             SOUND_CHOOSE };

void sound_play(u8 sound);
void sound_tick(void);

#endif
