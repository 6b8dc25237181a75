/* What part of the act is on the screen. */
#ifndef CAMERA_H
#define CAMERA_H

#include "types.h"

struct Camera {
    s16 x, y;
};
extern struct Camera camera;

void camera_start(void); /* look at the hero at once */
void camera_tick(void);

#endif
