/* How the hero moves: runs, jumps, ducks, slides, stands on things, and what it touches of the level. */
#include "hero.h"
#include "level.h"
#include "sound.h"
#include "sprites.h"
#include "squares.h"
#include "status.h"
#include "tiles.h"

#define WALK 24                 /* sixteenths of a pixel a picture */
#define RUN 40
#define CRAWL 12
#define JUMP (-1216)            /* 1/256 pixel a picture: rises 60 pixels while A is held */
#define RUNNING_JUMP (-1280)    /* 66 pixels */
#define RUNNING 32
#define CUT_JUMP (-384)         /* A was let go */
#define RISE_GRAVITY 48
#define GRAVITY 80
#define FASTEST_FALL 1088
#define BOUNCE (-900)
#define COYOTE 4                /* pictures after leaving a ledge in which a jump still counts */
#define EARLY 4                 /* pictures before landing in which A already counts */
#define PIT 224                 /* the line below which nothing lives */
#define EDGE 8                  /* the leftmost columns of the picture are cropped */

u16 hero_x, hero_y;
s8 speed_x;
s16 speed_y;
u8 grounded, ducked, screen_x, box_top;

static u8 coyote, wish, faces_left, step, pose_clock;

void hero_begin(void) {
  hero_x = 40 * 16;
  hero_y = (12 * 16 - HERO_HEIGHT) * 256;
  speed_x = 0;
  speed_y = 0;
  grounded = 1;
  ducked = 0;
  coyote = 0;
  wish = 0;
  faces_left = 0;
  step = 0;
  pose_clock = 0;
  HERO_STATE = PLAYING;
  hero_place();
}

/* Write the position where others read it. */
void hero_place(void) {
  static u16 x;
  LOW(x) = (u8)(HIGH(hero_x) << 4) | (LOW(hero_x) >> 4);
  HIGH(x) = HIGH(hero_x) >> 4;
  HERO_PAGE = HIGH(x);
  HERO_LOW = LOW(x);
  HERO_TOP = HIGH(hero_y);
  x -= camera;
  screen_x = LOW(x);
  box_top = HIGH(hero_y) + (ducked ? BOX_TOP_DUCKED : BOX_TOP_STANDING);
}

static u8 solid(void) {
  static u8 kind;
  kind = probe();
  return kind == SOLID || (kind == GATE && !GATE_OPEN);
}

/* Is there something solid across the box at this line? */
static u8 solid_line(u8 line) {
  static u16 x;
  probe_y = line;
  x = hero_x + BOX_LEFT * 16;
  probe_column = HIGH(x);
  if (solid()) return 1;
  x = hero_x + BOX_RIGHT * 16;
  if (HIGH(x) == probe_column) return 0;
  probe_column = HIGH(x);
  return solid();
}

/* Is there something solid in this column, anywhere along the box? */
static u8 solid_side(u8 column) {
  static u8 top;
  probe_column = column;
  top = HIGH(hero_y);
  probe_y = top + HERO_HEIGHT - 1;
  if (solid()) return 1;
  probe_y = top + BOX_TOP_DUCKED + 1;
  if (solid()) return 1;
  if (ducked) return 0;
  probe_y = top + BOX_TOP_STANDING + 1;
  return solid();
}

static void duck(void) {
  if (grounded && (pad & PAD_DOWN)) ducked = 1;
  else if (ducked && !solid_line(HIGH(hero_y) + BOX_TOP_STANDING)) ducked = 0;
}

static void slow_down(u8 by) {
  if (speed_x > 0) {
    speed_x -= by;
    if (speed_x < 0) speed_x = 0;
  } else if (speed_x < 0) {
    speed_x += by;
    if (speed_x > 0) speed_x = 0;
  }
}

