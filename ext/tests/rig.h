// The whole engine for C++ tests: five networks of the standard architectures with seeded random weights, and
// music to play to them, without a file or Python.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/engine.h"
#include "music/house_style.h"

namespace rig {

// Uniform in [-1, 1), the same everywhere.
class Random {
  public:
    explicit Random(uint32_t seed) : state_(seed) {}
    float next() {
        state_ = state_ * 1664525u + 1013904223u;
        return static_cast<float>(state_ >> 8) / 8388608.0f - 1.0f;
    }

  private:
    uint32_t state_;
};

inline std::vector<float> weights(Random& random, int rows, int columns) {
    std::vector<float> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    const float scale = std::sqrt(3.0f / static_cast<float>(rows));
    for (float& value : values) value = scale * random.next();
    return values;
}

inline emohost::nn::LayerSpec dense(Random& random, int in, int out, emohost::nn::Activation activation) {
    emohost::nn::LayerSpec layer;
    layer.kind = emohost::nn::LayerKind::dense;
    layer.activation = activation;
    layer.inputs = in;
    layer.outputs = out;
    layer.weights = {weights(random, in, out), std::vector<float>(static_cast<std::size_t>(out), 0.0f)};
    return layer;
}

inline emohost::nn::LayerSpec lstm(Random& random, int in, int out) {
    emohost::nn::LayerSpec layer;
    layer.kind = emohost::nn::LayerKind::lstm;
    layer.inputs = in;
    layer.outputs = out;
    layer.weights = {weights(random, in, 4 * out), weights(random, out, 4 * out),
                     std::vector<float>(static_cast<std::size_t>(4 * out), 0.0f)};
    return layer;
}

inline std::unique_ptr<emohost::nn::Model> build(int inputs,
                                                 const std::vector<emohost::nn::LayerSpec>& layers) {
    std::string error;
    auto model = emohost::nn::build_model(inputs, layers, emohost::nn::Isa::automatic, &error);
    if (!model) std::printf("    %s\n", error.c_str());
    return model;
}

// Under a sanitizer a tenth of the speed is left: fewer units then, the same layers.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kShrink = 8;
#else
constexpr int kShrink = 1;
#endif

inline emohost::Networks standard_networks(uint32_t seed = 1) {
    using emohost::nn::Activation;
    constexpr int k512 = 512 / kShrink, k256 = 256 / kShrink, k128 = 128 / kShrink, k64 = 64 / kShrink;
    Random r(seed);
    emohost::Networks networks;
    networks[emohost::kEmotionRole] =
        build(128, {dense(r, 128, k512, Activation::tanh), dense(r, k512, k256, Activation::tanh),
                    lstm(r, k256, k128), dense(r, k128, 64, Activation::tanh)});
    networks[emohost::kMelodyRole] =
        build(64, {dense(r, 64, k256, Activation::relu), lstm(r, k256, k256),
                   dense(r, k256, k256, Activation::relu), dense(r, k256, 128, Activation::sigmoid)});
    networks[emohost::kHarmonyRole] =
        build(128, {dense(r, 128, k256, Activation::tanh), dense(r, k256, k128, Activation::tanh),
                    dense(r, k128, 64, Activation::softmax)});
    networks[emohost::kDynamicsRole] =
        build(32, {dense(r, 32, k128, Activation::relu), dense(r, k128, k64, Activation::relu),
                   dense(r, k64, 16, Activation::sigmoid)});
    networks[emohost::kGrooveRole] =
        build(64, {dense(r, 64, k128, Activation::tanh), dense(r, k128, k64, Activation::tanh),
                   dense(r, k64, 32, Activation::tanh)});
    return networks;
}

inline emohost::EngineSettings settings(double sample_rate = 48000.0, int max_block = 4096) {
    emohost::EngineSettings settings;
    settings.sample_rate = sample_rate;
    settings.max_block = max_block;
    settings.listener.sample_rate = sample_rate;
    settings.music.sample_rate = sample_rate;
    constexpr int kLow[] = {60, 48, 28, 35, 60}, kHigh[] = {84, 76, 52, 81, 96}, kChannel[] = {0, 1, 2, 9, 4};
    for (int part = 0; part < emohost::music::kParts; ++part) {
        settings.music.parts[part].low = kLow[part];
        settings.music.parts[part].high = kHigh[part];
        settings.music.parts[part].channel = kChannel[part];
    }
    settings.music.controls[0] = {emohost::music::ControlSource::valence, 15, 20, 0, 127};
    settings.music.controls[1] = {emohost::music::ControlSource::arousal, 15, 21, 0, 127};
    settings.music.control_count = 2;
    settings.music.styles = {band::house_style()};
    return settings;
}

// Chords of decaying partials, two a second, through a cadence in C: something with a key, onsets and a
// pulse.
inline std::vector<float> music(double sample_rate, double seconds, int channels = 1) {
    constexpr double kPi = 3.14159265358979323846;
    constexpr int kChords[4][3] = {{60, 64, 67}, {65, 69, 72}, {67, 71, 74}, {60, 64, 67}};
    const auto frames = static_cast<std::size_t>(sample_rate * seconds);
    std::vector<float> audio(frames * static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < frames; ++i) {
        const double time = static_cast<double>(i) / sample_rate, beat = time * 2.0;
        const double since = (beat - std::floor(beat)) / 2.0;
        double sum = 0.0;
        for (int note : kChords[static_cast<int>(beat / 2.0) % 4]) {
            const double hertz = 440.0 * std::pow(2.0, (note - 69) / 12.0);
            for (int partial = 1; partial <= 4; ++partial) {
                sum += std::sin(2.0 * kPi * hertz * partial * time) / (partial * partial);
            }
        }
        const float sample = static_cast<float>(0.15 * sum * std::exp(-4.0 * since));
        for (int c = 0; c < channels; ++c)
            audio[i * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)] = sample;
    }
    return audio;
}

// An engine with shared memory of its own.
struct Rig {
    std::unique_ptr<emohost::Shared> shared = std::make_unique<emohost::Shared>();
    std::unique_ptr<emohost::Engine> engine;

    explicit Rig(const emohost::EngineSettings& with = settings(),
                 emohost::Networks networks = standard_networks()) {
        emohost::Shared::format(shared.get(), sizeof(emohost::Shared));
        engine = std::make_unique<emohost::Engine>(with, std::move(networks), *shared);
    }
};

// What the reader finds.
inline std::vector<emohost::MidiEvent> pop_all(emohost::Shared& shared) {
    std::vector<emohost::MidiEvent> events;
    emohost::MidiEvent event;
    while (shared.event.pop(&event)) events.push_back(event);
    return events;
}

inline emohost::BlockReport last_report(emohost::Shared& shared) {
    emohost::BlockReport report{};
    while (shared.telemetry.pop(&report)) {
    }
    return report;
}

}  // namespace rig
