#include "hero.h"

#include "assets.h"
#include "game.h"
#include "pad.h"
#include "sound.h"
#include "things.h"
#include "vdp.h"
#include "world.h"

/* Speeds and accelerations in 1/256 pixel a frame. */
enum {
    RUN = 14,
    BRAKE = 96,
    FRICTION = 16,
    ROLL_FRICTION = 9,
    SPENT = 4,
    AIR = 14,
    TOP_RUN = 1152,
    TOP = 2048,
    CRAWL = 192,
    DASH = 1600,
    GRAVITY = 72,
    JUMP = 1536,
    JUMP_CUT = 768, /* the lowest hop still reaches a roof two blocks up */
    TOP_FALL = 2048,
    SLOPE_RUN = 1, /* times the slope's pixels per 16 */
    SLOPE_ROLL = 3,
    SLOWEST_ROLL = 128,
};

enum { REMEMBER_PRESS = 5, FORGIVE_EDGE = 5, INVULNERABLE = 90, STEP = 10, DEATH_FRAMES = 48 };

struct Hero hero;

void hero_start(u16 x, u16 y) {
    hero = (struct Hero){.x = (s32)x << 16, .y = (s32)y << 16, .is_on_ground = 1};
}

s16 hero_height(void) {
    return hero.is_curled ? HERO_CURLED : HERO_TALL;
}

/* Whether there is no room to stand up straight. */
static u8 is_under_a_ceiling(void) {
    s16 y = HERO_Y - HERO_TALL + 1;
    return world_is_wall(HERO_X - HERO_HALF_WIDTH + 1, y) || world_is_wall(HERO_X + HERO_HALF_WIDTH - 1, y);
}

void hero_bounce(s16 vy) {
    hero.vy = -vy;
    hero.is_on_ground = 0;
    hero.is_jumping = 0;
    hero.may_still_jump = 0;
    hero.platform = 0;
}

void hero_die(void) {
    if (hero.state != HERO_PLAYING)
        return;
    hero.state = HERO_DYING;
    hero.state_frames = DEATH_FRAMES;
    hero.is_curled = 0;
    hero.vx = 0;
    hero_bounce(1700);
    game.lives--;
    sound_play(SOUND_DEATH);
}

void hero_hurt(s16 from_x) {
    if (hero.state != HERO_PLAYING || hero.invulnerable)
        return;
    if (game.cells == 0) {
        hero_die();
        return;
    }
    things_scatter_cells(game.cells);
    game.cells = 0;
    hero.invulnerable = INVULNERABLE;
    hero.is_curled = is_under_a_ceiling();
    hero.vx = from_x < HERO_X ? 512 : -512;
    hero_bounce(1024);
    sound_play(SOUND_HURT);
}

static s16 towards_zero(s16 speed, s16 by) {
    if (speed > by)
        return speed - by;
    if (speed < -by)
        return speed + by;
    return 0;
}

static s16 direction_held(void) {
    return (pad.held & PAD_RIGHT ? 1 : 0) - (pad.held & PAD_LEFT ? 1 : 0);
}

/* Speed up, but not beyond what it can run. */
static void run(s16 direction, s16 by) {
    hero.vx += direction * by;
    if (hero.vx > TOP_RUN)
        hero.vx = TOP_RUN;
    if (hero.vx < -TOP_RUN)
        hero.vx = -TOP_RUN;
}

/* Running, braking, rolling: what the pad does to the speed along the ground. */
static void push_on_ground(void) {
    s16 direction = direction_held();
    u8 stays_down = (pad.held & PAD_DOWN) || is_under_a_ceiling();
    u8 is_slow = hero.vx < SLOWEST_ROLL && hero.vx > -SLOWEST_ROLL;
    if (stays_down)
        hero.is_curled = 1;
    else if (is_slow || direction)
        hero.is_curled = 0; /* a roll ends by itself, or with a push of the pad */

    hero.vx += hero.slope * (hero.is_curled ? SLOPE_ROLL : SLOPE_RUN);
    if (hero.is_curled) {
        hero.vx = towards_zero(hero.vx, ROLL_FRICTION);
        if (direction && hero.vx < CRAWL && hero.vx > -CRAWL)
            hero.vx = direction * CRAWL;
    } else if (direction == 0) {
        hero.vx = towards_zero(hero.vx, FRICTION);
    } else if (direction * hero.vx < 0) {
        hero.vx += direction * BRAKE;
    } else if (direction * hero.vx <= TOP_RUN) {
        run(direction, RUN);
    } else {
        hero.vx = towards_zero(hero.vx, SPENT); /* faster than it can run: it slowly slows down */
    }
    if (direction && !hero.is_curled)
        hero.looks_left = direction < 0;
}

