#include "core/music/melody.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/music/melody_factors.h"

namespace emohost::music {

namespace {

constexpr float kBegins[kWeights] = {0.1f, 0.42f, 0.62f, 0.8f,
                                     0.88f};  // by metrical weight, at middling activity
constexpr float kLeastMean = 0.1f;            // of the network's activity: a network that rests is believed
constexpr float kMeanShare = 1.0f / 64.0f;

// Where the cadence of a phrase falls in its last bar: the middle, on a beat.
int cadence_step(int steps_per_bar) noexcept { return steps_per_bar / 8 * 4; }

bool in_last_bar(const Moment& moment) noexcept { return moment.bar_in_phrase() == kPhraseBars - 1; }

float gaussian(float distance, float width) noexcept {
    return std::exp(-0.5f * distance * distance / (width * width));
}

// The curve on which phrases lie: rising to the third bar, falling to the end; higher when excited.
float contour(const Moment& moment, const PartSettings& part) noexcept {
    const float bars = static_cast<float>(moment.bar_in_phrase()) +
                       static_cast<float>(moment.step) / static_cast<float>(moment.steps_per_bar);
    const float arch = std::sin(3.14159265f * bars / kPhraseBars);
    const float share = 0.3f + 0.25f * arch + 0.15f * moment.activity + 0.05f * moment.valence;
    return static_cast<float>(part.low) + share * static_cast<float>(part.high - part.low);
}

// What sounds already fits: 0.5 for a pitch class that is not heard, 1 for an even share, 6.5 for the only
// one.
float heard_factor(int pitch, const dsp::Heard& heard) noexcept {
    const float share = heard.chroma[pitch_class(pitch)];
    return share > 0.0f && share <= 1.0f ? 0.5f + 6.0f * share : 0.5f;
}

float cadence_factor(int pitch, const Moment& moment) noexcept {
    const int degree = pitch_class(pitch - moment.key.tonic);
    const bool third = degree == (moment.key.minor ? 3 : 4);
    return degree == 0 ? 5.0f : third || degree == 7 ? 0.8f : 0.1f;
}

}  // namespace

void Melody::begin_bar(const Moment& moment) noexcept {
    const int bar = moment.bar_in_phrase();
    const float draw = rng_.unit();
    echoes_ = (bar == 1 && draw < 0.7f) || (bar == 2 && draw < 0.5f);
    if (bar == 0) motif_ = Motif();
}

// How busy the network is against its own average, so that it need not be calibrated: around 1.
float Melody::network_activity(const Moment& moment) noexcept {
    float sum = 0.0f;
    for (const float probability : moment.advice.melody) sum += probability;
    mean_activity_ += kMeanShare * (sum - mean_activity_);
    if (mean_activity_ < kLeastMean) mean_activity_ = kLeastMean;
    return std::clamp(sum / mean_activity_, 0.1f, 1.6f);
}

float Melody::chance_to_begin(const Moment& moment, float network) const noexcept {
    const int cadence = cadence_step(moment.steps_per_bar);
    if (in_last_bar(moment) && moment.step == cadence) return 0.95f;
    if (in_last_bar(moment) && moment.step > cadence)  // the phrase rests; a pickup may lead to the next
        return moment.steps_left() == 2 ? 0.3f * moment.activity : 0.0f;
    float chance = std::pow(kBegins[moment.weight], 2.2f - 1.7f * moment.activity);
    if (echoes_) chance = motif_.begins[moment.step] ? 0.92f : 0.15f * chance;
    if (run_ > 7) chance *= 0.5f;                                  // breathe
    if (off_ > moment.frame && moment.weight < 2) chance *= 0.6f;  // let long notes be long
    return chance * network * (1.0f + 0.4f * moment.emphasis);
}

int Melody::choose_pitch(const Moment& moment, const PartSettings& part, bool cadence) noexcept {
    const float height = contour(moment, part);
    float weights[kMelodyNotes];
    melody_weights(moment.advice.melody, previous_, moment.key, moment.chord, moment.step,
                   moment.steps_per_bar, weights);
    for (int pitch = 0; pitch < kMelodyNotes; ++pitch) {
        if (pitch < part.low || pitch > part.high) {
            weights[pitch] = 0.0f;
            continue;
        }
        float weight = weights[pitch] * heard_factor(pitch, moment.heard) *
                       gaussian(static_cast<float>(pitch) - height, 7.0f);
        if (previous_ >= 0) {
            const int interval = pitch - previous_;
            if (interval == 0 && repeats_ > 0) weight *= 0.2f;
            if (std::abs(leap_) > 4) weight *= leap_ * interval < 0 && std::abs(interval) <= 4 ? 2.0f : 0.6f;
            if (echoes_ && motif_.begins[moment.step])
                weight *= 0.1f + gaussian(static_cast<float>(interval - motif_.interval[moment.step]), 1.2f);
        }
        if (cadence) weight *= cadence_factor(pitch, moment);
        weights[pitch] = weight;
    }
    return rng_.pick(weights, kMelodyNotes);
}

double Melody::length_in_steps(const Moment& moment, bool cadence) const noexcept {
    if (cadence) return static_cast<double>(moment.steps_left()) * mix(0.4f, 0.65f, moment.gate(kMelody));
    const float strong = moment.weight >= 2 ? 1.5f : 1.0f;
    return strong * mix(4.0f, 1.3f, moment.activity) * mix(0.4f, 1.1f, moment.gate(kMelody));
}

// A note held into a chord to which it does not belong ends there.
void Melody::follow_chord(const Moment& moment, Stage& stage) noexcept {
    if (!moment.chord_changed || off_ <= moment.frame || previous_ < 0) return;
    const uint16_t mask = chord_mask(moment.chord);
    if (mask == 0 || holds(mask, previous_)) return;
    stage.schedule().end_part(kMelody, moment.frame);
    off_ = moment.frame;
}

void Melody::plan(const Moment& moment, Stage& stage) noexcept {
    if (moment.step == 0) begin_bar(moment);
    if (++since_ > 4) run_ = 0;
    follow_chord(moment, stage);
    const float draw = rng_.unit();
    if (!moment.advice.has_melody) return;
    const float chance = chance_to_begin(moment, network_activity(moment)) * stage.density(kMelody);
    if (draw >= chance) return;

    const bool cadence = in_last_bar(moment) && moment.step == cadence_step(moment.steps_per_bar);
    const int pitch = choose_pitch(moment, stage.part(kMelody), cadence);
    if (pitch < 0) return;
    const int interval = previous_ < 0 ? 0 : pitch - previous_;
    if (moment.bar_in_phrase() == 0) {
        motif_.begins[moment.step] = true;
        motif_.interval[moment.step] = interval;
    }
    repeats_ = interval == 0 ? repeats_ + 1 : 0;
    leap_ = interval;
    previous_ = pitch;
    ++run_;
    since_ = 0;
    const double steps = length_in_steps(moment, cadence);
    off_ = moment.after(steps);
    stage.schedule().end_part(kMelody, moment.frame);
    stage.play(kMelody, pitch, moment, steps, 0.15f);
}

}  // namespace emohost::music
