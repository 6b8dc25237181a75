/* The camera: it follows the middle of the two fighters, and layers further away follow less.

   A fighter's x is 0 to 255; the stage is 48 pixels wider on either side, and the camera moves a quarter of the way
   that the fighters' middle moves. Below the horizon line the floor's lines move more the nearer they are. */

#include "camera.h"

#include "memory.h"

#define BANDS 14       /* of 4 lines each, from FLOOR_LINE down */
#define BAND_LINES 4
#define FLOOR_LINE 168 /* first line of the floor */
#define TABLE_LENGTH (2 * 3 + BANDS * 3 + 1)
#define CENTRE 128     /* column of the near map at the left edge when the camera is in the middle */

int camera;

/* Two tables in turn: HDMA reads one while the next picture's is written. */
static u8 tables[2][TABLE_LENGTH];
static u8 current;

static u8* put_band(u8* entry, u8 lines, u16 position) {
  *entry++ = lines;
  *entry++ = position;
  *entry++ = position >> 8;
  return entry;
}

/* Half of a number, rounded towards zero: a fight and its mirror image round alike. */
static int quarter(int number) {
  return number < 0 ? -(-number >> 2) : number >> 2;
}

void camera_frame(void) {
  static u8* entry;
  static u8 i;
  static int upper, step, position;
  camera = quarter((int)PLAYER_ONE->x + PLAYER_TWO->x - 255);
  upper = camera >> 1;
  scroll_far = 64 + (camera >> 2);
  current ^= 1;
  floor_table = (u16)tables[current];
  entry = put_band(tables[current], 127, CENTRE + upper);
  entry = put_band(entry, FLOOR_LINE - 127, CENTRE + upper);
  position = (CENTRE << 4) + (camera << 3);
  step = camera; /* 1/16 pixel a band: from a half of the camera's way to more than the whole */
  for (i = 0; i < BANDS; ++i) {
    position += step;
    entry = put_band(entry, BAND_LINES, position >> 4);
  }
  *entry = 0;
}

void rest_camera(void) {
  camera = 0;
  scroll_far = 64;
  current ^= 1;
  floor_table = (u16)tables[current];
  *put_band(tables[current], 1, CENTRE) = 0;
}