static void push_in_air(void) {
    s16 direction = direction_held();
    if (direction && direction * hero.vx <= TOP_RUN)
        run(direction, AIR);
    if (direction)
        hero.looks_left = direction < 0;
    if (hero.is_jumping && !(pad.held & PAD_JUMP) && hero.vy < -JUMP_CUT)
        hero.vy = -JUMP_CUT;
    if (hero.vy >= 0)
        hero.is_jumping = 0;
    hero.vy += GRAVITY;
    if (hero.vy > TOP_FALL)
        hero.vy = TOP_FALL;
}

static void jump_or_dash(void) {
    if (pad.pressed & PAD_JUMP)
        hero.jump_wanted = REMEMBER_PRESS;
    if (!hero.jump_wanted)
        return;
    hero.jump_wanted--;
    if (!hero.is_on_ground && !hero.may_still_jump)
        return;
    if (hero.is_curled && is_under_a_ceiling())
        return;
    hero.jump_wanted = 0;
    if (hero.is_on_ground && hero.is_curled && (pad.held & PAD_DOWN) && hero.vx < CRAWL + 64 && hero.vx > -CRAWL - 64) {
        hero.vx = hero.looks_left ? -DASH : DASH;
        sound_play(SOUND_DASH);
        return;
    }
    hero.vy = -JUMP;
    if (hero.slope && hero.is_on_ground && hero.slope * hero.vx < 0)
        hero.vy -= 256; /* running up a slope throws it higher */
    hero.is_curled = 0;
    hero.is_on_ground = 0;
    hero.is_jumping = 1;
    hero.may_still_jump = 0;
    hero.platform = 0;
    sound_play(SOUND_JUMP);
}

static void stop_at_walls(void) {
    s16 low = HERO_Y - HERO_CURLED, high = HERO_Y - hero_height() + 1;
    s16 right = HERO_X + HERO_HALF_WIDTH, left = HERO_X - HERO_HALF_WIDTH;
    if (world_is_wall(right, low) || world_is_wall(right, high)) {
        hero.x = (s32)((right & ~(BLOCK - 1)) - HERO_HALF_WIDTH - 1) << 16;
        if (hero.vx > 0)
            hero.vx = 0;
    } else if (world_is_wall(left, low) || world_is_wall(left, high)) {
        hero.x = (s32)((left | (BLOCK - 1)) + HERO_HALF_WIDTH + 1) << 16;
        if (hero.vx < 0)
            hero.vx = 0;
    }
}

/* The ground under the middle, or, over an edge, under either side of the wheel. */
static s16 ground_below(u8 ledges) {
    s16 y = HERO_Y, ground = world_ground(HERO_X, y, ledges);
    if (ground <= y + STEP)
        return ground;
    for (s16 side = -5; side <= 5; side += 10) {
        s16 edge = world_ground(HERO_X + side, y, ledges);
        if (edge >= y - 4 && edge <= y + 4)
            return edge;
    }
    return NOWHERE;
}

static void follow_ground(void) {
    s16 ground = ground_below(1);
    if (ground != NOWHERE && ground >= HERO_Y - STEP && ground <= HERO_Y + STEP) {
        hero.y = (s32)ground << 16;
        hero.slope = world_slope(HERO_X, ground);
        return;
    }
    /* The ground has ended: a ramp throws it up, an edge lets it fall. */
    hero.is_on_ground = 0;
    hero.may_still_jump = FORGIVE_EDGE;
    hero.vy = hero.slope * hero.vx < 0 ? (hero.slope * hero.vx) >> 4 : 0;
    hero.slope = 0;
}

static void land(s16 before_y) {
    s16 ground;
    if (hero.vy < 0) {
        s16 head = HERO_Y - hero_height();
        if (world_is_wall(HERO_X - 5, head) || world_is_wall(HERO_X + 5, head)) {
            hero.y = (s32)((head | (BLOCK - 1)) + hero_height() + 1) << 16;
            hero.vy = 0;
        }
        return;
    }
    ground = ground_below(1);
    if (before_y > ground) /* a ledge is passed from below */
        ground = ground_below(0);
    if (ground == NOWHERE || HERO_Y < ground)
        return;
    if (HERO_Y > ground + HERO_CURLED)
        return;
    hero.y = (s32)ground << 16;
    hero.slope = world_slope(HERO_X, ground);
    hero.is_on_ground = 1;
    hero.is_jumping = 0;
    hero.vy = 0;
}

