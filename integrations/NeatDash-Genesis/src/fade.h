/* From one screen to the next through darkness. */
#ifndef FADE_H
#define FADE_H

void fade_out(void); /* leaves the screen dark and the display off: video memory is then written fastest */
void fade_in(void);

#endif
