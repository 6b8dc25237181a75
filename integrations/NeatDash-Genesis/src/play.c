/* One act from its card to its end. */
#include "assets.h"
#include "camera.h"
#include "card.h"
#include "fade.h"
#include "game.h"
#include "hero.h"
#include "hud.h"
#include "pad.h"
#include "publish.h"
#include "ram.h"
#include "scenery.h"
#include "sound.h"
#include "things.h"
#include "vdp.h"
#include "world.h"

enum { TICKS_A_SECOND = 60, REST_AFTER_BONUS = 60, BONUS_AT_LEAST = 20, MOST_BONUS = 240, POINTS_A_BONUS = 100 };

struct Game game;

void game_frame(void) {
    wait_frame();
    publish();
    vdp_send_frame();
    world_send_changes();
    hud_send();
    scenery_animate(game.ticks);
    sound_tick();
    pad_read();
}

void game_score(u16 points) {
    game.score += points;
    if (game.score > 999999)
        game.score = 999999;
}

void game_arrive(void) {
    if (hero.state != HERO_PLAYING)
        return;
    hero.state = HERO_ARRIVED;
    game.bonus = BONUS_AT_LEAST + game.seconds_left + game.cells;
    if (game.bonus > MOST_BONUS)
        game.bonus = MOST_BONUS;
    sound_play(SOUND_GOAL);
}

static void draw(void) {
    sprites_clear();
    hud_draw();
    hero_draw(camera.x, camera.y, game.ticks);
    things_draw(camera.x, camera.y, game.ticks);
    scenery_scroll(camera.x, camera.y, game.ticks);
}

static void load_pictures(u8 zone) {
    vdp_load_tiles(common_tiles, 0, COMMON_TILES);
    scenery_load(zone);
    hud_load();
}

/* Where an act begins again after a death, its pictures are still there. */
static void load(u8 act_number, u8 with_pictures) {
    const struct Act *act = &acts[act_number];
    game.mode = MODE_CARD;
    fade_out();
    game.act_number = act_number;
    game.cells = 0;
    game.bonus = 0;
    game.seconds_left = act->seconds;
    game.second_ticks = 0;
    game.ticks = 0;
    world_load(act);
    things_load();
    hero_start(act->start_x, act->start_y);
    camera_start();
    if (with_pictures)
        load_pictures(act->zone);
    world_draw_all(camera.x);
    draw();
    fade_in();
}

static void count_time(void) {
    if (++game.second_ticks < TICKS_A_SECOND)
        return;
    game.second_ticks = 0;
    if (game.seconds_left && --game.seconds_left == 0)
        hero_die();
}

static void tick(void) {
    hero_tick();
    things_tick(camera.x, game.ticks);
    if (hero.state != HERO_DYING)
        camera_tick();
    world_scroll(camera.x);
    if (hero.state == HERO_PLAYING)
        count_time();
    game.ticks++;
}

/* The bonus is counted into the score one by one while the hero rests. */
static u8 count_bonus(u8 rest) {
    if (game.bonus) {
        game.bonus--;
        game_score(POINTS_A_BONUS);
        return REST_AFTER_BONUS;
    }
    return rest - 1;
}

u8 game_play_act(u8 act_number, u8 with_card) {
    u8 rest = REST_AFTER_BONUS;
    load(act_number, with_card);
    if (with_card)
        card_show();
    game.mode = MODE_PLAY;
    for (;;) {
        tick();
        draw();
        game_frame();
        if (hero.state == HERO_DYING && hero.state_frames == 0)
            return OUTCOME_DEATH;
        if (hero.state == HERO_ARRIVED) {
            rest = count_bonus(rest);
            if (rest == 0)
                return OUTCOME_ARRIVED;
        }
    }
}
