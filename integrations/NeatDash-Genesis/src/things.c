#include "things.h"

#include "assets.h"
#include "game.h"
#include "hero.h"
#include "pad.h"
#include "sound.h"
#include "vdp.h"
#include "world.h"

enum { MAX_THINGS = 128, MAX_SPARKS = 8, FAR_BEHIND = 300, FAR_AHEAD = 620 };
enum { BEAT = 48, /* how far a walker goes from its place */ BOWLS_OVER = 128 /* the slowest roll that does */ };

/* Rhythms, in ticks. All of them repeat after 128 and count from the beginning of the act. */
enum {
    RHYTHM = 127,
    PISTON_SHAKES = 56,
    PISTON_FALLS = 72,
    PISTON_RESTS = 80,
    PISTON_RISES = 96,
    JET_WARNS = 64,
    JET_BURNS = 80,
};

static const struct Body {
    u8 half_width, height;
} bodies[] = {
    [THING_WALKER] = {9, 17},  [THING_DRONE] = {10, 12},  [THING_MINE] = {8, 16},    [THING_PISTON] = {14, 30},
    [THING_JET] = {7, 52},     [THING_SPRING] = {10, 12}, [THING_BOOSTER] = {14, 8}, [THING_SHUTTLE] = {24, 12},
    [THING_LIFT] = {24, 12},   [THING_SWITCH] = {9, 12},  [THING_BEACON] = {8, 255}, [THING_PUFF] = {0, 0},
    [THING_GONE] = {0, 0},
};

/* 40 times the sine, 64 steps a turn. */
static const s8 sway[64] = {
    0,  4,  8,  12,  15,  19,  22,  25,  28,  31,  33,  35,  37,  38,  39,  40,  40,  40,  39,  38,  37,  35,
    33, 31, 28, 25,  22,  19,  15,  12,  8,   4,   0,   -4,  -8,  -12, -15, -19, -22, -25, -28, -31, -33, -35,
    -37, -38, -39, -40, -40, -40, -39, -38, -37, -35, -33, -31, -28, -25, -22, -19, -15, -12, -8, -4,
};

static struct Thing things[MAX_THINGS];
static u16 thing_count;

static struct Spark {
    s16 x, y, vx, vy; /* 1/8 pixel */
    u8 frames;
} sparks[MAX_SPARKS];

void things_load(void) {
    const struct ActThing *from = world_act->things;
    thing_count = world_act->thing_count;
    for (u16 i = 0; i < thing_count; i++, from++) {
        struct Thing *thing = &things[i];
        thing->home_x = thing->x = (from->column << 4) + BLOCK / 2;
        thing->home_y = thing->y = (from->row << 4) + BLOCK;
        thing->kind = from->kind;
        thing->argument = from->argument;
        thing->direction = -1;
        thing->timer = 0;
    }
    for (u16 i = 0; i < MAX_SPARKS; i++)
        sparks[i].frames = 0;
}

static u8 touches_hero(const struct Thing *thing) {
    s16 half_width = bodies[thing->kind].half_width + HERO_HALF_WIDTH, dx = HERO_X - thing->x;
    return dx < half_width && dx > -half_width && HERO_Y > thing->y - bodies[thing->kind].height &&
           HERO_Y - hero_height() < thing->y;
}

static void become_puff(struct Thing *thing) {
    thing->kind = THING_PUFF;
    thing->timer = 16;
    game_score(100);
    sound_play(SOUND_STOMP);
}

static void walker_tick(struct Thing *thing, u16 ticks) {
    if (ticks & 1) {
        s16 ahead = thing->x + (thing->direction < 0 ? -10 : 10);
        s16 ground = world_ground(ahead, thing->y, 1);
        s16 away = (thing->x - thing->home_x) * thing->direction;
        if (away > BEAT || world_is_wall(ahead, thing->y - 8) || ground < thing->y - 4 || ground > thing->y + 4)
            thing->direction = -thing->direction;
        else
            thing->x += thing->direction;
        ground = world_ground(thing->x, thing->y, 1);
        if (ground != NOWHERE)
            thing->y = ground;
    }
    if (!touches_hero(thing))
        return;
    if (hero.is_curled && (hero.vx > BOWLS_OVER || hero.vx < -BOWLS_OVER)) {
        become_puff(thing);
    } else if (hero.vy > 0 && HERO_Y < thing->y - 4) {
        become_puff(thing);
        hero_bounce(pad.held & PAD_JUMP ? 1408 : 1024);
    } else {
        hero_hurt(thing->x);
    }
}

static void drone_tick(struct Thing *thing, s16 camera_x) {
    if (thing->timer == 0 && thing->x < camera_x + SCREEN_WIDTH + 12)
        thing->timer = 1;
    if (thing->timer)
        thing->x -= 2;
    if (touches_hero(thing))
        hero_hurt(thing->x);
}

