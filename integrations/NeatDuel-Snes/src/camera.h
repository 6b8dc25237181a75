/* Where the layers stand. */

#ifndef CAMERA_H
#define CAMERA_H

extern int camera; /* pixels that the picture has moved to the right of the stage's middle */

void start_camera(void); /* once */
void camera_frame(void); /* follow the fighters */
void rest_camera(void);  /* to the middle, all layers straight */

#endif
