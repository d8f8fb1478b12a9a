#include "core/music/stage.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

constexpr double kShortest = 0.2;     // steps that a note lasts at least
constexpr double kAttackGap = 0.125;  // steps between two attacks of a part
constexpr float kQuietest = 0.18f;    // velocity as [0, 1] before factors, at loudness 0
constexpr float kChromaFade = 0.9f;   // per step: a bar of 16 leaves a fifth
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
    }
}

void Stage::set(Parameter parameter, float value) noexcept {
    if (!std::isfinite(value)) return;
    const auto enable = [&](Part part) { parts_[part].enabled = value >= 0.5f; };
    switch (parameter) {
        case Parameter::density:
            density_ = std::clamp(value, 0.0f, 2.0f);
            break;
        case Parameter::velocity:
            velocity_ = std::clamp(value, 0.0f, 2.0f);
            break;
        case Parameter::transpose:
            transpose_ = static_cast<int>(std::lround(std::clamp(value, -24.0f, 24.0f)));
            break;
        case Parameter::melody_enabled:
            enable(kMelody);
            break;
        case Parameter::chords_enabled:
            enable(kChords);
            break;
        case Parameter::bass_enabled:
            enable(kBass);
            break;
        case Parameter::drums_enabled:
            enable(kDrums);
            break;
        case Parameter::accents_enabled:
            enable(kAccents);
            break;
        case Parameter::tempo:
        case Parameter::emotion_weight:
        case Parameter::count:
            break;
    }
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
    const float said = moment.advice.has_dynamics ? mix(moment.activity, moment.advice.dynamics[part], 0.5f)
                                                  : moment.activity;
    const float accent = moment.advice.dynamics[8] * static_cast<float>(moment.weight) / (kWeights - 1);
    const float velocity =
        kQuietest + 0.6f * said + 0.1f * moment.emphasis + kAccentSpan * accent + 0.25f * loudness;
    play_at(part, pitch, std::max(velocity, 0.05f), moment.frame, moment.after(std::max(steps, kShortest)));
}

void Stage::play_at(Part part, int pitch, float velocity, uint64_t on, uint64_t off) noexcept {
    const PartSettings& settings = parts_[part];
    if (!std::isfinite(velocity)) return;
    const int value = static_cast<int>(std::lround(127.0f * velocity * settings.velocity * velocity_));
    if (value < 1) return;
    const int sent = part == kDrums ? pitch : within_midi(pitch + transpose_);
    last_on_[part] = on;
    schedule_.play(part, settings.channel, sent, std::min(value, 127), on, off);
    if (part != kDrums)
        chroma_[pitch_class(pitch)] += 1.0f;  // also if there was no room: decisions hang on no queue
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
    for (float& value : chroma_) value = value < 1e-3f ? 0.0f : value * kChromaFade;
}

}  // namespace emohost::music
