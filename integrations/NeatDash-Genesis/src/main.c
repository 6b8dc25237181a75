#include "assets.h"
#include "game.h"
#include "pad.h"
#include "title.h"
#include "vdp.h"

enum { LIVES_AT_START = 3 };

/* Acts in order from the chosen one, until the lives or the acts are used up. */
static void play_from(u8 act_number) {
    u8 with_card = 1;
    game.lives = LIVES_AT_START;
    game.score = 0;
    for (;;) {
        if (game_play_act(act_number, with_card) == OUTCOME_DEATH) {
            with_card = 0;
            if (game.lives == 0) {
                title_game_over();
                return;
            }
        } else {
            with_card = 1;
            if (++act_number == ACT_COUNT) {
                title_ending();
                return;
            }
        }
    }
}

int main(void) {
    vdp_init();
    pad_init();
    for (;;)
        play_from(title_choose_act());
}
