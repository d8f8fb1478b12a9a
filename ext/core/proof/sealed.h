// The callback under seccomp's strict mode: the kernel kills the process at any system call but read, write,
// exit and sigreturn. Linux only; for tests and `emohost validate`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine.h"

namespace emohost::proof {

// How a sealed process ended.
struct Outcome {
    std::string why_not;  // nothing was sealed: the reason; else empty
    int signal = 0;       // SIGKILL: it called the system; 0: it came to its end
    int status = 0;       // of its exit
    bool came_to_its_end() const { return why_not.empty() && signal == 0 && status == 0; }
    bool was_killed() const;
};

// Forks, seals the child for good, and runs `work` there. `work` must neither return memory to the heap nor end
// the process by the C library. Not from two threads at once.
Outcome sealed(void (*work)(void*), void* with);

// What must kill a sealed process: the seal is tried before it is trusted.
void call_the_clock(void*);  // one clock_gettime by system call
void grow_the_heap(void*);   // one malloc of 64 MB

struct SealedRun {
    Outcome outcome;
    uint64_t blocks =
        0;  // played, commands and emotions in between; every kind of Input, 512 blocks at a time
    uint64_t notes = 0;
    uint64_t clock_reads =
        0;  // of the processor's counter (x86-64: the seal turns it off, and each read is emulated)
};

// Plays `blocks` blocks of the sizes in turn through PortAudio's callback, sealed. A set of networks that was
// offered before is taken under the seal. `engine` itself is left as it was: a copy of the process plays.
SealedRun play_sealed(Engine& engine, const float* audio, uint64_t frames,
                      const std::vector<int>& block_sizes, uint64_t blocks);

}  // namespace emohost::proof
