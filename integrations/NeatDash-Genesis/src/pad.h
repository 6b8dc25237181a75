/* The first player's three-button pad. */
#ifndef PAD_H
#define PAD_H

#include "types.h"

enum { PAD_UP = 1, PAD_DOWN = 2, PAD_LEFT = 4, PAD_RIGHT = 8, PAD_B = 16, PAD_C = 32, PAD_A = 64, PAD_START = 128 };
#define PAD_JUMP (PAD_A | PAD_B | PAD_C)

struct Pad {
    u8 held;
    u8 pressed; /* held now, not held one frame ago */
};
extern struct Pad pad;

void pad_init(void);
void pad_read(void);

#endif
