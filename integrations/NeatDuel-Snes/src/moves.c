/* The table of attacks. Change a number here and the game is another one. */

#include "moves.h"

/*                                       light heavy low-l sweep air-l air-h cast */
const u8 move_startup[MOVE_COUNT]     = {   4,   12,    5,   10,    4,    6,   13 };
const u8 move_active[MOVE_COUNT]      = {   3,    4,    3,    4,   20,   10,    1 };
const u8 move_total[MOVE_COUNT]       = {  14,   32,   16,   32,   60,   60,   38 };
const u8 move_damage[MOVE_COUNT]      = {  10,   24,    8,   18,   12,   22,   12 };
const u8 move_reach[MOVE_COUNT]       = {  42,   52,   42,   50,   36,   42,    0 };
const u8 move_bottom[MOVE_COUNT]      = {  26,   38,   12,    0,    0,    0,    0 };
const u8 move_top[MOVE_COUNT]         = {  44,   58,   26,    8,   22,   22,    0 };
const u8 move_guard[MOVE_COUNT]       = { GUARD_ANY, GUARD_ANY, GUARD_ANY, GUARD_LOW, GUARD_HIGH, GUARD_HIGH, GUARD_ANY };
const u8 move_stun[MOVE_COUNT]        = {  10,   18,   10,   18,   14,   20,   20 };
const u8 move_block_stun[MOVE_COUNT]  = {   9,   14,    9,   14,   10,   14,   14 };
const u8 move_push[MOVE_COUNT]        = {   4,    6,    4,    5,    4,    6,    5 };
const u8 move_knocks_down[MOVE_COUNT] = {   0,    0,    0,    1,    0,    0,    0 };