static void piston_tick(struct Thing *thing, u16 ticks) {
    u16 phase = (ticks + thing->argument) & RHYTHM;
    s16 fall = world_ground(thing->x, thing->home_y + 64, 0) - thing->home_y;
    s16 down = 0;
    if (phase >= PISTON_RISES)
        down = fall - (s16)((phase - PISTON_RISES) * 3);
    else if (phase >= PISTON_RESTS)
        down = fall;
    else if (phase >= PISTON_FALLS)
        down = (phase - PISTON_FALLS) << 4;
    else if (phase >= PISTON_SHAKES)
        down = phase & 2;
    if (down > fall)
        down = fall;
    if (down < 0)
        down = 0;
    thing->y = thing->home_y + down;
    if (touches_hero(thing))
        hero_die();
}

static u16 jet_phase(const struct Thing *thing, u16 ticks) {
    return (ticks + thing->argument) & RHYTHM;
}

static void jet_tick(struct Thing *thing, u16 ticks) {
    if (jet_phase(thing, ticks) >= JET_BURNS && touches_hero(thing))
        hero_hurt(thing->x);
}

static void spring_tick(struct Thing *thing) {
    if (thing->timer)
        thing->timer--;
    if (hero.vy >= 0 && touches_hero(thing)) {
        hero_bounce(2304);
        hero.is_curled = 0;
        thing->timer = 12;
        sound_play(SOUND_SPRING);
    }
}

static void booster_tick(struct Thing *thing) {
    if (hero.is_on_ground && touches_hero(thing)) {
        if (hero.vx < 1800)
            sound_play(SOUND_DASH);
        hero.vx = 1900;
        hero.looks_left = 0;
    }
}

static void platform_tick(struct Thing *thing, u16 ticks) {
    s16 swing = sway[(u8)((ticks >> 2) + thing->argument) & 63];
    s16 before_x = thing->x, top;
    s16 half_width = bodies[thing->kind].half_width + 5, dx;
    if (thing->kind == THING_SHUTTLE)
        thing->x = thing->home_x + swing;
    else
        thing->y = thing->home_y + swing;
    top = thing->y - bodies[thing->kind].height;
    dx = HERO_X - thing->x;
    if (hero.platform == thing) {
        if (dx > half_width || dx < -half_width) {
            hero.platform = 0;
            hero.is_on_ground = 0;
            hero.may_still_jump = 5;
            return;
        }
        hero.x += (s32)(thing->x - before_x) << 16;
        hero.y = (s32)top << 16;
    } else if (!hero.is_on_ground && hero.vy >= 0 && dx <= half_width && dx >= -half_width && HERO_Y >= top - 2 &&
               HERO_Y <= top + 8) {
        hero.platform = thing;
        hero.is_on_ground = 1;
        hero.is_jumping = 0;
        hero.vy = 0;
        hero.slope = 0;
        hero.y = (s32)top << 16;
    }
}

static void switch_tick(struct Thing *thing) {
    if (thing->timer == 0 && touches_hero(thing)) {
        thing->timer = 1;
        world_open_gates();
        sound_play(SOUND_GOAL);
    }
}

static void beacon_tick(struct Thing *thing) {
    if (thing->timer == 0 && HERO_X >= thing->x) {
        thing->timer = 1;
        game_arrive();
    }
}

static void tick_one(struct Thing *thing, s16 camera_x, u16 ticks) {
    switch (thing->kind) {
    case THING_WALKER:
        walker_tick(thing, ticks);
        break;
    case THING_DRONE:
        drone_tick(thing, camera_x);
        break;
    case THING_MINE:
        if (touches_hero(thing))
            hero_hurt(thing->x);
        break;
    case THING_PISTON:
        piston_tick(thing, ticks);
        break;
    case THING_JET:
        jet_tick(thing, ticks);
        break;
    case THING_SPRING:
        spring_tick(thing);
        break;
    case THING_BOOSTER:
        booster_tick(thing);
        break;
    case THING_SHUTTLE:
    case THING_LIFT:
        platform_tick(thing, ticks);
        break;
    case THING_SWITCH:
        switch_tick(thing);
        break;
    case THING_BEACON:
        beacon_tick(thing);
        break;
    case THING_PUFF:
        if (--thing->timer == 0)
            thing->kind = THING_GONE;
        break;
    default:
        break;
    }
}

void things_tick(s16 camera_x, u16 ticks) {
    if (hero.state == HERO_DYING)
        return;
    for (struct Thing *thing = things; thing != things + thing_count; thing++) {
        if (thing->home_x < camera_x - FAR_BEHIND)
            continue;
        if (thing->home_x > camera_x + FAR_AHEAD)
            break;
        tick_one(thing, camera_x, ticks);
    }
}

void things_scatter_cells(u16 count) {
    static const s8 directions[MAX_SPARKS][2] = {{-20, -24}, {20, -24}, {-10, -32}, {10, -32},
                                                 {-28, -12}, {28, -12}, {-4, -36}, {4, -36}};
    for (u16 i = 0; i < MAX_SPARKS && i < count; i++) {
        sparks[i].x = HERO_X << 3;
        sparks[i].y = (HERO_Y - 14) << 3;
        sparks[i].vx = directions[i][0];
        sparks[i].vy = directions[i][1];
        sparks[i].frames = 50;
    }
}

