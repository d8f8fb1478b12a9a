// Counts what an audio thread must never do, while the calling thread is armed: heap calls, locks, waits.
// A library for LD_PRELOAD (or linked first), Linux only. A harness finds these three by dlsym and arms
// around Engine::process(); the engine itself knows nothing of it.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum emohost_trap_kind {
    EMOHOST_TRAP_ALLOCATE,  // malloc, calloc, realloc, posix_memalign, aligned_alloc, memalign ...
    EMOHOST_TRAP_FREE,
    EMOHOST_TRAP_NEW,     // operator new
    EMOHOST_TRAP_DELETE,  // operator delete
    EMOHOST_TRAP_LOCK,  // mutexes, read-write and spin locks, all their ways to lock; once; a static's guard
    EMOHOST_TRAP_UNLOCK,
    EMOHOST_TRAP_WAIT,    // conditions, semaphores, barriers, joins, sleeps, yields
    EMOHOST_TRAP_SIGNAL,  // condition and semaphore signals
    EMOHOST_TRAP_KINDS
};

// Zeroes the counts and starts counting the calling thread's calls. Nothing is hindered: calls go through.
void emohost_trap_arm(void);
// Stops counting.
void emohost_trap_disarm(void);
// Calls of a kind by this thread between the last arm and disarm; 0 for an unknown kind.
uint64_t emohost_trap_count(int kind);

#ifdef __cplusplus
}
#endif
