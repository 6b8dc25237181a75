/* Sound effects: one burst of register writes each; the sound chip's own sweep and decay do the rest. And a bass line
   on the triangle, which no effect uses. https://www.nesdev.org/wiki/APU */
#include "game.h"
#include "sound.h"

#define PULSE_1 0x4000
#define PULSE_2 0x4004
#define NOISE 0x400C
#define TRIANGLE 0x4008
#define SHORT 0x10              /* length of a bass note, in 1/240 s */

enum { A2, C3, D3, E3, G3, A3, C4, D4, REST };
static const u16 periods[] = {507, 427, 380, 338, 284, 253, 213, 190};
/* 32 notes a tune, each 8 pictures long: the four levels. */
static const u8 tunes[4][32] = {
  {A2, REST, A3, REST, C3, REST, C4, REST, D3, REST, D4, REST, G3, A3, G3, E3,
   A2, REST, A3, REST, C3, REST, C4, REST, D3, REST, E3, REST, G3, E3, D3, C3},
  {A2, A2, REST, A2, C3, REST, A2, REST, A2, A2, REST, A2, D3, REST, C3, REST,
   A2, A2, REST, A2, C3, REST, A2, REST, E3, E3, REST, D3, C3, REST, G3, REST},
  {A3, REST, E3, REST, C4, REST, E3, REST, D4, REST, G3, REST, C4, REST, A3, REST,
   A3, REST, E3, REST, C4, REST, E3, REST, G3, REST, D3, REST, E3, REST, G3, REST},
  {A2, A3, A2, A3, C3, C4, C3, C4, A2, A3, A2, A3, D3, D4, D3, D4,
   A2, A3, A2, A3, E3, A3, E3, A3, G3, E3, D3, C3, G3, E3, D3, E3},
};

void sound_begin(void) {
  BYTE(0x4015) = 0x0F;
}

static void play(u16 channel, u8 volume, u8 sweep, u8 pitch, u8 length) {
  BYTE(channel) = volume;
  BYTE(channel + 1) = sweep;
  BYTE(channel + 2) = pitch;
  BYTE(channel + 3) = length;
}

/* Play a tune on: `beat` is the low byte of a count of pictures. */
void sound_tune(u8 tune, u8 beat) {
  static u8 note;
  static u16 period;
  if (beat & 7) return;
  note = tunes[tune][beat >> 3];
  if (note == REST) return;
  period = periods[note];
  BYTE(TRIANGLE) = SHORT;
  BYTE(TRIANGLE + 2) = LOW(period);
  BYTE(TRIANGLE + 3) = HIGH(period) | 0x08;
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