/* A fast hero moves in two steps, so that it passes over no wall and no slope. */
static void move(void) {
    u8 steps = hero.vx > 1024 || hero.vx < -1024 || hero.vy > 1024 || hero.vy < -1024 ? 2 : 1;
    s16 dx = steps == 2 ? hero.vx >> 1 : hero.vx;
    s16 dy = steps == 2 ? hero.vy >> 1 : hero.vy;
    for (; steps; steps--) {
        hero.x += (s32)dx << 8;
        stop_at_walls();
        if (hero.is_on_ground) {
            if (!hero.platform)
                follow_ground();
        } else if (hero.vy) {
            s16 before_y = HERO_Y;
            hero.y += (s32)dy << 8;
            land(before_y);
        }
    }
    if (HERO_X < HERO_HALF_WIDTH) {
        hero.x = (s32)HERO_HALF_WIDTH << 16;
        hero.vx = 0;
    }
}

/* What it touches: three points abreast, each 8 pixels from its feet up to the top of its head. */
static void touch_blocks(void) {
    s16 top = HERO_Y - hero_height() + 3;
    for (s16 x = HERO_X - 5; x <= HERO_X + 5; x += 5)
        for (s16 up = HERO_Y - 2; up > top - 8; up -= 8) {
            s16 y = up > top ? up : top;
            switch (world_effect(x, y)) {
            case EFFECT_CELL:
                world_take(x, y);
                game.cells++;
                game_score(10);
                sound_play(SOUND_CELL);
                break;
            case EFFECT_KILL:
                hero_die();
                break;
            default:
                break;
            }
        }
}

static void die_away(void) {
    hero.vy += GRAVITY;
    hero.y += (s32)hero.vy << 8;
    hero.state_frames--;
}

void hero_tick(void) {
    if (hero.state == HERO_DYING) {
        die_away();
        return;
    }
    if (hero.state == HERO_ARRIVED)
        pad.held = pad.pressed = 0; /* it rolls to a stop and cheers */
    if (hero.invulnerable)
        hero.invulnerable--;
    if (hero.may_still_jump)
        hero.may_still_jump--;
    jump_or_dash();
    if (hero.is_on_ground)
        push_on_ground();
    else
        push_in_air();
    if (hero.vx > TOP)
        hero.vx = TOP;
    if (hero.vx < -TOP)
        hero.vx = -TOP;
    move();
    hero.stride += hero.vx;
    touch_blocks();
    if (HERO_Y > WORLD_HEIGHT + 24)
        hero_die();
}

static u16 picture(u16 ticks) {
    u16 turn = (u16)(hero.stride >> 11) & 3;
    if (hero.state == HERO_DYING)
        return TILE_HERO_HURT;
    if (hero.state == HERO_ARRIVED && hero.is_on_ground && hero.vx == 0)
        return ticks & 8 ? TILE_HERO_CHEER : TILE_HERO_IDLE;
    if (hero.is_curled)
        return hero.vx ? TILE_HERO_ROLL + turn * 16 : TILE_HERO_DUCK;
    if (!hero.is_on_ground)
        return hero.vy < 0 ? TILE_HERO_JUMP : TILE_HERO_FALL;
    if (hero.vx == 0)
        return (ticks & 127) < 8 ? TILE_HERO_BLINK : TILE_HERO_IDLE;
    if ((pad.held & PAD_LEFT && hero.vx > 256) || (pad.held & PAD_RIGHT && hero.vx < -256))
        return TILE_HERO_SKID;
    return TILE_HERO_RUN + turn * 16;
}

void hero_draw(s16 camera_x, s16 camera_y, u16 ticks) {
    u16 flip = hero.looks_left ? FLIP_X : 0;
    if (hero.invulnerable & 2)
        return;
    sprite_draw(HERO_X - camera_x - 16, HERO_Y - camera_y - 31, 4, 4, ATTRIBUTE(PALETTE_HERO, picture(ticks)) | flip);
}
