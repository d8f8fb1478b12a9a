// The players of the band, one for each part, and the table that says when each of them plays. Real-time safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/music/parts/accents.h"
#include "core/music/parts/bass.h"
#include "core/music/parts/comping.h"
#include "core/music/parts/drums.h"
#include "core/music/parts/melody.h"
#include "core/music/rng.h"
#include "core/vocabulary.h"

namespace emohost::music {

// What a player needs to be there before it plays.
enum class Needs {
    nothing,
    harmony,  // a chord or a key
    chords,   // the same, and more than a rhythm
    key,      // a key, and music
};

class Players {
  public:
    Players(uint64_t seed, double sample_rate) noexcept
        : Players(seed, sample_rate, std::make_index_sequence<kParts>()) {}

    // Calls play(part, player, needs) for each that plays on steps, in this order.
    template <typename Play>
    void each(Play&& play) noexcept {
        play(kBass, bass, Needs::harmony);  // first: the chords stay above it
        play(kChords, comping, Needs::chords);
        play(kMelody, melody, Needs::key);
        play(kDrums, drums, Needs::nothing);
    }

    // How far from the step a part's hand strikes, standard deviation 1.
    float unevenness(Part part) noexcept { return hands_[part].bell(); }

    Melody melody;
    Comping comping;
    Bass bass;
    Drums drums;
    Accents accents;  // answers onsets, and plays on no step

  private:
    static constexpr uint64_t kHands = 16;  // stream of the first part's hand, each its own

    template <std::size_t... Numbers>
    Players(uint64_t seed, double sample_rate, std::index_sequence<Numbers...>) noexcept
        : melody(seed),
          comping(seed),
          bass(seed),
          drums(seed),
          accents(seed, sample_rate),
          hands_{Rng(seed, kHands + Numbers)...} {}

    Rng hands_[kParts];
};

}  // namespace emohost::music
