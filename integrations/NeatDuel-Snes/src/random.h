/* Random numbers from RAM: the same for the same buttons, different for others. */

#ifndef RANDOM_H
#define RANDOM_H

#include "console.h"

void seed_random(void);
void stir_random(void); /* once a frame: step on, and mix in what the players press */
u8 random_byte(void);

#endif
