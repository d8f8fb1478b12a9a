#include "core/hearing/note_synth.h"

#include <algorithm>
#include <cmath>

namespace emohost::hearing {

namespace {

constexpr double kTurn = 6.283185307179586;
constexpr double kAttack_s = 0.004, kRelease_s = 0.08, kNoise_s = 0.04;
constexpr double kDecay_s = 1.6,
                 kDecayPerOctave = 0.7;  // at middle C, and by how much it changes with each octave above
constexpr float kLoudest = 0.25f;        // amplitude of the first partial at velocity 127
constexpr float kSoftSlope = 2.2f, kHardSlope = 1.2f;  // of partials, as powers of their number
constexpr float kQuiet = 1e-5f;                        // below which a voice is free
constexpr int kPercussion = 9;
constexpr int kOff = 0x80, kOn = 0x90, kControl = 0xb0;
constexpr int kSustain = 64, kAllSoundOff = 120, kResetControllers = 121, kAllNotesOff = 123;

float per_sample(double seconds, double rate) noexcept {
    return static_cast<float>(std::exp(-1.0 / (seconds * rate)));
}

}  // namespace

NoteSynth::NoteSynth(double sample_rate) noexcept
    : sample_rate_(sample_rate),
      attack_step_(static_cast<float>(1.0 / (kAttack_s * sample_rate))),
      release_(per_sample(kRelease_s, sample_rate)),
      noise_decay_(per_sample(kNoise_s, sample_rate)) {}

void NoteSynth::receive(const uint8_t* bytes, int size) noexcept {
    if (size != 3) return;
    const int kind = bytes[0] & 0xf0, channel = bytes[0] & 0x0f, first = bytes[1] & 0x7f,
              second = bytes[2] & 0x7f;
    if (kind == kOn && second > 0) return strike(channel, first, second);
    if (kind == kControl) return control(channel, first, second);
    if (kind != kOn && kind != kOff) return;
    for (Voice& voice : voices_) {
        if (!voice.down || voice.channel != channel || voice.note != first) continue;
        voice.down = false;
        voice.kept = pedals_ >> channel & 1;
        if (!voice.kept) lift(voice);
    }
}

void NoteSynth::release() noexcept {
    pedals_ = 0;
    for (Voice& voice : voices_) {
        voice.down = voice.kept = false;
        lift(voice);
    }
}

void NoteSynth::control(int channel, int controller, int value) noexcept {
    const auto pedal = static_cast<uint16_t>(1u << channel);
    const bool down = controller == kSustain && value >= 64;
    const bool lifts = (controller == kSustain && value < 64) || controller == kResetControllers;
    const bool ends = controller == kAllSoundOff || controller >= kAllNotesOff;
    if (down) pedals_ = static_cast<uint16_t>(pedals_ | pedal);
    if (lifts) pedals_ = static_cast<uint16_t>(pedals_ & ~pedal);
    if (!lifts && !ends) return;
    for (Voice& voice : voices_) {
        if (voice.channel != channel || (voice.down && !ends)) continue;
        voice.down = voice.kept = false;
        lift(voice);
    }
}

void NoteSynth::lift(Voice& voice) noexcept {
    if (!voice.noise) voice.decay = std::min(voice.decay, release_);
}

// The one that has this note, a free one, or the quietest.
NoteSynth::Voice& NoteSynth::voice_for(int channel, int note) noexcept {
    Voice* chosen = &voices_[0];
    for (Voice& voice : voices_) {
        if (voice.channel == channel && voice.note == note) return voice;
        const float quiet = voice.sounds() ? voice.level : -1.0f,
                    least = chosen->sounds() ? chosen->level : -1.0f;
        if (quiet < least) chosen = &voice;
    }
    return *chosen;
}

void NoteSynth::strike(int channel, int note, int velocity) noexcept {
    Voice& voice = voice_for(channel, note);
    const float force = static_cast<float>(velocity) / 127.0f;
    const double hertz = 440.0 * std::exp2((note - 69) / 12.0), octaves = (note - 60) / 12.0;
    voice = Voice();
    voice.down = true;
    voice.random = ++strikes_;  // of its own: pieces of any length give the same noise
    voice.noise = channel == kPercussion;
    voice.channel = channel;
    voice.note = note;
    voice.level = kLoudest * force * force;
    voice.decay =
        voice.noise ? noise_decay_ : per_sample(kDecay_s * std::pow(kDecayPerOctave, octaves), sample_rate_);
    const float slope = kSoftSlope + (kHardSlope - kSoftSlope) * force;
    for (int k = 0; k < kPartials && !voice.noise; ++k) {
        const double turn = kTurn * hertz * (k + 1) / sample_rate_;
        if (turn > 0.45 * kTurn) break;
        voice.amplitude[k] = std::pow(static_cast<float>(k + 1), -slope);
        voice.re[k] = 1.0f;
        voice.turn_re[k] = static_cast<float>(std::cos(turn));
        voice.turn_im[k] = static_cast<float>(std::sin(turn));
        ++voice.partials;
    }
}

void NoteSynth::render(float* out, int n) noexcept {
    std::fill_n(out, n, 0.0f);
    for (Voice& voice : voices_)
        if (voice.sounds()) add(voice, out, n);
}

void NoteSynth::add(Voice& voice, float* out, int n) noexcept {
    for (int i = 0; i < n; ++i) {
        float sum = 0.0f;
        for (int k = 0; k < voice.partials; ++k) {
            sum += voice.amplitude[k] * voice.im[k];
            const float re = voice.re[k] * voice.turn_re[k] - voice.im[k] * voice.turn_im[k];
            voice.im[k] = voice.re[k] * voice.turn_im[k] + voice.im[k] * voice.turn_re[k];
            voice.re[k] = re;
        }
        if (voice.noise) {
            voice.random = voice.random * 1664525u + 1013904223u;
            sum = static_cast<float>(voice.random >> 8) / 8388608.0f - 1.0f;
        }
        out[i] += voice.attack * voice.level * sum;
        voice.attack = std::min(1.0f, voice.attack + attack_step_);
        voice.level *= voice.decay;
        if (voice.level < kQuiet) {
            voice.note = -1;
            return;
        }
    }
}

}  // namespace emohost::hearing
