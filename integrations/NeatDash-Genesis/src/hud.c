#include "hud.h"

#include "assets.h"
#include "game.h"
#include "vdp.h"

/* Sprites of four letters each, in groups. The letters' tiles are TILE_HUD and up, in this order. */
enum { LETTERS = 28, CHANGES_A_FRAME = 4 };
static const char layout[LETTERS + 1] = "SCORE 000000TIME 000@000$ 0 ";
static const u8 columns[LETTERS / 4] = {1, 5, 9, 16, 20, 27, 35};
enum { SCORE_AT = 6, TIME_AT = 17, CELLS_AT = 21, LIVES_AT = 26 };

static char wanted[LETTERS];
static char shown[LETTERS];
static u8 next_letter;

static void show_letter(u8 place) {
    shown[place] = wanted[place];
    vdp_load_tiles(font_tiles + ((wanted[place] - ' ') << 3), TILE_HUD + place, 1);
}

/* No division: a 68000 takes 140 cycles for one, and what is left after it is needed too. */
static void write_number(u8 place, u8 digits, u32 number) {
    static const u32 powers[] = {1, 10, 100, 1000, 10000, 100000};
    while (digits--) {
        char digit = '0';
        while (number >= powers[digits] && digit < '9') {
            number -= powers[digits];
            digit++;
        }
        wanted[place++] = digit;
    }
}

static void write_all(void) {
    write_number(SCORE_AT, 6, game.score);
    write_number(TIME_AT, 3, game.seconds_left);
    write_number(CELLS_AT, 3, game.cells);
    write_number(LIVES_AT, 1, game.lives);
}

void hud_load(void) {
    for (u8 place = 0; place < LETTERS; place++)
        wanted[place] = layout[place];
    write_all();
    for (u8 place = 0; place < LETTERS; place++)
        show_letter(place);
}

void hud_draw(void) {
    for (u8 group = 0; group < LETTERS / 4; group++)
        sprite_draw(columns[group] << 3, 8, 4, 1, IN_FRONT | ATTRIBUTE(PALETTE_HERO, TILE_HUD + (group << 2)));
    write_all();
}

void hud_send(void) {
    u8 left = CHANGES_A_FRAME;
    for (u8 looked = 0; looked < LETTERS && left; looked++) {
        if (shown[next_letter] != wanted[next_letter]) {
            show_letter(next_letter);
            left--;
        }
        next_letter = next_letter == LETTERS - 1 ? 0 : next_letter + 1;
    }
}
