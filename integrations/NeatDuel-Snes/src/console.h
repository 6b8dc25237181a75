/* The SNES as the C program sees it: types, registers, buttons, and what vblank.s does for us. */

#ifndef CONSOLE_H
#define CONSOLE_H

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned int u16; /* an int has 16 bits in cc65 */

#define BYTE_AT(address) (*(volatile u8*)(address))

#define INIDISP BYTE_AT(0x2100)  /* brightness; 0x80: forced blank */
#define OBSEL BYTE_AT(0x2101)    /* sprite sizes and tiles */
#define BGMODE BYTE_AT(0x2105)
#define BG1SC BYTE_AT(0x2107)    /* where the layers' maps and tiles are */
#define BG2SC BYTE_AT(0x2108)
#define BG3SC BYTE_AT(0x2109)
#define BG12NBA BYTE_AT(0x210B)
#define BG34NBA BYTE_AT(0x210C)
#define BG1VOFS BYTE_AT(0x210E)  /* written twice: low byte, high byte */
#define BG2VOFS BYTE_AT(0x2110)
#define BG3VOFS BYTE_AT(0x2112)
#define CGADD BYTE_AT(0x2121)    /* palette */
#define CGDATA BYTE_AT(0x2122)
#define TM BYTE_AT(0x212C)       /* which layers are shown */
#define NMITIMEN BYTE_AT(0x4200)
#define HDMAEN BYTE_AT(0x420C)

/* Buttons of a pad: https://snes.nesdev.org/wiki/Standard_controller */
#define BUTTON_RIGHT 0x0100
#define BUTTON_LEFT 0x0200
#define BUTTON_DOWN 0x0400
#define BUTTON_UP 0x0800
#define BUTTON_START 0x1000
#define BUTTON_SELECT 0x2000
#define BUTTON_Y 0x4000
#define BUTTON_B 0x8000
#define BUTTON_X 0x0040
#define BUTTON_A 0x0080

extern u8 frame_ready, upload_pending[2], upload_bank[2], upload_page[2], dma_bank;
extern u16 pads[2], scroll_far, floor_table, dma_source, dma_target, dma_length;
#pragma zpsym("frame_ready")
#pragma zpsym("pads")
#pragma zpsym("upload_pending")
#pragma zpsym("upload_bank")
#pragma zpsym("upload_page")
#pragma zpsym("scroll_far")
#pragma zpsym("floor_table")
#pragma zpsym("dma_bank")
#pragma zpsym("dma_source")
#pragma zpsym("dma_target")
#pragma zpsym("dma_length")

/* The sprite table that vblank.s copies, in halves: cc65 indexes an array of 256 bytes with a register. */
extern u8 oam[256], oam_rest[256], oam_high[32];

void wait_frame(void);  /* hand over the picture in RAM; back at once after the next vblank */
void dma_to_vram(void); /* copy dma_length bytes; only while the screen is off */
void wait_for_vblank(void); /* while the interrupt is off */

#endif
