// Sets a process's clock off by LEORA_TEST_CLOCK seconds: preloaded, it stands before the system's own functions.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(clock, now);
    const char *off = getenv("LEORA_TEST_CLOCK");
    if (done == 0 && clock == CLOCK_REALTIME && off) now->tv_sec += atol(off);
    return done;
}
