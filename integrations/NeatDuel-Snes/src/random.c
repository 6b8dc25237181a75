/* A 16-bit xorshift generator (Marsaglia 2003, shifts 7, 9, 8) whose state lies in RAM beside the game's variables. */

#include "random.h"

#include "memory.h"

#define SEED 0xACE1

void seed_random(void) {
  random_bits = SEED;
}

static void step(void) {
  random_bits ^= random_bits << 7;
  random_bits ^= random_bits >> 9;
  random_bits ^= random_bits << 8;
}

void stir_random(void) {
  random_bits += pads[0];
  if (mode == TWO_PLAYERS) random_bits += pads[1];
  if (!random_bits) random_bits = SEED; /* zero would stay zero */
  step();
}

u8 random_byte(void) {
  step();
  return random_bits >> 8;
}
