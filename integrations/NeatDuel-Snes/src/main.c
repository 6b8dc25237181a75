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

static void draw_fight(void) {
  turn_to(1);
  choose_pose();
  turn_to(0);
  choose_pose();
  camera_frame();
  sprites_frame();
  hud_frame();
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
    if (scene >= SCENE_READY) draw_fight(); else rest_camera();
  }
}
