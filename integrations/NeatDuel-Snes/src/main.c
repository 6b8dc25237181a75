/* The loop: one turn a frame, from the pads to a prepared picture. */

#include "camera.h"
#include "fighter.h"
#include "hud.h"
#include "match.h"
#include "memory.h"
#include "poses.h"
#include "scenes.h"
#include "screen.h"
#include "sprites.h"

#define CURSOR_X 68

static void draw_fighters(void) {
  turn_to(1);
  choose_pose();
  turn_to(0);
  choose_pose();
  sprites_frame();
}

static void draw(void) {
  if (scene >= SCENE_READY) {
    camera_frame();
    draw_fighters();
    hud_frame();
  } else {
    rest_camera();
    draw_fighters();
    if (scene == SCENE_TITLE) draw_cursor(CURSOR_X, cursor_y);
  }
}

void main(void) {
  start_screen();
  start_camera();
  enter_title();
  for (;;) {
    wait_frame();
    ++ticks;
    switch (scene) {
      case SCENE_TITLE: title_frame(); break;
      case SCENE_CARD: card_frame(); break;
      case SCENE_READY: ready_frame(); break;
      case SCENE_FIGHT: fight_frame(); break;
      case SCENE_ROUND_OVER: round_over_frame(); break;
      default: match_over_frame();
    }
    draw();
  }
}
