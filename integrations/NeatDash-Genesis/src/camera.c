#include "camera.h"

#include "hero.h"
#include "vdp.h"
#include "world.h"

enum {
    HERO_COLUMN = 104, /* two thirds of the screen are ahead of the hero */
    HERO_LINE = 152,   /* its feet, on the ground */
    HIGHEST_LINE = 88, /* its feet, in the air, before the camera goes up with it */
    FASTEST = 12,
    LOWEST_VIEW = WORLD_HEIGHT - SCREEN_HEIGHT,
};

struct Camera camera;

static s16 clamp(s16 value, s16 low, s16 high) {
    return value < low ? low : value > high ? high : value;
}

static void follow(s16 fastest_x, s16 fastest_y) {
    s16 x = clamp(HERO_X - HERO_COLUMN, 0, world_end());
    s16 y = HERO_Y - HERO_LINE;
    if (!hero.is_on_ground) {
        if (HERO_Y - camera.y < HIGHEST_LINE)
            y = HERO_Y - HIGHEST_LINE;
        else if (y < camera.y)
            y = camera.y; /* a jump alone does not move the view */
    }
    y = clamp(y, 0, LOWEST_VIEW);
    camera.x += clamp(x - camera.x, -fastest_x, fastest_x);
    camera.y += clamp(y - camera.y, -fastest_y, fastest_y);
}

void camera_start(void) {
    camera.x = camera.y = 0;
    follow(NOWHERE, NOWHERE);
}

void camera_tick(void) {
    follow(FASTEST, hero.is_on_ground ? 4 : 10);
}
