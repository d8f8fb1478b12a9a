// Rhythms of half a bar in which people sing: of what the melodies of POP909's training split do in two beats, the 40 most
// usual, by how often they come. Real-time safe.
#pragma once

#include <cstdint>

#include "core/music/rng.h"

namespace emohost::music {

constexpr int kCellSteps = 8;

// A cell, bit per sixteenth. `wanted`: notes that it should have, about; `emphasis`: of its kCellSteps steps, [-1, 1].
uint8_t choose_cell(float wanted, const float* emphasis, Rng& rng) noexcept;

}  // namespace emohost::music
