/* How a fighter moves. All of it mirrors: player two on the left does what player one does on the right. */

#include "fighter.h"
#include "moves.h"
#include "projectile.h"

#define TAKE_OFF_FRAMES 4
#define TAKE_OFF_RISE 104   /* 1/16 pixel a frame: a jump is 56 pixels high and lasts 35 frames */
#define GRAVITY 6
#define LANDING_FRAMES 3
#define LYING_FRAMES 22
#define GETTING_UP_INVINCIBLE 8
#define BODY_WIDTH 28       /* the least distance of two centres */
#define BODY_HEIGHT 44      /* of a fighter who jumps over the other */

#pragma bss-name(push, "ZEROPAGE")
struct fighter *me, *foe;
#pragma bss-name(pop)

void turn_to(u8 index) {
  if (index) {
    me = PLAYER_TWO;
    foe = PLAYER_ONE;
  } else {
    me = PLAYER_ONE;
    foe = PLAYER_TWO;
  }
}

void reset_fighter(u8 index) {
  turn_to(index);
  me->index = index;
  me->x = index ? 175 : 80;
  me->x_high = 0;
  me->y = FLOOR_Y;
  me->y_high = 0;
  me->facing = index;
  me->height = 0;
  me->rise = 0;
  me->slide = 0;
  me->drift = 0;
  me->invincible = 0;
  me->connected = 0;
  me->hit = 0;
  me->move = 0;
  me->health = FULL_HEALTH;
  me->trail = FULL_HEALTH;
  me->round_over = RESULT_NONE;
  enter(STANDING, 0);
}

void enter(u8 status, u8 busy) {
  me->status = status;
  me->clock = 0;
  me->busy = busy;
}

u8 distance_between(void) {
  return me->x > foe->x ? me->x - foe->x : foe->x - me->x;
}

u8 is_free(void) {
  return me->status <= CROUCHING;
}

u8 is_airborne(void) {
  return me->height != 0;
}

u8 holds_away(void) {
  if (me->x == foe->x) return (me->pad & (me->facing ? BUTTON_RIGHT : BUTTON_LEFT)) != 0;
  return (me->pad & (me->x > foe->x ? BUTTON_RIGHT : BUTTON_LEFT)) != 0;
}

/* Looks at where the foe was when the frame began, so that it does not matter who moves first. */
static void face_foe(void) {
  if (me->x != me->foe_x) me->facing = me->x > me->foe_x;
}

static void attack(u8 status, u8 move) {
  me->move = move;
  me->connected = 0;
  enter(status, move_total[move]);
}

static void move_by(s8 pixels) {
  static int x;
  x = me->x + pixels;
  if (x < LEFT_WALL) x = LEFT_WALL;
  if (x > RIGHT_WALL) x = RIGHT_WALL;
  me->x = x;
}

static void walk(void) {
  static u8 right;
  right = (me->pad & BUTTON_RIGHT) != 0;
  me->status = WALKING;
  if (right == me->facing) {
    move_by(right ? 1 : -1); /* backwards: slower, as it also blocks */
  } else {
    move_by(right ? 2 : -2);
  }
}

/* A fighter who is free to act does what its pad says. */
static void obey(void) {
  static u16 pad;
  static u8 before;
  pad = me->pad;
  before = me->status;
  face_foe();
  if (pad & BUTTON_A && !projectile_flies(me->index)) {
    attack(CASTING, CAST);
  } else if (pad & BUTTON_X) {
    attack(ATTACKING, pad & BUTTON_DOWN ? SWEEP : HEAVY);
  } else if (pad & BUTTON_Y) {
    attack(ATTACKING, pad & BUTTON_DOWN ? LOW_LIGHT : LIGHT);
  } else if (pad & (BUTTON_UP | BUTTON_B)) {
    me->drift = pad & BUTTON_RIGHT ? 2 : pad & BUTTON_LEFT ? -2 : 0;
    enter(TAKING_OFF, TAKE_OFF_FRAMES);
  } else {
    if (pad & BUTTON_DOWN) {
      me->status = CROUCHING;
    } else if (pad & (BUTTON_LEFT | BUTTON_RIGHT)) {
      walk();
    } else {
      me->status = STANDING;
    }
    if (me->status != before) me->clock = 0;
  }
}

