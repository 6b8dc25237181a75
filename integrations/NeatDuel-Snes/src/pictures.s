; The pictures that pack.py made. Bank 0 holds what the program itself reads; the rest is only ever copied by DMA.

.export _palette, _sky_table

.segment "RODATA"
_palette:
.incbin "build/palette.bin"
_sky_table:
.incbin "build/sky.bin"

.segment "BANK1"
.incbin "build/rook_0.bin"
.segment "BANK2"
.incbin "build/rook_1.bin"
.segment "BANK3"
.incbin "build/wren_0.bin"
.segment "BANK4"
.incbin "build/wren_1.bin"
.segment "BANK5"
.incbin "build/art_0.bin"
.segment "BANK6"
.incbin "build/art_1.bin"
