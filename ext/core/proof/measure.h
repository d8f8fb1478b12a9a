// Watches process() for what it must never do. For tests and `emohost validate`; not for the audio thread of
// a rig.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/engine.h"
#include "core/proof/stimulus.h"

namespace emohost::proof {

constexpr int kTrapKinds = 8;
// By trap/trap.h's numbers.
constexpr const char* kTrapNames[kTrapKinds] = {"allocate", "free",   "new",  "delete",
                                                "lock",     "unlock", "wait", "signal"};

struct Measured {
    uint64_t blocks = 0;
    bool trapped = false;                // the trap library is loaded; otherwise `calls` says nothing
    uint64_t calls[kTrapKinds] = {};     // made inside process(), by kind
    bool faults_known = false;           // the system tells the thread's page faults
    uint64_t page_faults = 0;            // inside process(), after the first block
    std::vector<uint32_t> durations_ns;  // of each block's callback
};

// Plays interleaved `audio` once, in blocks of the given sizes in turn (at most the engine's max_block),
// through commands, Side B's messages, NaN, infinity and missing input. Empties the event and telemetry
// rings.
Measured measure(Engine& engine, const float* audio, uint64_t frames, const std::vector<int>& block_sizes);

// What the callback costs, ns of processor time, by kind of input: each kind for a second of audio, in turn, `rounds` times over, in
// blocks of `block_size` frames. Empties the event and telemetry rings.
using Costs = std::array<std::vector<uint32_t>, kInputs>;
Costs cost(Engine& engine, const float* audio, uint64_t frames, int block_size, int rounds);

}  // namespace emohost::proof