static void land(void) {
  me->height = 0;
  me->rise = 0;
  me->drift = 0;
  if (me->status == FALLING) {
    enter(me->health == KNOCKED_OUT ? OUT : LYING, LYING_FRAMES);
    me->invincible = LYING_FRAMES + GETTING_UP_INVINCIBLE;
  } else {
    enter(CROUCHING, LANDING_FRAMES);
  }
}

static void fly(void) {
  me->height += me->rise;
  me->rise -= GRAVITY;
  if (me->drift) move_by(me->drift);
  if (me->height <= 0) land();
}

static void act_in_the_air(void) {
  if (me->status != JUMPING) return;
  if (me->pad & BUTTON_X) {
    attack(AIR_ATTACKING, AIR_HEAVY);
  } else if (me->pad & BUTTON_Y) {
    attack(AIR_ATTACKING, AIR_LIGHT);
  }
}

/* `busy` has run out: what comes next. */
static void finish(void) {
  switch (me->status) {
    case TAKING_OFF:
      me->rise = TAKE_OFF_RISE;
      me->height = 1;
      enter(JUMPING, 0);
      break;
    case AIR_ATTACKING:
      enter(JUMPING, 0);
      me->status = AIR_ATTACKING; /* one attack a jump */
      break;
    case OUT:
      break;
    default:
      enter(STANDING, 0);
  }
}

void fighter_frame(void) {
  if (me->clock != 255) ++me->clock;
  if (me->invincible) --me->invincible;
  if (me->slide) {
    move_by(me->slide);
    if (me->slide > 0) --me->slide; else ++me->slide;
  }
  if (me->busy) {
    if (!--me->busy) finish();
  }
  if (is_airborne()) {
    act_in_the_air();
    fly();
  } else if (!me->busy && is_free()) {
    obey();
  }
  if (me->status == CASTING && me->clock == move_startup[CAST]) throw_projectile();
  me->y = FLOOR_Y - (me->height >> 4);
}

/* Moves x outwards by `pixels` as far as the wall allows; returns what is left over. */
static u8 give_way(struct fighter* who, u8 to_the_right, u8 pixels) {
  static u8 room;
  room = to_the_right ? RIGHT_WALL - who->x : who->x - LEFT_WALL;
  if (room > pixels) room = pixels;
  who->x = to_the_right ? who->x + room : who->x - room;
  return pixels - room;
}

void push_apart(void) {
  static u8 overlap, mine_is_right, rest;
  static int gap;
  gap = me->height - foe->height;
  if (gap >= BODY_HEIGHT * 16 || gap <= -BODY_HEIGHT * 16) return;
  if (me->status == OUT || foe->status == OUT) return;
  overlap = distance_between();
  if (overlap >= BODY_WIDTH) return;
  overlap = (BODY_WIDTH + 1 - overlap) >> 1; /* each gives way by as much, so that the fight mirrors */
  if (me->x != foe->x) {
    mine_is_right = me->x > foe->x;
  } else if (me->facing != foe->facing) {
    mine_is_right = me->facing;
  } else if (!gap) {
    return;
  } else { /* the higher one goes on over the other */
    mine_is_right = me->height > foe->height ? !me->facing : foe->facing;
  }
  rest = give_way(me, mine_is_right, overlap);
  if (rest) give_way(foe, mine_is_right ^ 1, rest);
  rest = give_way(foe, mine_is_right ^ 1, overlap);
  if (rest) give_way(me, mine_is_right, rest);
}
