; Puts blocks of 16 pixels width into the list of sprites, mirrored or not.
.export _sprite_block, _sprites_begin, _sprites_end
.exportzp _sprite_x, _sprite_y, _sprite_tile, _sprite_look, _sprite_rows

SPRITES = $0200
MIRRORED = $40

.segment "ZEROPAGE"
_sprite_x:    .res 1
_sprite_y:    .res 1
_sprite_tile: .res 1            ; the block's tiles follow each other, row by row
_sprite_look: .res 1            ; palette and MIRRORED
_sprite_rows: .res 1
next:         .res 1
left:         .res 1
right:        .res 1

.segment "CODE"

_sprites_begin:
  lda #0
  sta next
  rts

_sprite_block:
  ldx _sprite_x
  stx left
  txa
  clc
  adc #8
  sta right
  bit _sprite_look
  bvc :+                        ; mirrored: the first tile goes to the right
  stx right
  sta left
: ldx next
  cpx #240                      ; four places are kept free
  bcs @full
  dec _sprite_y                 ; the PPU draws sprites a line lower
@row:
  lda _sprite_y
  sta SPRITES,x
  sta SPRITES+4,x
  ldy _sprite_tile
  tya
  sta SPRITES+1,x
  iny
  tya
  sta SPRITES+5,x
  iny
  sty _sprite_tile
  lda _sprite_look
  sta SPRITES+2,x
  sta SPRITES+6,x
  lda left
  sta SPRITES+3,x
  lda right
  sta SPRITES+7,x
  txa
  clc
  adc #8
  tax
  cpx #248
  bcs @last
  lda _sprite_y
  clc
  adc #8
  sta _sprite_y
  dec _sprite_rows
  bne @row
@last:
  stx next
@full:
  rts

; Hide what is left of the list.
_sprites_end:
  ldx next
  lda #$FF
: sta SPRITES,x
  inx
  inx
  inx
  inx
  bne :-
  rts
