/* The camera: it follows the middle of the two fighters, and layers further away follow less.

   A fighter's x is 0 to 255; the stage is 48 pixels wider on either side, and the camera moves a quarter of the way
   that the fighters' middle moves. Below the horizon line the floor's lines move more the nearer they are. */

#include "camera.h"

#include "memory.h"

#define BANDS 14       /* of 4 lines each, from FLOOR_LINE down */
#define BAND_LINES 4
#define FLOOR_LINE 168 /* first line of the floor */
#define TABLE_LENGTH (2 * 3 + BANDS * 3 + 1)
#define NEAR_CENTRE 128 /* column of a map at the left edge of the screen when the camera is in the middle */
#define FAR_CENTRE 64

int camera;

/* Two tables in turn: HDMA reads one while the next picture's is written. An entry is a number of lines and a position
   of two bytes, of which the high one is always 0: the camera never brings a column beyond 255 to the left edge. */
static u8 tables[2][TABLE_LENGTH];
static u8 current;

static void set_up_table(u8* entry) {
  static u8 i;
  entry[0] = 127; /* an entry's most */
  entry[3] = FLOOR_LINE - 127;
  for (i = 0; i < BANDS; ++i) entry[6 + i * 3] = BAND_LINES;
}

void start_camera(void) {
  set_up_table(tables[0]);
  set_up_table(tables[1]);
}

/* A quarter of a number, rounded towards zero: a fight and its mirror image round alike. */
static int quarter(int number) {
  return number < 0 ? -(-number >> 2) : number >> 2;
}

static void scroll(void) {
  static u8* entry;
  static u8 i;
  static u16 position, step; /* in 1/256 pixel */
  scroll_far = FAR_CENTRE + (camera >> 2);
  current ^= 1;
  entry = tables[current];
  floor_table = (u16)entry;
  entry[1] = entry[4] = NEAR_CENTRE + (camera >> 1);
  step = camera << 4; /* 1/16 pixel a band: from a half of the camera's way to more than the whole */
  position = (NEAR_CENTRE << 8) + (camera << 7);
  for (i = 7; i < 7 + BANDS * 3; i += 3) {
    position += step;
    entry[i] = position >> 8;
  }
}

void camera_frame(void) {
  camera = quarter((int)PLAYER_ONE->x + PLAYER_TWO->x - 255);
  scroll();
}

void rest_camera(void) {
  camera = 0;
  scroll();
}
