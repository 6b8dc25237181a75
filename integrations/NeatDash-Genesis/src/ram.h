/* The variables that the world outside may read, at the addresses that data.json names.
 *
 * They are written in one place only (publish.c), right after the vertical interrupt, all together: whoever reads them
 * at the end of a video frame sees the position, the lives and the score of one and the same game tick.
 */
#ifndef RAM_H
#define RAM_H

#include "types.h"

#define PUBLISHED(type, address) (*(volatile type *)(address))

#define X PUBLISHED(u16, 0xFFB008)
#define Y PUBLISHED(u16, 0xFFB00C)
#define SCREEN_X PUBLISHED(u16, 0xFFEE00)
#define SCREEN_Y PUBLISHED(u16, 0xFFEE04)
#define SCREEN_X_END PUBLISHED(u16, 0xFFEECA)
#define GAME_MODE PUBLISHED(u8, 0xFFF600)
#define LEVEL_END_BONUS PUBLISHED(u8, 0xFFF7D6)
#define ZONE PUBLISHED(u8, 0xFFFE10)
#define ACT PUBLISHED(u8, 0xFFFE11)
#define LIVES PUBLISHED(u8, 0xFFFE12)
#define RINGS PUBLISHED(u16, 0xFFFE20)
#define SCORE PUBLISHED(u32, 0xFFFE26)

/* Not in data.json; the tests read them. */
#define SECONDS_LEFT PUBLISHED(u16, 0xFFFE22)
#define LAG_FRAMES PUBLISHED(u16, 0xFFFE08)   /* frames of play in which a tick was not done by the next interrupt */
#define VIDEO_FRAMES PUBLISHED(u32, 0xFFFE0C) /* counted by the vertical interrupt */

enum { MODE_TITLE = 0x04, MODE_PLAY = 0x0C, MODE_SELECT = 0x28, MODE_GAME_OVER = 0x14, MODE_CARD = 0x8C };

#endif
