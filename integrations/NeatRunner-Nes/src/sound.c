/* Sound effects: one burst of register writes each; the sound chip's own sweep and decay do the rest.
   https://www.nesdev.org/wiki/APU */
#include "game.h"
#include "sound.h"

#define PULSE_1 0x4000
#define PULSE_2 0x4004
#define NOISE 0x400C

void sound_begin(void) {
  BYTE(0x4015) = 0x0F;
}

static void play(u16 channel, u8 volume, u8 sweep, u8 pitch, u8 length) {
  BYTE(channel) = volume;
  BYTE(channel + 1) = sweep;
  BYTE(channel + 2) = pitch;
  BYTE(channel + 3) = length;
}

void sound_jump(void) { play(PULSE_1, 0x84, 0xA4, 0xC0, 0x21); }
void sound_coin(void) { play(PULSE_2, 0x83, 0x8C, 0x54, 0x20); }
void sound_stomp(void) { play(PULSE_2, 0x43, 0xA3, 0x40, 0x22); }
void sound_goal(void) { play(PULSE_1, 0x8F, 0xC5, 0xF0, 0x43); }
void sound_switch(void) { play(PULSE_2, 0x46, 0x9B, 0x90, 0x21); }
void sound_menu(void) { play(PULSE_2, 0x82, 0x08, 0x70, 0x20); }

void sound_die(void) {
  play(PULSE_1, 0x88, 0x95, 0x80, 0x41);
  play(NOISE, 0x04, 0, 0x0B, 0x20);
}
