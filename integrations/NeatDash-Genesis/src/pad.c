/* The pad shows half of its buttons at a time: https://www.plutiedev.com/controllers */
#include "pad.h"

#define PAD_DATA (*(volatile u8 *)0xA10003)
#define PAD_CONTROL (*(volatile u8 *)0xA10009)
#define SELECT_LINE 0x40

struct Pad pad;

static u8 half_with(u8 select) {
    PAD_DATA = select;
    __asm__ volatile("nop\n\tnop\n\tnop\n\tnop"); /* the pad's chip needs about a microsecond */
    return PAD_DATA;
}

void pad_init(void) {
    PAD_CONTROL = SELECT_LINE;
}

void pad_read(void) {
    u8 start_and_a = half_with(0) & 0x30;
    u8 rest = half_with(SELECT_LINE) & 0x3F;
    u8 held = (u8) ~(rest | start_and_a << 2);
    pad.pressed = held & ~pad.held;
    pad.held = held;
}
