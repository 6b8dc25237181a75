/* Score, time, cells and lives along the top: a row of sprites whose tiles are drawn anew where a letter changes. */
#ifndef HUD_H
#define HUD_H

#include "types.h"

void hud_load(void);
void hud_draw(void);
void hud_send(void); /* call in the vertical blank */

#endif
