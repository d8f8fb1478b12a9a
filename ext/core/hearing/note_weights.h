// How much a note counts where chords are looked for: among the upper voices, and in the bass. Training weighs the notes
// of a song alike (bindings). Set-up code.
#pragma once

#include <cmath>

namespace emohost::hearing {

inline float upper_weight(double note) {
    constexpr double kMiddle = 60, kWidth = 20;  // MIDI: where chords are heard
    const double off = (note - kMiddle) / kWidth;
    return static_cast<float>(std::exp(-0.5 * off * off));
}

inline float bass_weight(double note) {
    constexpr double kTop = 50, kEdge = 4;  // MIDI: below this is bass
    return static_cast<float>(1 / (1 + std::exp((note - kTop) / kEdge)));
}

}  // namespace emohost::hearing
