/* The computer's fighter: player two when nobody holds the second pad. */

#ifndef COMPUTER_H
#define COMPUTER_H

#include "console.h"

void reset_computer(void);
u16 computer_pad(void); /* what it presses in this frame; `me` is its fighter */

#endif
