// How long steps take, for benchmarks. Not for the audio thread.
#pragma once

#include <cstdint>
#include <vector>

#include "core/nn/model.h"

namespace emohost::nn {

// What happens before each step that is timed.
struct Pace {
    std::size_t touched_bytes = 0;  // of other memory, read and written: what the caches then hold
    double pause_s = 0.0;           // of sleep, as between two blocks of a device
};

// Nanoseconds of each of `steps` steps of a chain: every network evaluated on random input in [-1, 1) of its
// own, and committed.
std::vector<uint32_t> time_steps(const std::vector<Model*>& chain, int steps, const Pace& pace);

// Nanoseconds to read the memory of the same networks once, front to back, with the widest loads of their
// instruction set, and to do nothing with it: no step can take less.
std::vector<uint32_t> time_reading(const std::vector<Model*>& chain, int steps, const Pace& pace);

}  // namespace emohost::nn
