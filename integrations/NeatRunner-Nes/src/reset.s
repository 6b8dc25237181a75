; Power-on: a known machine (all RAM zero, so that nothing depends on chance), then main().
.import _main, zerobss, copydata, nmi, irq
.importzp sp
.import __STACK_TOP__
.export __STARTUP__ : absolute = 1

.segment "STARTUP"
reset:
  sei
  cld
  ldx #$40
  stx $4017             ; no APU frame interrupt
  ldx #$FF
  txs
  inx
  stx $2000             ; no NMI
  stx $2001             ; no picture
  stx $4010             ; no DMC interrupt
  stx $E000             ; no MMC3 interrupt
  bit $2002
: bit $2002             ; the PPU needs two frames to warm up
  bpl :-
  txa
: sta $00,x
  sta $0100,x
  sta $0300,x
  sta $0400,x
  sta $0500,x
  sta $0600,x
  sta $0700,x
  inx
  bne :-
  lda #$FF              ; sprites below the screen
: sta $0200,x
  inx
  bne :-
: bit $2002
  bpl :-

  ldx #7                ; MMC3 registers R0-R7
: stx $8000
  lda banks,x
  sta $8001
  dex
  bpl :-
  lda #$00
  sta $A000             ; vertical mirroring

  lda #<__STACK_TOP__
  sta sp
  lda #>__STACK_TOP__
  sta sp+1
  jsr zerobss
  jsr copydata
  cli
  jsr _main
: jmp :-

; R0, R1: 2K of background tiles each; R2-R5: 1K of sprite tiles each; R6 at $8000, R7 at $A000.
banks: .byte 0, 8, 4, 5, 6, 7, 0, 5

.segment "VECTORS"
.word nmi, reset, irq