static void run(void) {
  static s8 limit;
  static u8 gain;
  if (ducked && grounded) {
    limit = CRAWL;
    if ((pad & PAD_DOWN) || speed_x > CRAWL || speed_x < -CRAWL) {      /* slide */
      if (LOW(age) & 1) slow_down(1);
      return;
    }
  } else {
    limit = (pad & PAD_B) ? RUN : WALK;
  }
  if (pad & PAD_RIGHT) {
    faces_left = 0;
    gain = speed_x < 0 ? 3 : speed_x < WALK ? 2 : 1;
    if (speed_x <= limit) {
      speed_x += gain;
      if (speed_x > limit) speed_x = limit;
    } else if (grounded) {
      --speed_x;
    }
  } else if (pad & PAD_LEFT) {
    faces_left = 1;
    limit = -limit;
    gain = speed_x > 0 ? 3 : speed_x > -WALK ? 2 : 1;
    if (speed_x >= limit) {
      speed_x -= gain;
      if (speed_x < limit) speed_x = limit;
    } else if (grounded) {
      ++speed_x;
    }
  } else if (grounded) {
    slow_down(2);
  }
}

static void move_sideways(void) {
  static u16 x;
  hero_x += speed_x;
  if (speed_x > 0) {
    x = hero_x + BOX_RIGHT * 16;
    if (solid_side(HIGH(x))) {
      hero_x = (u16)(HIGH(x) << 8) - (BOX_RIGHT + 1) * 16;
      speed_x = 0;
    }
  } else if (speed_x < 0) {
    x = hero_x + BOX_LEFT * 16;
    if (solid_side(HIGH(x))) {
      HIGH(x) = HIGH(x) + 1;
      LOW(x) = 0;
      hero_x = x - BOX_LEFT * 16;
      speed_x = 0;
    }
  }
  x = camera + EDGE;
  LOW(x) = (u8)(HIGH(hero_x) << 4) | (LOW(hero_x) >> 4);
  HIGH(x) = HIGH(hero_x) >> 4;
  if (x < camera + EDGE) {
    hero_x = (camera + EDGE) << 4;
    speed_x = 0;
  }
}

static void jump(void) {
  if (pressed & PAD_A) wish = EARLY;
  else if (wish) --wish;
  if (grounded) coyote = COYOTE;
  else if (coyote) --coyote;
  if (wish && coyote && !(ducked && solid_line(HIGH(hero_y) + BOX_TOP_STANDING))) {
    speed_y = (speed_x >= RUNNING || speed_x <= -RUNNING) ? RUNNING_JUMP : JUMP;
    wish = 0;
    coyote = 0;
    ducked = 0;
    sound_jump();
  }
}

static void move_up_or_down(void) {
  static u8 line;
  if (speed_y < 0) {
    if (!(pad & PAD_A) && speed_y < CUT_JUMP) speed_y = CUT_JUMP;
    speed_y += (pad & PAD_A) ? RISE_GRAVITY : GRAVITY;
  } else {
    speed_y += GRAVITY;
    if (speed_y > FASTEST_FALL) speed_y = FASTEST_FALL;
  }
  hero_y += speed_y;
  grounded = 0;
  if (speed_y < 0) {
    if (HIGH(hero_y) < 16 || HIGH(hero_y) > 240) {
      hero_y = 16 * 256;
      speed_y = 0;
    }
    line = HIGH(hero_y) + BOX_TOP_STANDING;
    if (solid_line(line)) {
      hero_y = (u16)((u8)((line | 15) + 1 - BOX_TOP_STANDING) << 8);
      speed_y = 0;
    }
  } else {
    line = HIGH(hero_y) + HERO_HEIGHT;
    if (line < 240 && solid_line(line)) hero_stand_on(line & 0xF0, 0);
  }
}

void hero_stand_on(u8 line, s8 carried) {
  HIGH(hero_y) = line - HERO_HEIGHT;
  LOW(hero_y) = 0;
  speed_y = 0;
  grounded = 1;
  if (carried) hero_x += (s16)carried << 4;
}

void hero_move(void) {
  jump();
  duck();
  run();
  move_sideways();
  move_up_or_down();
  if (HIGH(hero_y) >= PIT) hero_die();
}

