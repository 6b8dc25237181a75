; Starts the console: clears its registers and memories, then enters the C program.
;
; cc65 compiles for the 6502, so the 65816 runs in its emulation mode: 8-bit registers, stack at $01xx, and the
; vectors of the emulation mode ($FFFA for NMI). https://snes.nesdev.org/wiki/CPU_vectors

.p816
.smart +
.import _main, zerobss, copydata, nmi
.importzp sp
.import __STACK_TOP__
.export __STARTUP__:absolute = 1

.segment "STARTUP"
reset:
  sei
  clc
  xce                       ; native mode: 16-bit loops make the clearing short
  rep #$38                  ; 16-bit A, X and Y, binary arithmetic
  lda #$0000
  tcd
  ldx #$01FF
  txs
  sep #$20                  ; 8-bit A
  lda #$00
  pha
  plb
  lda #$8F
  sta $2100                 ; forced blank: the picture unit's memories may be written
  ldx #$2101
@ppu:
  stz $00,x
  stz $00,x                 ; some registers take two bytes
  inx
  cpx #$2134
  bne @ppu
  lda #$80
  sta $2115                 ; VRAM address steps after the high byte
  ldx #$4200
@cpu:
  stz $00,x
  inx
  cpx #$420E
  bne @cpu
  ldx #$0000                ; no variable starts with what the power-on left there
@ram:
  stz $0000,x
  inx
  cpx #$2000
  bne @ram
  ldx #$0000
  stx $2116
@vram:
  stz $2118
  stz $2119
  inx
  cpx #$8000
  bne @vram
  sep #$30
  sec
  xce                       ; emulation mode for the C program
.p02
  ldx #$FF
  txs
  lda #<__STACK_TOP__
  sta sp
  lda #>__STACK_TOP__
  sta sp+1
  jsr zerobss
  jsr copydata
  jsr _main
hang:
  jmp hang
irq:
  rti

.segment "HEADER"           ; https://snes.nesdev.org/wiki/ROM_header
.byte "NEAT DUEL            "
.byte $20, $00, $08, $00, $00, $00, $00   ; LoROM, ROM only, 256 KB
.word $FFFF, $0000          ; complement and checksum, which fix_checksum.py fills in
.word 0, 0, irq, irq, irq, nmi, irq, irq
.word 0, 0, irq, irq, irq, nmi, reset, irq
