// What a clock of the host's process says of a moment, and how it travels in a command (core/messages.h).
#pragma once

#include <cmath>
#include <cstdint>

namespace emohost::music {

constexpr double kManyBeats =
    3360.0;  // whole phrases of eight bars, of 2 to 7 beats each: a count goes round there

struct Anchor {
    uint64_t frame;
    double tempo;       // beats per minute
    double beat;        // beats since a bar of a phrase's beginning, [0, kManyBeats)
    int beats_per_bar;  // 0: not known
};

constexpr int kPlaceBits = 28;
constexpr double kPerBeat = 65536.0;

// beats / 65536, and above them the beats of a bar.
inline uint32_t pack_place(double beat, int beats_per_bar) noexcept {
    const double within = beat - kManyBeats * std::floor(beat / kManyBeats);
    const uint32_t metre =
        beats_per_bar >= 2 && beats_per_bar <= 7 ? static_cast<uint32_t>(beats_per_bar) : 0;
    return metre << kPlaceBits | static_cast<uint32_t>(within * kPerBeat);
}

inline Anchor unpack_anchor(uint64_t frame, double tempo, uint32_t place) noexcept {
    constexpr uint32_t kPlace = (1u << kPlaceBits) - 1;
    return {frame, tempo, (place & kPlace) / kPerBeat, static_cast<int>(place >> kPlaceBits)};
}

}  // namespace emohost::music
