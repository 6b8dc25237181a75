; What happens between two pictures: sprites, fighters' drawings, text and scroll positions go to the picture unit
; by DMA, and both pads are read. The C program prepares all of it in RAM, then calls wait_frame.
;
; Vblank has 37 lines and DMA moves about 165 bytes a line: 544 (sprites) + 2 x 2048 (fighters) + 448 (text)
; take about 31 lines at worst. https://snes.nesdev.org/wiki/DMA_registers

.p02
.export nmi, _wait_frame, _dma_to_vram, _wait_for_vblank
.exportzp _frame_ready, _pads, _upload_pending, _upload_bank, _upload_page, _scroll_far, _floor_table
.exportzp _dma_bank, _dma_source, _dma_target, _dma_length
.export _oam, _oam_rest, _oam_high, _text_top, _text_top_bytes, _text_middle, _text_middle_bytes

_oam         = $0200
_oam_rest    = $0300
_oam_high    = $0400
LAG_FRAMES   = $1A14        ; see memory.h
VIDEO_FRAMES = $1A1A
TEXT_MAP     = $2800        ; VRAM word address of the text layer's map
MIDDLE_ROW   = 10           ; the row of the map where text_middle begins

.segment "ZEROPAGE"
_frame_ready:    .res 1     ; 1: the C program has prepared a whole picture
_pads:           .res 4     ; two bytes a pad, low byte first
_upload_pending: .res 2     ; 1: fighter 0 / 1 shows another drawing
_upload_bank:    .res 2     ; bank of that drawing
_upload_page:    .res 2     ; high byte of its address (the low one is 0)
_scroll_far:     .res 2
_floor_table:    .res 2     ; HDMA table of the floor's scroll positions
_dma_bank:       .res 1
_dma_source:     .res 2
_dma_target:     .res 2     ; VRAM word address
_dma_length:     .res 2

.segment "BSS"
_text_top:
_text_top_bytes: .res 5 * 64
_text_middle:
_text_middle_bytes: .res 2 * 64

.segment "CODE"

_wait_frame:
  lda #1
  sta _frame_ready
@wait:
  lda _frame_ready
  bne @wait
  rts

_wait_for_vblank:           ; for its beginning, so that a whole vblank is left
@shown:
  lda $4212
  bmi @shown
@blank:
  lda $4212
  bpl @blank
  lda $4210                 ; forget it, or the interrupt would come as soon as it is switched on
  rts

nmi:
  pha
  txa
  pha
  tya
  pha
  inc VIDEO_FRAMES
  bne @counted
  inc VIDEO_FRAMES+1
@counted:
  lda _frame_ready
  bne @upload
  inc LAG_FRAMES            ; the program is late: show the old picture once more
  bne @late
  inc LAG_FRAMES+1
@late:
  jmp @done
@upload:
  jsr upload_sprites
  ldx #0
  jsr upload_fighter
  ldx #1
  jsr upload_fighter
  jsr upload_text
  lda _scroll_far           ; scroll registers take the low byte, then the high byte
  sta $210F
  lda _scroll_far+1
  sta $210F
  lda _floor_table
  sta $4322
  lda _floor_table+1
  sta $4323
@pads:
  lda $4212                 ; the console reads the pads by itself; wait until it has
  lsr a
  bcs @pads
  ldx #3
@pad:
  lda $4218,x
  sta _pads,x
  dex
  bpl @pad
  lda #0
  sta _frame_ready
@done:
  lda $4210                 ; acknowledge the interrupt
  pla
  tay
  pla
  tax
  pla
  rti

upload_sprites:
  lda #0
  sta $2102
  sta $2103
  sta $4300                 ; one register, byte after byte
  sta $4302
  sta $4304
  lda #$04
  sta $4301                 ; to $2104, the sprite table
  lda #>_oam
  sta $4303
  lda #<544
  sta $4305
  lda #>544
  sta $4306
  lda #1
  sta $420B
  rts

upload_fighter:             ; X: which one. Its drawing is 2048 bytes, its place in VRAM $0000 or $0400
  lda _upload_pending,x
  beq @none
  lda #0
  sta _upload_pending,x
  sta $2116
  sta $4302
  sta $4305
  txa
  asl a
  asl a
  sta $2117
  lda #1
  sta $4300                 ; two registers in turn: $2118 and $2119
  lda #$18
  sta $4301
  lda _upload_page,x
  sta $4303
  lda _upload_bank,x
  sta $4304
  lda #>2048
  sta $4306
  lda #1
  sta $420B
@none:
  rts

upload_text:                ; 5 rows at the top, 2 in the middle: 64 bytes each
  lda #1
  sta $4300
  lda #$18
  sta $4301
  lda #0
  sta $4304
  sta $2116
  lda #>TEXT_MAP
  sta $2117
  lda #<_text_top
  sta $4302
  lda #>_text_top
  sta $4303
  lda #<320
  sta $4305
  lda #>320
  sta $4306
  lda #1
  sta $420B
  lda #<(TEXT_MAP + MIDDLE_ROW * 32)
  sta $2116
  lda #>(TEXT_MAP + MIDDLE_ROW * 32)
  sta $2117
  lda #<_text_middle
  sta $4302
  lda #>_text_middle
  sta $4303
  lda #<128
  sta $4305
  lda #>128
  sta $4306
  lda #1
  sta $420B
  rts

_dma_to_vram:               ; dma_length bytes; only in forced blank, with NMI off
  lda #1
  sta $4300
  lda #$18
  sta $4301
  lda _dma_target
  sta $2116
  lda _dma_target+1
  sta $2117
  lda _dma_source
  sta $4302
  lda _dma_source+1
  sta $4303
  lda _dma_bank
  sta $4304
  lda _dma_length
  sta $4305
  lda _dma_length+1
  sta $4306
  lda #1
  sta $420B
  rts
