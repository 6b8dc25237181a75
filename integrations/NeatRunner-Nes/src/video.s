; What happens while no picture is drawn (NMI), and where the picture is split (IRQ).
;
; The picture has five parts, each scrolled by its own amount: the status lines stand still, then sky, far hills and
; near hills at an eighth, a quarter and half of the camera's speed, then the playing field. MMC3 counts scanlines
; (https://www.nesdev.org/wiki/MMC3#IRQ_Specifics) and interrupts where a part begins.

.export nmi, irq
.export _wait_frame, _upload
.exportzp _frames, _pad, _video_on, _column_ready, _column_hi, _column_lo, _column_attr, _status_ready
.exportzp _scroll_x, _scroll_screen, _tile_bank, _slack
.exportzp _still_lines, _status_hi, _status_lo
.import _column, _column_attrs, _status_line

STATUS_TILES   = 28
SPLIT_LINES    = 16
PPU_CONTROL    = $88            ; NMI on, sprites at $1000, background at $0000 (MMC3 needs it so)

.segment "ZEROPAGE"
_frames:       .res 1           ; counts pictures
_pad:          .res 1           ; A B SELECT START UP DOWN LEFT RIGHT, from bit 7
_video_on:     .res 1           ; 0 while a screen is being drawn with the picture off
_column_ready: .res 1
_column_hi:    .res 1           ; address of the column's first tile
_column_lo:    .res 1
_column_attr:  .res 1           ; low address of the column's first attribute
_status_ready: .res 1
_scroll_x:      .res 4          ; scroll of sky, far hills, near hills, playing field in the next picture
_scroll_screen: .res 4          ; and which of the two screens that begins on
shown_x:       .res 4           ; the same for this picture: the next tick begins while this one is drawn
shown_screen:  .res 4
_tile_bank:    .res 1           ; 1K number of the 2K with animated tiles and skyline
_slack:        .res 1           ; turns of the waiting loop before this picture: 124 CPU cycles each
_still_lines:  .res 1           ; scanlines above the sky, less one
_status_hi:    .res 1           ; address of the line of text that changes
_status_lo:    .res 1
split:         .res 1           ; the next part of the picture
control:       .res 1

.segment "CODE"

nmi:
  pha
  txa
  pha
  tya
  pha
  lda _video_on
  bne :+
  jmp @done
:
  lda #0
  sta $2003
  lda #2
  sta $4014                     ; all sprites
  lda #$01
  sta $8000
  lda _tile_bank
  sta $8001

  lda _column_ready
  beq @no_column
  lda #PPU_CONTROL
  jsr put_column
  jmp @scroll
@no_column:
  lda _status_ready
  beq @scroll
  lda _status_hi
  sta $2006
  lda _status_lo
  sta $2006
  ldx #0
: lda _status_line,x
  sta $2007
  inx
  cpx #STATUS_TILES
  bne :-
  lda #0
  sta _status_ready

@scroll:
  bit $2002
  lda #PPU_CONTROL
  sta $2000
  lda #0
  sta $2005
  sta $2005
  sta split
  ldx #3
: lda _scroll_x,x
  sta shown_x,x
  lda _scroll_screen,x
  ora #PPU_CONTROL
  sta shown_screen,x
  dex
  bpl :-
  lda _still_lines
  sta $C000
  sta $C001
  sta $E000
  sta $E001
  lda #$1E
  sta $2001
@done:
  inc _frames
  pla
  tay
  pla
  tax
  pla
  rti

irq:
  pha
  txa
  pha
  ldx split
  lda shown_screen,x
  sta $2000
  lda shown_x,x
  sta $2005                     ; the horizontal part of an address is copied at the end of every scanline,
  sta $2005                     ; so nothing but the scroll needs to be written; the vertical part waits for the NMI
  sta $E000
  inx
  cpx #4
  beq :+
  stx split
  lda #SPLIT_LINES - 1
  sta $C000
  sta $E001
: pla
  tax
  pla
  rti

; Wait for the next picture, then read pad one.
_wait_frame:
  ldx #0
  lda _frames
@wait:
  ldy #23
: dey
  bne :-
  inx
  cmp _frames
  beq @wait
  stx _slack
  lda #1
  sta $4016
  sta _pad
  lsr a
  sta $4016
: lda $4016
  lsr a
  rol _pad
  bcc :-
  rts

; Write the column at once: for screens drawn with the picture off.
_upload:
  lda #0                        ; no NMI

; Write two columns of 20 tiles, and their attributes. A is the PPU's control register without its direction.
put_column:
  sta control
  ora #4                        ; addresses go down the screen
  sta $2000
  lda _column_hi
  sta $2006
  lda _column_lo
  sta $2006
  ldx #0
: lda _column,x
  sta $2007
  inx
  cpx #20
  bne :-
  lda _column_hi
  sta $2006
  ldy _column_lo
  iny
  sty $2006
: lda _column,x
  sta $2007
  inx
  cpx #40
  bne :-
  lda control
  sta $2000
  lda _column_hi
  and #$24
  ora #$03
  tay
  lda _column_attr
  ldx #0
: sty $2006
  sta $2006
  pha
  lda _column_attrs,x
  sta $2007
  pla
  clc
  adc #8
  inx
  cpx #6
  bne :-
  lda #0
  sta _column_ready
  rts
