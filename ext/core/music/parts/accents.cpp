#include "core/music/parts/accents.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace emohost::music {

namespace {

constexpr double kRefractory_s = 0.08;  // onsets closer together are answered once
constexpr double kLength_s = 0.12;

// The tones to choose from: the chord heard, else the one played, else the loudest pitch class, else the
// tonic.
uint16_t tones(const hearing::Heard& heard, Key key, int chord_heard, int chord) noexcept {
    if (chord_mask(chord_heard) != 0) return chord_mask(chord_heard);
    if (chord_mask(chord) != 0) return chord_mask(chord);
    int loudest = key.known() ? key.tonic : 0;
    float most = 0.0f;
    for (int pitch = 0; pitch < 12; ++pitch) {
        if (!(heard.chroma[pitch] > most)) continue;
        most = heard.chroma[pitch];
        loudest = pitch;
    }
    return static_cast<uint16_t>(1u << loudest);
}

}  // namespace

void Accents::onset(uint64_t frame, const hearing::Heard& heard, float activity, Key key, int chord_heard,
                    int chord, Stage& stage) noexcept {
    if (!stage.enabled(kAccents) || frame < next_) return;
    if (!rng_.chance(stage.density(kAccents))) return;
    const PartSettings& part = stage.part(kAccents);
    const uint16_t mask = tones(heard, key, chord_heard, chord);
    const float height =
        mix(static_cast<float>(part.low), static_cast<float>(part.high), heard.pitch_register);
    float weights[128] = {};
    for (int pitch = part.low; pitch <= part.high; ++pitch) {
        if (!holds(mask, pitch)) continue;
        const float distance = std::abs(static_cast<float>(pitch) - height);
        weights[pitch] = std::exp(-0.2f * distance) * (pitch == previous_ ? 0.3f : 1.0f);
    }
    const int pitch = rng_.pick(weights, 128);
    if (pitch < 0) return;
    previous_ = pitch;
    next_ = frame + static_cast<uint64_t>(kRefractory_s * sample_rate_);
    stage.schedule().end_part(kAccents, frame);
    const float velocity = 0.25f + 0.4f * heard.onset_strength + 0.3f * activity;
    stage.play_at(kAccents, pitch, velocity, frame, frame + static_cast<uint64_t>(kLength_s * sample_rate_));
}

}  // namespace emohost::music
