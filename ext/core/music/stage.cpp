#include "core/music/stage.h"

#include <algorithm>
#include <bitset>
#include <cmath>

namespace emohost::music {

namespace {

constexpr double kShortest = 0.2;     // steps that a note lasts at least
constexpr double kAttackGap = 0.125;  // steps between two attacks of a part
constexpr float kQuietest = 0.18f;    // velocity as [0, 1] before factors, at loudness 0
constexpr float kMetreSpan = 0.06f;   // of a velocity, from the weakest place in the bar to the strongest
constexpr float kAccentSpan = 0.15f;  // share of the metre in a velocity

int within_midi(int pitch) noexcept {
    while (pitch > 127) pitch -= 12;
    while (pitch < 0) pitch += 12;
    return pitch;
}

}  // namespace

Stage::Stage(const MusicianSettings& settings) noexcept {
    for (int i = 0; i < kParts; ++i) {
        parts_[i] = settings.parts[i];
        ended_[i] = true;
        last_pitch_[i] = -1;
        shares_[i] = 1.0f;
    }
    for (uint32_t i = 0; i < kParameters; ++i) values_[i] = kParameterRanges[i].usual;
}

void Stage::set(Parameter parameter, float value) noexcept {
    if (!std::isfinite(value) || parameter >= Parameter::count) return;
    const ParameterRange range = range_of(parameter);
    const float within = std::clamp(value, range.low, range.high);
    const Part part = enabled_by(parameter);
    if (part != kParts) parts_[part].enabled = within >= 0.5f;
    values_[static_cast<uint32_t>(parameter)] = within;
}

void Stage::apply(uint64_t frame) noexcept {
    for (int part = 0; part < kParts; ++part) {
        if (!parts_[part].enabled && !ended_[part]) schedule_.end_part(part, frame);
        ended_[part] = !parts_[part].enabled;
    }
}

uint64_t Stage::attack(Part part, const Moment& moment) const noexcept {
    if (last_on_[part] == 0) return moment.frame;
    const uint64_t gap = static_cast<uint64_t>(kAttackGap * moment.step_frames) + 1;
    return std::max(moment.frame, last_on_[part] + gap);
}

void Stage::play(Part part, int pitch, const Moment& moment, double steps, float loudness) noexcept {
    const int output = kDynamicsOutputs[part].velocity;
    const float said = moment.advice.has_dynamics && output >= 0
                           ? mix(moment.activity, moment.advice.dynamics[output], 0.5f)
                           : moment.activity;
    const float strong = static_cast<float>(moment.weight) / (kWeights - 1);
    const float accent =
        kAccentSpan * moment.advice.dynamics[8] * strong + kMetreSpan * (2.0f * strong - 0.8f);
    const float velocity =
        kQuietest + 0.6f * said + 0.1f * moment.emphasis + accent + 0.25f * loudness + swell_;
    play_at(part, pitch, std::clamp(velocity, 0.05f, 1.0f), moment.frame,
            moment.after(std::max(steps, kShortest)));
}

// A chord's tone that would cover the melody that sounds goes an octave down; false if there is no room for it.
bool Stage::below_melody(int* pitch, uint64_t on) const noexcept {
    if (melody_off_ <= on || last_pitch_[kMelody] < 0) return true;
    while (*pitch >= last_pitch_[kMelody]) *pitch -= 12;
    return *pitch >= parts_[kChords].low;
}

// The melody comes to lie under tones of a chord that sounds: they end.
void Stage::uncover(int pitch, uint64_t on) noexcept {
    const std::bitset<128> chord = schedule_.sounding(kChords, on);
    for (int sent = within_midi(pitch + transpose()); sent < 128; ++sent)
        if (chord[static_cast<std::size_t>(sent)]) schedule_.end_note(parts_[kChords].channel, sent, on);
}

void Stage::play_at(Part part, int pitch, float velocity, uint64_t on, uint64_t off) noexcept {
    const PartSettings& settings = parts_[part];
    if (!std::isfinite(velocity) || shut_[part]) return;
    if (part == kChords && !below_melody(&pitch, on)) return;
    const int value =
        static_cast<int>(std::lround(127.0f * velocity * settings.velocity * parameter(Parameter::velocity)));
    if (value < 1) return;
    if (part == kMelody) {
        uncover(pitch, on);
        melody_off_ = off;
    }
    const int sent = part == kDrums ? pitch : within_midi(pitch + transpose());
    last_on_[part] = on;
    last_pitch_[part] = pitch;
    schedule_.play(part, settings.channel, sent, std::min(value, 127), on, off);
    if (part != kDrums)
        chroma_[pitch_class(pitch)] += 1.0f;  // also if there was no room: decisions hang on no queue
}

void Stage::hold(uint64_t frame, double frames) noexcept {
    for (const Part part : {kMelody, kChords, kBass})
        schedule_.hold_part(part, frame, frame + static_cast<uint64_t>(frames));
}

void Stage::program_changes(uint64_t frame) noexcept {
    for (int part = 0; part < kParts; ++part)
        if (parts_[part].program >= 0)
            schedule_.program(part, parts_[part].channel, parts_[part].program, frame);
}

uint16_t Stage::channels() const noexcept {
    unsigned mask = 0;
    for (const PartSettings& part : parts_) mask |= 1u << part.channel;
    return static_cast<uint16_t>(mask);
}

void Stage::chroma_played(float* chroma) const noexcept {
    float total = 0.0f;
    for (const float value : chroma_) total += value;
    for (int i = 0; i < 12; ++i) chroma[i] = total > 0.0f ? chroma_[i] / total : 0.0f;
}

void Stage::fade_chroma() noexcept {
    for (float& value : chroma_) value = value < 1e-3f ? 0.0f : value * kPlayedFade;
}

}  // namespace emohost::music
