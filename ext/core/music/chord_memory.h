// What was heard at each step of the last eight bars: songs come round again after four bars, or eight. Real-time safe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/theory/chords.h"
#include "core/theory/keys.h"

namespace emohost::music {

using namespace theory;

constexpr int kEar = 2;  // steps that the ear is behind the music

class ChordMemory {
  public:
    ChordMemory() noexcept { clear(); }
    void clear() noexcept { std::fill_n(heard_, kSteps, static_cast<int8_t>(kNoChord)); }

    // At each step, in order, from 0: the chord that is heard, absolute; what is no class counts as none.
    void note(uint64_t step, int chord) noexcept {
        heard_[step % kSteps] = static_cast<int8_t>(chord >= 0 && chord < kChordClasses ? chord : kNoChord);
    }

    // Adds to `tones` and `root`, 12 each from the tonic on, how much of the half bar that began at the same place
    // four bars ago they were heard in, and half as much for eight bars ago.
    void recall(uint64_t step, int steps_per_bar, int tonic, float* tones, float* root) const noexcept {
        add(step, 4 * steps_per_bar, tonic, 0.5f, tones, root);
        add(step, 8 * steps_per_bar, tonic, 0.25f, tones, root);
    }

  private:
    static constexpr int kHalfBar = 8;        // steps, of a bar of four beats
    static constexpr int kSteps = 8 * 4 * 7;  // eight bars of seven beats

    void add(uint64_t step, int ago, int tonic, float weight, float* tones, float* root) const noexcept {
        for (int i = 0; i < kHalfBar; ++i) {
            const uint64_t later = step + static_cast<uint64_t>(kEar + i);
            if (later < static_cast<uint64_t>(ago)) continue;  // before the first step
            const int chord = transpose_chord(heard_[(later - static_cast<uint64_t>(ago)) % kSteps], -tonic);
            const uint16_t mask = chord_mask(chord);
            for (int pitch = 0; pitch < 12; ++pitch)
                if (holds(mask, pitch)) tones[pitch] += weight / kHalfBar;
            if (chord_root(chord) >= 0) root[chord_root(chord)] += weight / kHalfBar;
        }
    }

    int8_t heard_[kSteps];
};

}  // namespace emohost::music
