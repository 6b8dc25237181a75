| Vectors, cartridge header, and what has to happen before C can run.
| https://www.plutiedev.com/rom-header

  .section .boot,"ax"
  .globl _start, wait_frame
  .set MODE_PLAY, 0x0C
  .set GAME_MODE, 0xFFF600
  .set LAG_FRAMES, 0xFFFE08
  .set VIDEO_FRAMES, 0xFFFE0C

  .long 0x00FFF600, _start        | the stack grows down from the first published byte above it
  .rept 28
  .long ignore
  .endr
  .long vertical_interrupt        | level 6
  .rept 33
  .long ignore
  .endr

  .ascii "NEAT RETRO      "       | 0x100: emulators do not mind whose name stands here
  .ascii "(C)NEAT 2026.NOV"
  .ascii "NEAT DASH                                       "
  .ascii "NEAT DASH                                       "
  .ascii "GM 00000000-00"
  .word 0
  .ascii "J               "       | a three-button pad
  .long 0, 0x0FFFFF, 0xFF0000, 0xFFFFFF
  .ascii "            "
  .ascii "            "
  .ascii "                                        "
  .ascii "JUE             "

_start:
  move.w #0x2700,%sr
   lea 0xFF0000,%a0               | all of the work RAM is zero, so nothing can depend on what was there
  move.w #0x3FFF,%d0
  moveq #0,%d1
2: move.l %d1,(%a0)+
  dbra %d0,2b
  lea _ldata,%a0
  lea _sdata,%a1
  lea _edata,%a2
3: cmpa.l %a2,%a1
  bcc.s 4f
  move.b (%a0)+,(%a1)+
  bra.s 3b
4: lea 0x00FFF600,%sp
  jsr main
5: bra.s 5b

ignore:
  rte

| A frame is late if the game is not waiting for it. Loading an act takes many frames; only play counts.
vertical_interrupt:
  addq.l #1,VIDEO_FRAMES
  tst.b is_waiting
  bne.s 1f
  cmpi.b #MODE_PLAY,GAME_MODE
  bne.s 1f
  addq.w #1,LAG_FRAMES
1: clr.b is_waiting
  rte

| void wait_frame(void): return right after the next vertical interrupt.
| The processor sleeps: an emulator has then less to do than with a loop. `stop` lets interrupts in and waits in one
| step, so that none can come between the two.
wait_frame:
  move.w #0x2700,%sr
  st is_waiting
1: stop #0x2000
  tst.b is_waiting
  bne.s 1b
  rts

  .lcomm is_waiting, 2

  .section .note.GNU-stack,"",@progbits
