/* Sparks and the moment of stillness after a hit. */

#ifndef EFFECTS_H
#define EFFECTS_H

#include "console.h"

enum spark_kind { SPARK_NONE, SPARK_HIT, SPARK_BLOCK };

#define SPARK_FRAMES 12

extern u8 spark_x[2], spark_y[2], spark_kind[2], spark_clock[2];
extern u8 hit_stop; /* frames for which the fight stands still, so that a blow is felt */

void show_spark(u8 x, u8 y, u8 kind);
void effects_frame(void);
void reset_effects(void);

#endif
