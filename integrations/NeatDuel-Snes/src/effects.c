/* Sparks: two at a time, the older one makes room. */

#include "effects.h"

u8 spark_x[2], spark_y[2], spark_kind[2], spark_clock[2];
u8 hit_stop;
static u8 next;

void show_spark(u8 x, u8 y, u8 kind) {
  next ^= 1;
  spark_x[next] = x;
  spark_y[next] = y;
  spark_kind[next] = kind;
  spark_clock[next] = 0;
}

void effects_frame(void) {
  static u8 i;
  for (i = 0; i < 2; ++i) {
    if (spark_kind[i] && ++spark_clock[i] == SPARK_FRAMES) spark_kind[i] = SPARK_NONE;
  }
}

void reset_effects(void) {
  next = 0;
  spark_kind[0] = spark_kind[1] = SPARK_NONE;
  hit_stop = 0;
}
