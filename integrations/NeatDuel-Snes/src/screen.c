/* Loads pictures into the picture unit. Where everything lies in VRAM (word addresses):

   0000 drawings of the two fighters   0800 other sprites   2000 font   2800 text map
   3000 near map   3800 far map        4000 near tiles      6000 far tiles */

#include "screen.h"

#include "art.h"
#include "console.h"

#define VRAM_SPRITES 0x0800
#define VRAM_FONT 0x2000
#define VRAM_NEAR_MAP 0x3000
#define VRAM_FAR_MAP 0x3800
#define VRAM_NEAR_TILES 0x4000
#define VRAM_FAR_TILES 0x6000

#define MODE_1_TEXT_IN_FRONT 0x09
#define SPRITES_16_AND_32 0x60
#define ALL_LAYERS 0x17
#define DMA_SKY 1   /* HDMA channels, a bit each in HDMAEN */
#define DMA_FLOOR 2

extern const u8 palette[512];
extern const u8 sky_table[];

#define LOAD(target, name) load(target, ART_##name##_BANK, ART_##name, ART_##name##_LENGTH)

static void load(u16 target, u8 bank, u16 source, u16 length) {
  dma_bank = bank;
  dma_source = source;
  dma_target = target;
  dma_length = length;
  dma_to_vram();
}

void screen_off(void) {
  NMITIMEN = 0;
  HDMAEN = 0;
  INIDISP = 0x80;
}

void screen_on(void) {
  wait_for_vblank();
  HDMAEN = 1 << DMA_SKY | 1 << DMA_FLOOR;
  INIDISP = 0x0F;
  NMITIMEN = 0x81; /* vblank interrupt, pads read by the console */
}

static void set_up_hdma(void) {
  BYTE_AT(0x4310) = 0x03; /* colour 0 line by line: address twice, then the colour's two bytes */
  BYTE_AT(0x4311) = 0x21;
  BYTE_AT(0x4312) = (u16)sky_table & 0xFF;
  BYTE_AT(0x4313) = (u16)sky_table >> 8;
  BYTE_AT(0x4314) = 0;
  BYTE_AT(0x4320) = 0x02; /* near layer's horizontal position: one register, two bytes */
  BYTE_AT(0x4321) = 0x0D;
  BYTE_AT(0x4324) = 0;
}

void start_screen(void) {
  static u16 i;
  OBSEL = SPRITES_16_AND_32;
  BGMODE = MODE_1_TEXT_IN_FRONT;
  BG1SC = VRAM_NEAR_MAP >> 8 | 1; /* maps of 64 x 32 tiles */
  BG2SC = VRAM_FAR_MAP >> 8 | 1;
  BG3SC = 0x28;
  BG12NBA = VRAM_FAR_TILES >> 8 | VRAM_NEAR_TILES >> 12;
  BG34NBA = VRAM_FONT >> 12;
  BG1VOFS = 0xFF; /* the first line of a layer is not shown: move all down by one */
  BG1VOFS = 0xFF;
  BG2VOFS = 0xFF;
  BG2VOFS = 0xFF;
  BG3VOFS = 0xFF;
  BG3VOFS = 0xFF;
  TM = ALL_LAYERS;
  CGADD = 0;
  for (i = 0; i < 512; ++i) CGDATA = palette[i];
  LOAD(VRAM_SPRITES, SPRITES);
  LOAD(VRAM_FONT, FONT);
  LOAD(VRAM_NEAR_TILES, NEAR_TILES);
  LOAD(VRAM_FAR_TILES, FAR_TILES);
  set_up_hdma();
}

void load_title(void) {
  LOAD(VRAM_NEAR_MAP, TITLE_MAP);
  LOAD(VRAM_FAR_MAP, FAR_MAP);
}

void load_stage(void) {
  LOAD(VRAM_NEAR_MAP, NEAR_MAP);
  LOAD(VRAM_FAR_MAP, FAR_MAP);
}
