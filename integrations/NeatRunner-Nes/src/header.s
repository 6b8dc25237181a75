; The cartridge: iNES header (https://www.nesdev.org/wiki/INES), levels and pictures as packed by pack.py.
.segment "HEADER"
.byte "NES", $1A
.byte 4                 ; 4 x 16K PRG
.byte 8                 ; 8 x 8K CHR
.byte $41, $00          ; mapper 4 (MMC3), vertical mirroring: two screens side by side
.res 8, 0

.segment "LEVELS"
.incbin "build/levels.bin"

.segment "CHARS"
.incbin "build/tiles.bin"
