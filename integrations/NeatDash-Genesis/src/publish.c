#include "publish.h"

#include "assets.h"
#include "camera.h"
#include "game.h"
#include "hero.h"
#include "ram.h"
#include "world.h"

void publish(void) {
    const struct Act *act = &acts[game.act_number];
    X = HERO_X;
    Y = HERO_Y - HERO_CURLED;
    SCREEN_X = camera.x;
    SCREEN_Y = camera.y;
    SCREEN_X_END = (act->columns << 4) - 320;
    ZONE = act->zone;
    ACT = act->act;
    LIVES = game.lives;
    RINGS = game.cells;
    SCORE = game.score;
    SECONDS_LEFT = game.seconds_left;
    LEVEL_END_BONUS = (u8)game.bonus;
    GAME_MODE = game.mode;
}
