/* Everything that moves or acts but is no hero: enemies, machines, springs. */
#ifndef THINGS_H
#define THINGS_H

#include "types.h"

/* pack.py knows the letter of each on a level's map. */
enum ThingKind {
    THING_WALKER,    /* walks to and fro; falls to a stomp or a roll */
    THING_DRONE,     /* flies left at head height when the hero comes near: duck */
    THING_MINE,      /* hangs in the air where nobody should jump */
    THING_PISTON,    /* comes down in a rhythm and kills; the argument is its phase */
    THING_JET,       /* a flame in a rhythm; the argument is its phase */
    THING_SPRING,
    THING_BOOSTER,
    THING_SHUTTLE,   /* a platform that goes to and fro */
    THING_LIFT,      /* a platform that goes up and down */
    THING_SWITCH,    /* opens the act's gates */
    THING_BEACON,    /* the goal */
    THING_PUFF,      /* what is left of an enemy, for a moment */
    THING_GONE,
};

struct Thing {
    s16 x, y;           /* centre of its feet */
    s16 home_x, home_y;
    u8 kind;
    u8 argument;
    s8 direction;
    u8 timer;
};

void things_load(void);
void things_tick(s16 camera_x, u16 ticks); /* move those near the camera and let them meet the hero */
void things_draw(s16 camera_x, s16 camera_y, u16 ticks);
void things_scatter_cells(u16 count); /* what a hit costs, seen flying off */

#endif
