/* The attacks: how long they take, how far they reach and what they do. Both fighters have the same. */

#ifndef MOVES_H
#define MOVES_H

#include "console.h"

enum move_name { LIGHT, HEAVY, LOW_LIGHT, SWEEP, AIR_LIGHT, AIR_HEAVY, CAST, MOVE_COUNT };

/* How an attack has to be blocked: any way, crouching, or standing. */
enum guard { GUARD_ANY, GUARD_LOW, GUARD_HIGH };

/* Indexed by move. Frames: the attack strikes from `startup` on for `active` frames and ends at `total`. */
extern const u8 move_startup[MOVE_COUNT], move_active[MOVE_COUNT], move_total[MOVE_COUNT];
extern const u8 move_damage[MOVE_COUNT];
extern const u8 move_reach[MOVE_COUNT];                     /* between the two centres, pixels */
extern const u8 move_bottom[MOVE_COUNT], move_top[MOVE_COUNT]; /* above the attacker's feet, pixels */
extern const u8 move_guard[MOVE_COUNT];
extern const u8 move_stun[MOVE_COUNT], move_block_stun[MOVE_COUNT];
extern const u8 move_push[MOVE_COUNT];                      /* first speed of the knock-back */
extern const u8 move_knocks_down[MOVE_COUNT];

#endif
