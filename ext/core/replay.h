// A run that was recorded (record.h), played again: the same blocks with the same messages at the same times give the same
// events, whatever the machine has to do meanwhile. Offline: never on the audio thread.
#pragma once

#include <cstdint>

#include "core/offline.h"
#include "core/record.h"

namespace emohost {

// The clock of an engine that plays recorded blocks: what the block in hand says. Settings of such an engine name it.
uint64_t replayed_clock() noexcept;

// Plays `count` blocks in a row and appends what came out. `samples`: those of all of them, interleaved channels_in wide;
// of a null input, too, though they are not looked at. What a block takes lies in the rings before: push it, and then
// play that block. What was left out under overload is left out again. The engine's settings have `clock` =
// replayed_clock and `sheds` = false. Empties the event and telemetry rings.
void replay(Engine& engine, const RecordedBlock* blocks, std::size_t count, const float* samples,
            Rendering* rendering);

}  // namespace emohost
