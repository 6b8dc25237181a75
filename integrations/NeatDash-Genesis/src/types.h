/* Integers by width. An int has 32 bits on this compiler and costs twice what 16 bits cost on a 68000. */
#ifndef TYPES_H
#define TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned long u32;
typedef signed char s8;
typedef signed short s16;
typedef signed long s32;

#endif
