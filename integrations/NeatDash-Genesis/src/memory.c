/* The two functions that the compiler calls by itself when it copies or clears a structure. */
typedef unsigned long size;

void *memcpy(void *to, const void *from, size count) {
    char *target = to;
    const char *source = from;
    while (count--)
        *target++ = *source++;
    return to;
}

void *memset(void *to, int value, size count) {
    char *target = to;
    while (count--)
        *target++ = (char)value;
    return to;
}
