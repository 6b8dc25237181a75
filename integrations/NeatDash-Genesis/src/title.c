#include "title.h"

#include "assets.h"
#include "camera.h"
#include "game.h"
#include "pad.h"
#include "ram.h"
#include "scenery.h"
#include "sound.h"
#include "vdp.h"

static u16 ticks;

static void open_screen(u8 mode, u8 zone) {
    game.mode = mode;
    sprites_clear();
    game_frame();
    vdp_show(0);
    vdp_load_tiles(common_tiles, 0, COMMON_TILES);
    scenery_load(zone);
    vdp_clear_plane(VRAM_PLANE_A);
    camera.x = camera.y = 0;
    game_frame();
    vdp_show(1);
}

static void frame(void) {
    ticks++;
    scenery_scroll(ticks, 0, ticks);
    for (u16 line = 0; line < SCREEN_HEIGHT; line++)
        line_scroll[line][0] = 0;
    sprites_clear();
    game_frame();
}

static void show_title(void) {
    open_screen(MODE_TITLE, 0);
    vdp_text(VRAM_PLANE_A, 15, 8, PALETTE_HERO, "NEAT DASH");
    vdp_text(VRAM_PLANE_A, 14, 18, PALETTE_HERO, "PRESS START");
    do
        frame();
    while (!(pad.pressed & PAD_START));
    sound_play(SOUND_CHOOSE);
}

static u8 choose(void) {
    s16 chosen = 0;
    for (u16 row = 0; row < 4; row++)
        vdp_text(VRAM_PLANE_A, 10, 18 + row * 2, PALETTE_HERO, "                         ");
    game.mode = MODE_SELECT;
    for (s16 act = 0; act < ACT_COUNT; act++) {
        vdp_text(VRAM_PLANE_A, 12, 18 + act * 2, PALETTE_HERO, acts[act].zone_name);
        vdp_text(VRAM_PLANE_A, 28, 18 + act * 2, PALETTE_HERO, acts[act].act ? "2" : "1");
    }
    for (;;) {
        for (s16 act = 0; act < ACT_COUNT; act++)
            vdp_text(VRAM_PLANE_A, 10, 18 + act * 2, PALETTE_HERO, act == chosen ? ">" : " ");
        frame();
        if ((pad.pressed & PAD_DOWN) && chosen < ACT_COUNT - 1) {
            chosen++;
            sound_play(SOUND_CHOOSE);
        }
        if ((pad.pressed & PAD_UP) && chosen > 0) {
            chosen--;
            sound_play(SOUND_CHOOSE);
        }
        if (pad.pressed & (PAD_START | PAD_JUMP))
            return chosen;
    }
}

u8 title_choose_act(void) {
    show_title();
    return choose();
}

static void message(u8 mode, const char *text, u16 column) {
    open_screen(mode, 1);
    vdp_text(VRAM_PLANE_A, column, 12, PALETTE_HERO, text);
    for (u16 frames = 0; frames < 300; frames++) {
        frame();
        if (frames > 30 && (pad.pressed & PAD_START))
            return;
    }
}

void title_game_over(void) {
    message(MODE_GAME_OVER, "GAME OVER", 15);
}

void title_ending(void) {
    message(MODE_TITLE, "ALL CIRCUITS RUN   WELL DONE", 6);
}