static void touch_square(void) {
  switch (probe()) {
    case FLOOR_SPIKES:
      if ((probe_y & 15) >= 6) hero_die();
      break;
    case CEILING_SPIKES:
      if ((probe_y & 15) < 8) hero_die();
      break;
    case ACID:
      if ((probe_y & 15) >= 5) hero_die();
      break;
    case COIN:
      take_coin(probe_column);
      break;
    case SWITCH:
      open_gate();
      break;
    case GOAL:
      if (HERO_STATE == PLAYING) {
        HERO_STATE = REACHED_GOAL;
        speed_x = 0;
        pose_clock = 0;
        sound_goal();
      }
  }
}

/* Touch what is at the box's corners and at its middle. */
void hero_touch(void) {
  static u16 x;
  static u8 column_left, column_right, top;
  x = hero_x + (BOX_LEFT + 1) * 16;
  column_left = HIGH(x);
  x = hero_x + (BOX_RIGHT - 1) * 16;
  column_right = HIGH(x);
  top = HIGH(hero_y);
  probe_column = column_left;
  probe_y = top + HERO_HEIGHT - 2;
  touch_square();
  probe_y = top + BOX_TOP_DUCKED + 2;
  touch_square();
  if (!ducked) {
    probe_y = top + BOX_TOP_STANDING;
    touch_square();
  }
  if (column_right != column_left) {
    probe_column = column_right;
    touch_square();
    probe_y = top + HERO_HEIGHT - 2;
    touch_square();
  }
}

void hero_bounce(void) {
  speed_y = BOUNCE;
  grounded = 0;
  coyote = 0;
}

void hero_die(void) {
  if (HERO_STATE != PLAYING) return;
  HERO_STATE = DYING;
  --LIVES;
  speed_x = 0;
  speed_y = HIGH(hero_y) >= PIT ? 0 : -800;
  pose_clock = 0;
  sound_die();
}

/* One picture of the death: a hop, then out of the picture. */
void hero_fall_dead(void) {
  if (HIGH(hero_y) < 240) {
    speed_y += 56;
    hero_y += speed_y;
  }
  hero_place();
}

/* One picture of joy at the goal. */
void hero_celebrate(void) {
  move_up_or_down();
  if (grounded && !(pose_clock & 31)) speed_y = -640;
  ++pose_clock;
  hero_place();
}

static u8 pose(void) {
  if (HERO_STATE == DYING) return SPRITE_HERO_DEAD;
  if (HERO_STATE == REACHED_GOAL) return (pose_clock & 8) ? SPRITE_HERO_JOY_0 : SPRITE_HERO_JOY_1;
  if (!grounded) return speed_y < 0 ? SPRITE_HERO_JUMP : SPRITE_HERO_FALL;
  if (speed_x == 0) return (LOW(age) & 0x7F) < 6 ? SPRITE_HERO_BLINK : SPRITE_HERO_STAND;
  if ((speed_x > 0 && (pad & PAD_LEFT)) || (speed_x < 0 && (pad & PAD_RIGHT))) return SPRITE_HERO_SKID;
  step += speed_x > 0 ? speed_x : -speed_x;
  switch (step >> 6) {
    case 0: return SPRITE_HERO_RUN_0;
    case 1: return SPRITE_HERO_RUN_1;
    case 2: return SPRITE_HERO_RUN_2;
    default: return SPRITE_HERO_RUN_3;
  }
}

void hero_draw(void) {
  if (HERO_TOP >= 232) return;
  sprite_x = screen_x;
  sprite_look = faces_left ? MIRRORED : 0;
  if (ducked && HERO_STATE == PLAYING) {
    sprite_y = HERO_TOP + 8;
    sprite_tile = speed_x ? SPRITE_HERO_SLIDE : SPRITE_HERO_DUCK;
    sprite_rows = 2;
  } else {
    sprite_y = HERO_TOP;
    sprite_tile = pose();
    sprite_rows = 3;
  }
  sprite_block();
}
