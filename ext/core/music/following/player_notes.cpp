#include "core/music/following/player_notes.h"

#include <algorithm>
#include <cstdlib>

#include "core/signal/arithmetic.h"

namespace emohost::music {

namespace {

constexpr float kLatelyShare = 0.005f;         // of a hop of 20 ms: over 4 s
constexpr int kLatelyReach = 5;                // semitones
constexpr float kNear[] = {1.0f, 0.8f, 0.6f};  // by distance in semitones

}  // namespace

void PlayerNotes::begin() noexcept {
    std::fill(now_, now_ + hearing::kNotes, 0.0f);
    std::fill(lately_, lately_ + hearing::kNotes, 0.0f);
}

void PlayerNotes::hear(const hearing::Heard& heard) noexcept {
    std::copy_n(heard.notes, hearing::kNotes, now_);
    for (int i = 0; i < hearing::kNotes; ++i)
        lately_[i] = signal::settle(lately_[i] + kLatelyShare * (now_[i] - lately_[i]));
}

float PlayerNotes::sounds_near(int pitch) const noexcept {
    float most = 0.0f;
    for (int away = -2; away <= 2; ++away) {
        const int i = pitch + away - hearing::kLowestNote;
        if (i >= 0 && i < hearing::kNotes) most = std::max(most, kNear[std::abs(away)] * now_[i]);
    }
    return most;
}

float PlayerNotes::returns_to(int pitch) const noexcept {
    const int i = pitch - hearing::kLowestNote;
    return i >= 0 && i < hearing::kNotes ? lately_[i] : 0.0f;
}

float PlayerNotes::lately(int pitch) const noexcept {
    float sum = 0.0f;
    for (int away = -kLatelyReach; away <= kLatelyReach; ++away) {
        const int i = pitch + away - hearing::kLowestNote;
        if (i >= 0 && i < hearing::kNotes) sum += lately_[i];
    }
    return sum / (2 * kLatelyReach + 1);
}

}  // namespace emohost::music
