/* A tone that slides while it fades, one at a time: https://www.plutiedev.com/psg */
#include "sound.h"

#define PSG (*(volatile u8 *)0xC00011)
enum { SILENT = 15 };

static const struct Slide {
    u16 period; /* 111,861 Hz divided by the pitch */
    s8 slide;   /* added to the period each frame */
    u8 frames;
} slides[] = {
    [SOUND_NONE] = {0, 0, 0},     [SOUND_JUMP] = {320, -12, 12},  [SOUND_CELL] = {90, -4, 8},
    [SOUND_DASH] = {500, -20, 16}, [SOUND_HURT] = {300, 16, 20},  [SOUND_DEATH] = {260, 12, 40},
    [SOUND_SPRING] = {420, -24, 14}, [SOUND_STOMP] = {240, 20, 10}, [SOUND_GOAL] = {200, -3, 40},
    [SOUND_CHOOSE] = {160, 0, 4},
};

static u16 period;
static s8 slide;
static u8 frames;

void sound_play(u8 sound) {
    period = slides[sound].period;
    slide = slides[sound].slide;
    frames = slides[sound].frames;
}

void sound_tick(void) {
    u8 volume = SILENT;
    if (frames) {
        frames--;
        period += slide;
        volume = frames > 8 ? 4 : 12 - frames;
        PSG = 0x80 | (period & 15);
        PSG = period >> 4 & 0x3F;
        if (frames == 0)
            sound_play(SOUND_NONE); /* leave no trace of what was played */
    }
    PSG = 0x90 | volume;
    PSG = 0xBF; /* the other voices are never used */
    PSG = 0xDF;
    PSG = 0xFF;
}
