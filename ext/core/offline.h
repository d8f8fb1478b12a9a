// Rendering: the engine's process() over audio that is all there, as fast as it goes, nothing lost however
// long.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine.h"

namespace emohost {

// What a render left behind. Grows without limit: only for offline use, on the thread that calls process().
struct Rendering {
    std::vector<MidiEvent> events;
    std::vector<BlockReport> reports;
    std::vector<Hop> hops;
    bool keeps_steps = false;  // a thousand bytes and a half each
    std::vector<Step> steps;
};

// Appends what lies in the event and telemetry rings.
void collect(Engine& engine, Rendering* rendering);

// Plays `frames` frames of interleaved input in blocks of `block_size` (the last may be shorter) and appends
// what came out. Empties the event and telemetry rings: no one else may read them meanwhile.
void render(Engine& engine, const float* audio, uint64_t frames, int block_size, Rendering* rendering);

// Ends every sounding note at the current frame and appends what was owed and is not in the event ring.
void finish(Engine& engine, Rendering* rendering);

}  // namespace emohost