static void draw_sparks(s16 camera_x, s16 camera_y) {
    for (struct Spark *spark = sparks; spark != sparks + MAX_SPARKS; spark++)
        if (spark->frames) {
            spark->frames--;
            spark->x += spark->vx;
            spark->y += spark->vy;
            spark->vy += 2;
            sprite_draw((spark->x >> 3) - camera_x - 4, (spark->y >> 3) - camera_y - 4, 1, 1,
                        ATTRIBUTE(PALETTE_HERO, TILE_SPARK));
        }
}

static void draw_piston(s16 x, s16 y) {
    sprite_draw(x - 16, y - 32, 4, 4, ATTRIBUTE(PALETTE_THINGS, TILE_PISTON));
    for (y -= 64; y > -32; y -= 32)
        sprite_draw(x - 8, y, 2, 4, ATTRIBUTE(PALETTE_THINGS, TILE_SHAFT));
}

static void draw_jet(const struct Thing *thing, s16 x, s16 y, u16 ticks) {
    u16 phase = jet_phase(thing, ticks);
    if (phase >= JET_BURNS) {
        sprite_draw(x - 8, y - 64, 2, 4, ATTRIBUTE(PALETTE_THINGS, TILE_FLAME + (ticks & 4 ? 8 : 0)));
        sprite_draw(x - 8, y - 32, 2, 4, ATTRIBUTE(PALETTE_THINGS, TILE_FLAME_FOOT + (ticks & 4 ? 8 : 0)));
    } else if (phase >= JET_WARNS) {
        sprite_draw(x - 8, y - 16, 2, 2, ATTRIBUTE(PALETTE_THINGS, TILE_PILOT + (ticks & 4 ? 4 : 0)));
    }
    sprite_draw(x - 8, y - 8, 2, 1, ATTRIBUTE(PALETTE_THINGS, TILE_NOZZLE));
}

static void draw_one(const struct Thing *thing, s16 x, s16 y, u16 ticks) {
    u16 flip = thing->direction > 0 ? FLIP_X : 0;
    switch (thing->kind) {
    case THING_WALKER:
        sprite_draw(x - 12, y - 23, 3, 3, ATTRIBUTE(PALETTE_THINGS, TILE_WALKER + (ticks & 8 ? 9 : 0)) | flip);
        break;
    case THING_DRONE:
        sprite_draw(x - 12, y - 15, 3, 2, ATTRIBUTE(PALETTE_THINGS, TILE_DRONE + (ticks & 4 ? 6 : 0)));
        break;
    case THING_MINE:
        sprite_draw(x - 12, y - 20, 3, 3, ATTRIBUTE(PALETTE_THINGS, TILE_MINE + (ticks & 16 ? 9 : 0)));
        break;
    case THING_PISTON:
        draw_piston(x, y);
        break;
    case THING_JET:
        draw_jet(thing, x, y, ticks);
        break;
    case THING_SPRING:
        sprite_draw(x - 12, y - 16, 3, 2, ATTRIBUTE(PALETTE_THINGS, TILE_SPRING + (thing->timer ? 6 : 0)));
        break;
    case THING_BOOSTER:
        sprite_draw(x - 16, y - 15, 4, 2, ATTRIBUTE(PALETTE_THINGS, TILE_BOOSTER + (ticks & 8 ? 8 : 0)));
        break;
    case THING_SHUTTLE:
    case THING_LIFT:
        sprite_draw(x - 24, y - 13, 3, 2, ATTRIBUTE(PALETTE_THINGS, TILE_PLATFORM));
        sprite_draw(x, y - 13, 3, 2, ATTRIBUTE(PALETTE_THINGS, TILE_PLATFORM) | FLIP_X);
        break;
    case THING_SWITCH:
        sprite_draw(x - 12, y - 16, 3, 2, ATTRIBUTE(PALETTE_THINGS, TILE_SWITCH + (thing->timer ? 6 : 0)));
        break;
    case THING_BEACON:
        sprite_draw(x - 16, y - 64, 4, 4, ATTRIBUTE(PALETTE_THINGS, TILE_BEACON + (thing->timer && ticks & 8 ? 16 : 0)));
        sprite_draw(x - 16, y - 32, 4, 4, ATTRIBUTE(PALETTE_THINGS, TILE_BEACON_FOOT));
        break;
    case THING_PUFF:
        sprite_draw(x - 12, y - 22, 3, 3, ATTRIBUTE(PALETTE_THINGS, TILE_PUFF + (thing->timer < 8 ? 9 : 0)));
        break;
    default:
        break;
    }
}

void things_draw(s16 camera_x, s16 camera_y, u16 ticks) {
    draw_sparks(camera_x, camera_y);
    for (const struct Thing *thing = things; thing != things + thing_count; thing++) {
        if (thing->home_x < camera_x - FAR_BEHIND)
            continue;
        if (thing->home_x > camera_x + FAR_AHEAD)
            break;
        draw_one(thing, thing->x - camera_x, thing->y - camera_y, ticks);
    }
}
