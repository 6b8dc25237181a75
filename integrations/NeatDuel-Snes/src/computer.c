/* The computer's fighter: first sketch. */

#include "computer.h"

#include "fighter.h"
#include "random.h"

static u16 held;
static u8 hold;

void reset_computer(void) {
  held = 0;
  hold = 0;
}

u16 computer_pad(void) {
  static u16 toward, away;
  if (hold) {
    --hold;
    return held;
  }
  toward = me->x > foe->x ? BUTTON_LEFT : BUTTON_RIGHT;
  away = toward ^ (BUTTON_LEFT | BUTTON_RIGHT);
  hold = 10;
  switch (random_byte() & 7) {
    case 0: case 1: held = toward; break;
    case 2: held = away; break;
    case 3: held = BUTTON_Y; break;
    case 4: held = BUTTON_X; break;
    case 5: held = BUTTON_A; break;
    case 6: held = BUTTON_DOWN | BUTTON_X; break;
    default: held = BUTTON_UP | toward;
  }
  return held;
}
