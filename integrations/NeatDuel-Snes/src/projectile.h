/* The projectiles: one in flight a fighter. */

#ifndef PROJECTILE_H
#define PROJECTILE_H

#include "memory.h"

#define PROJECTILE_BOTTOM 36 /* above the floor, pixels: a crouching fighter is lower */
#define PROJECTILE_TOP 46
#define PROJECTILE_REACH 14  /* between the centres of projectile and fighter */

extern u8 projectile_left[2]; /* it flies to the left */

u8 projectile_flies(u8 index);
void remove_projectiles(void);
void throw_projectile(void);  /* `me` lets one go */
void move_projectiles(void);  /* both, where they meet, and `incoming` */

#endif
