#include "card.h"

#include "assets.h"
#include "camera.h"
#include "game.h"
#include "hero.h"
#include "hud.h"
#include "scenery.h"
#include "things.h"
#include "vdp.h"
#include "world.h"

enum { SLIDE_FRAMES = 20, SHOW_FRAMES = 80, LETTER_WIDTH = 16 };

/* Letters of 16 x 16, as sprites. */
static void draw_words(const char *text, s16 x, s16 y) {
    for (; *text; text++, x += LETTER_WIDTH)
        if (*text != ' ')
            sprite_draw(x, y, 2, 2, IN_FRONT | ATTRIBUTE(PALETTE_HERO, TILE_BIG_FONT + ((*text - '0') << 2)));
}

static s16 centred(const char *text) {
    s16 width = 0;
    while (*text++)
        width += LETTER_WIDTH;
    return (SCREEN_WIDTH - width) >> 1;
}

void card_show(void) {
    char act[] = "ACT 1";
    const char *name = world_act->zone_name;
    act[4] += world_act->act;
    for (s16 frame = 0; frame < SLIDE_FRAMES + SHOW_FRAMES + SLIDE_FRAMES; frame++) {
        s16 away = 0;
        if (frame < SLIDE_FRAMES)
            away = (SLIDE_FRAMES - frame) << 4;
        else if (frame >= SLIDE_FRAMES + SHOW_FRAMES)
            away = (frame - SLIDE_FRAMES - SHOW_FRAMES) << 4;
        sprites_clear();
        draw_words(name, centred(name) + away, 72);
        draw_words(act, centred(act) - away, 96);
        hud_draw();
        hero_draw(camera.x, camera.y, 64);
        things_draw(camera.x, camera.y, 0);
        game_frame();
    }
}
