#include "title.h"

#include "assets.h"
#include "camera.h"
#include "fade.h"
#include "game.h"
#include "pad.h"
#include "ram.h"
#include "scenery.h"
#include "sound.h"
#include "vdp.h"

static u16 ticks;

enum { GROUND_ROW = 22, GROUND_LINE = GROUND_ROW * 8, LOGO_ROW = 4, MENU_ROW = 12, PACE = 3, HERO_LEFT = 72 };

static void draw_block_at(u16 column, u16 row, u8 block) {
    const u16 *cells = block_cells[block];
    vdp_cell(VRAM_PLANE_A, column, row, cells[0]);
    vdp_cell(VRAM_PLANE_A, column + 1, row, cells[1]);
    vdp_cell(VRAM_PLANE_A, column, row + 1, cells[2]);
    vdp_cell(VRAM_PLANE_A, column + 1, row + 1, cells[3]);
}

static void draw_ground(void) {
    for (u16 column = 0; column < PLANE_COLUMNS; column += 2) {
        u16 variety = (column & 14) == 4 ? 1 : (column & 30) == 26 ? 2 : 0; /* top and inner blocks come in threes */
        draw_block_at(column, GROUND_ROW, BLOCK_TOP + variety);
        for (u16 row = GROUND_ROW + 2; row < SCREEN_HEIGHT / 8; row += 2)
            draw_block_at(column, row, BLOCK_INNER + (row == GROUND_ROW + 2 ? variety : 0));
    }
}

/* The lines of the ground scroll; those of the words stand still. */
static void draw(void) {
    u16 turn = ticks >> 1 & 3, way = ticks * PACE;
    ticks++;
    game.ticks = ticks;
    scenery_scroll(way, 0, ticks);
    for (u16 line = 0; line < GROUND_LINE; line++)
        line_scroll[line][0] = 0;
    sprites_clear();
    sprite_draw(HERO_LEFT, GROUND_LINE - 31, 4, 4, ATTRIBUTE(PALETTE_HERO, TILE_HERO_RUN + turn * 16));
    sprite_draw(HERO_LEFT - 56, GROUND_LINE - 23, 3, 3,
                ATTRIBUTE(PALETTE_THINGS, TILE_WALKER + (ticks & 4 ? 9 : 0)) | FLIP_X);
    for (u16 cell = 0; cell < 3; cell++)
        sprite_draw(SCREEN_WIDTH - (s16)((way + cell * 24) & 511), GROUND_LINE - 24, 2, 2,
                    ATTRIBUTE(PALETTE_HERO, TILE_CELL));
}

static void frame(void) {
    draw();
    game_frame();
}

/* A screen behind which the hero runs through a zone for ever. */
static void open_screen(u8 mode, u8 zone) {
    game.mode = mode;
    fade_out();
    vdp_load_tiles(common_tiles, 0, COMMON_TILES);
    scenery_load(zone);
    vdp_load_tiles(logo_tiles, TILE_LOGO, LOGO_TILES);
    vdp_clear_plane(VRAM_PLANE_A);
    draw_ground();
    camera.x = camera.y = 0;
    draw();
    fade_in();
}

static void draw_logo(void) {
    const u16 *cell = logo_cells;
    for (u16 row = 0; row < LOGO_ROWS; row++)
        for (u16 column = 0; column < LOGO_COLUMNS; column++)
            vdp_cell(VRAM_PLANE_A, column + (40 - LOGO_COLUMNS) / 2, row + LOGO_ROW, IN_FRONT | *cell++);
}

static void show_title(void) {
    open_screen(MODE_TITLE, 0);
    draw_logo();
    do {
        vdp_text(VRAM_PLANE_A, 14, MENU_ROW + 2, PALETTE_HERO, ticks & 32 ? "           " : "PRESS START");
        frame();
    } while (!(pad.pressed & PAD_START));
    sound_play(SOUND_CHOOSE);
}

static u8 choose(void) {
    s16 chosen = 0;
    game.mode = MODE_SELECT;
    vdp_text(VRAM_PLANE_A, 14, MENU_ROW + 2, PALETTE_HERO, "           ");
    for (s16 act = 0; act < ACT_COUNT; act++) {
        vdp_text(VRAM_PLANE_A, 12, MENU_ROW + act * 2, PALETTE_HERO, acts[act].zone_name);
        vdp_text(VRAM_PLANE_A, 28, MENU_ROW + act * 2, PALETTE_HERO, acts[act].act ? "2" : "1");
    }
    for (;;) {
        for (s16 act = 0; act < ACT_COUNT; act++)
            vdp_text(VRAM_PLANE_A, 10, MENU_ROW + act * 2, PALETTE_HERO, act == chosen ? ">" : " ");
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

static void message(u8 mode, u8 zone, const char *text, u16 column) {
    open_screen(mode, zone);
    vdp_text(VRAM_PLANE_A, column, MENU_ROW, PALETTE_HERO, text);
    for (u16 frames = 0; frames < 300; frames++) {
        frame();
        if (frames > 30 && (pad.pressed & PAD_START))
            return;
    }
}

void title_game_over(void) {
    message(MODE_GAME_OVER, 1, "GAME OVER", 15);
}

void title_ending(void) {
    message(MODE_TITLE, 0, "ALL CIRCUITS RUN. WELL DONE!", 6);
}
