; What is at a place of the level: the question that movement asks ten times a picture, so in assembly.
;
; A level is columns of 16 bytes at $8000 or $9000; a byte is the number of a square of 16 x 16 pixels.
.export _probe, _select_level_bank
.exportzp _probe_column, _probe_y, _probe_square, _level_page
.import _square_kinds

.segment "ZEROPAGE"
_probe_column: .res 1
_probe_y:      .res 1           ; in pixels
_probe_square: .res 1           ; the square found
_level_page:   .res 1           ; $80 or $90
pointer:       .res 2

.segment "CODE"

; Return the kind of the square at _probe_column, _probe_y.
_probe:
  lda _probe_column
  lsr a
  lsr a
  lsr a
  lsr a
  ora _level_page
  sta pointer+1
  lda _probe_column
  asl a
  asl a
  asl a
  asl a
  sta pointer
  lda _probe_y
  lsr a
  lsr a
  lsr a
  lsr a
  tay
  lda (pointer),y
  sta _probe_square
  tay
  lda _square_kinds,y
  ldx #0
  rts

; Show the bank in A at $8000. The NMI writes MMC3's registers too, so it must be off or told not to.
_select_level_bank:
  ldx #6
  stx $8000
  sta $8001
  rts
