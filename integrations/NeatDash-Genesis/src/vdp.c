/* https://www.plutiedev.com/vdp-registers  https://www.plutiedev.com/dma-transfer  https://www.plutiedev.com/sprites */
#include "vdp.h"

#include "assets.h"

#define VDP_DATA (*(volatile u16 *)0xC00000)
#define VDP_DATA_LONG (*(volatile u32 *)0xC00000)
#define VDP_CONTROL (*(volatile u16 *)0xC00004)
#define VDP_CONTROL_LONG (*(volatile u32 *)0xC00004)

#define VRAM_WRITE 0x40000000UL
#define CRAM_WRITE 0xC0000000UL
#define VSRAM_WRITE 0x40000010UL
#define DMA 0x80UL
#define AT(address) ((u32)((address) & 0x3FFF) << 16 | (u32)(address) >> 14)

enum { MODE_2 = 1, AUTO_INCREMENT = 15, DISPLAY_OFF = 0x34, DISPLAY_ON = 0x74 };
enum { MAX_SPRITES = 80 };

static const u8 registers[19] = {
    0x04,               /* no horizontal interrupt */
    DISPLAY_OFF,        /* vertical interrupt and DMA allowed */
    VRAM_PLANE_A >> 10,
    0,                  /* no window */
    VRAM_PLANE_B >> 13,
    VRAM_SPRITES >> 9,
    0,
    PALETTE_SCENERY << 4, /* backdrop: colour 0 of the scenery, the top of its sky */
    0,
    0,
    0xFF,
    0x03,               /* scroll every line by itself, columns together */
    0x81,               /* 320 pixels */
    VRAM_HSCROLL >> 10,
    0,
    2,
    0x11,               /* planes of 64 x 64 */
    0,
    0,
};

struct Sprite {
    u16 y;
    u8 size;
    u8 link;
    u16 attribute;
    u16 x;
};

s16 line_scroll[SCREEN_HEIGHT][2];
s16 vertical_scroll[2];
static struct Sprite sprites[MAX_SPRITES];
static u16 sprite_count;

static void set_register(u16 number, u16 value) {
    VDP_CONTROL = 0x8000 | number << 8 | value;
}

/* The words must come from work RAM or from a place in ROM that does not cross 128 KB. */
static void dma_to_vram(const void *from, u16 to, u16 words) {
    u32 half = (u32)from >> 1;
    set_register(19, words & 0xFF);
    set_register(20, words >> 8);
    set_register(21, half & 0xFF);
    set_register(22, half >> 8 & 0xFF);
    set_register(23, half >> 16 & 0x7F);
    VDP_CONTROL_LONG = VRAM_WRITE | DMA | AT(to);
}

void vdp_init(void) {
    (void)VDP_CONTROL;
    for (u16 number = 0; number < sizeof registers; number++)
        set_register(number, registers[number]);
    VDP_CONTROL_LONG = VRAM_WRITE | AT(0);
    for (u16 i = 0; i < 0x4000; i++)
        VDP_DATA_LONG = 0;
    VDP_CONTROL_LONG = CRAM_WRITE;
    for (u16 i = 0; i < 64; i++)
        VDP_DATA = 0;
    sprites_clear();
    __asm__ volatile("move.w #0x2000,%sr"); /* let the vertical interrupt in */
}

void vdp_show(u8 is_on) {
    set_register(MODE_2, is_on ? DISPLAY_ON : DISPLAY_OFF);
}

void vdp_load_tiles(const u32 *tiles, u16 first, u16 count) {
    VDP_CONTROL_LONG = VRAM_WRITE | AT(first << 5);
    for (u16 left = count << 3; left; left--)
        VDP_DATA_LONG = *tiles++;
}

void vdp_dim_palette(u16 palette, const u16 colours[16], u16 level) {
    VDP_CONTROL_LONG = CRAM_WRITE | (u32)palette << 21;
    for (u16 i = 0; i < 16; i++) {
        u16 colour = colours[i];
        u16 blue = ((colour >> 9) * level >> 3) << 9;
        u16 green = ((colour >> 5 & 7) * level >> 3) << 5;
        u16 red = ((colour >> 1 & 7) * level >> 3) << 1;
        VDP_DATA = blue | green | red;
    }
}

void vdp_clear_plane(u16 plane) {
    VDP_CONTROL_LONG = VRAM_WRITE | AT(plane);
    for (u16 i = 0; i < PLANE_COLUMNS * PLANE_ROWS / 2; i++)
        VDP_DATA_LONG = 0;
}

void vdp_cell(u16 plane, u16 column, u16 row, u16 attribute) {
    u16 address = plane + (((row & (PLANE_ROWS - 1)) << 6 | (column & (PLANE_COLUMNS - 1))) << 1);
    VDP_CONTROL_LONG = VRAM_WRITE | AT(address);
    VDP_DATA = attribute;
}

void vdp_cells_down(u16 plane, u16 column, const u16 *attributes, u16 count) {
    set_register(AUTO_INCREMENT, PLANE_COLUMNS * 2);
    VDP_CONTROL_LONG = VRAM_WRITE | AT(plane + ((column & (PLANE_COLUMNS - 1)) << 1));
    for (; count; count--)
        VDP_DATA = *attributes++;
    set_register(AUTO_INCREMENT, 2);
}

void vdp_text(u16 plane, u16 column, u16 row, u16 palette, const char *text) {
    for (; *text; text++, column++)
        vdp_cell(plane, column, row, IN_FRONT | ATTRIBUTE(palette, TILE_FONT + *text - ' '));
}

void sprites_clear(void) {
    sprite_count = 0;
}

void sprite_draw(s16 x, s16 y, u16 width, u16 height, u16 attribute) {
    /* A sprite at hardware column 0 hides those behind it on its lines: nothing is drawn that far out. */
    if (sprite_count == MAX_SPRITES || x <= -32 || x >= SCREEN_WIDTH || y <= -32 || y >= SCREEN_HEIGHT)
        return;
    struct Sprite *sprite = &sprites[sprite_count++];
    sprite->y = y + 128;
    sprite->size = (width - 1) << 2 | (height - 1);
    sprite->link = sprite_count;
    sprite->attribute = attribute;
    sprite->x = x + 128;
}

void vdp_send_frame(void) {
    if (sprite_count == 0) {
        sprites[0].y = 0;
        sprites[0].x = 1;
        sprites[0].size = 0;
        sprite_count = 1;
    }
    sprites[sprite_count - 1].link = 0;
    dma_to_vram(sprites, VRAM_SPRITES, sprite_count * (sizeof(struct Sprite) / 2));
    dma_to_vram(line_scroll, VRAM_HSCROLL, sizeof line_scroll / 2);
    VDP_CONTROL_LONG = VSRAM_WRITE;
    VDP_DATA = vertical_scroll[0];
    VDP_DATA = vertical_scroll[1];
}
