#include "core/proof/stimulus.h"

#include <algorithm>
#include <limits>

namespace emohost::proof {

namespace {

constexpr uint64_t kClickEvery = 12000, kClickLasts = 20;  // frames

}  // namespace

Stimulus::Stimulus(const float* audio, uint64_t frames, int channels, int most)
    : audio_(audio),
      length_(frames),
      channels_(static_cast<std::size_t>(channels)),
      most_(most),
      block_(static_cast<std::size_t>(most) * channels_) {}

Block Stimulus::next(Input kind, int frames) noexcept {
    ++blocks_;
    if (kind == Input::alternating) frames = blocks_ % 2 ? frames / 2 : frames + frames / 2;
    frames = std::min(std::max(frames, 1), most_);
    if (kind == Input::missing) return {nullptr, frames};
    fill(kind, static_cast<std::size_t>(frames) * channels_);
    return {block_.data(), frames};
}

void Stimulus::fill(Input kind, std::size_t samples) noexcept {
    const float infinity = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < samples; ++i) {
        float& sample = block_[i];
        const std::size_t channel = i % channels_;
        switch (kind) {
            case Input::noise:
                sample = random();
                break;
            case Input::clicks:
                sample = clock_ % kClickEvery < kClickLasts ? 1.0f : 0.0f;
                break;
            case Input::offset:
                sample = 0.7f;
                break;
            case Input::denormals:
                sample = 1e-39f * random();
                break;
            case Input::not_a_number:
                sample = std::numeric_limits<float>::quiet_NaN();
                break;
            case Input::infinity:
                sample = i % 2 ? infinity : -infinity;
                break;
            case Input::music:
            case Input::alternating:
                sample = audio_[at_ * channels_ + channel];
                if (channel + 1 == channels_) at_ = (at_ + 1) % length_;
                break;
            default:
                sample = 0.0f;
        }
        if (channel + 1 == channels_) ++clock_;
    }
}

float Stimulus::random() noexcept {
    random_ = random_ * 1664525u + 1013904223u;
    return static_cast<float>(random_ >> 8) / 8388608.0f - 1.0f;
}

void disturb(Shared& shared, uint64_t block) noexcept {
    const auto send = [&shared](CommandKind kind, uint64_t frame = 0) {
        shared.command.push({kind, Parameter::tempo, 0.0f, 0, frame});
    };
    if (block % 5 == 1) {
        const auto parameter = static_cast<Parameter>(block / 5 % static_cast<uint64_t>(Parameter::count));
        const float value = parameter == Parameter::tempo ? 60.0f + static_cast<float>(block % 120) : 1.0f;
        const uint64_t frame = block % 2 ? 0 : block * 300;  // at once, over, or to come, as the blocks go
        shared.command.push({CommandKind::set_parameter, parameter, value, 0, frame});
    }
    if (block % 211 == 60) send(CommandKind::panic);
    if (block % 211 == 120) send(CommandKind::transport_stop);
    if (block % 211 == 124) send(CommandKind::transport_start);
    if (block % 61 == 7) send(CommandKind::tap);
    if (block % 307 == 9) send(CommandKind::downbeat, block * 256);
    if (block % 3 == 1) {
        const uint64_t ahead = block % 2 ? 0 : shared.blocks.load() * 100;
        shared.input.push({ahead, {0x90, static_cast<uint8_t>(block % 128), 100}, 3, 0, {}});
        shared.input.push({0, {0xf8, 0, 0}, static_cast<uint8_t>(block % 5), 1, {}});
    }
    if (block % 7 == 3) {
        EmotionMessage message{};
        encode({block % 2 ? 0.9f : -0.9f, block % 3 ? 0.9f : -0.9f}, message.embedding);
        message.weight = 0.7f;
        message.ttl_s = 0.1f;
        shared.emotion.write(message);
    }
}

}  // namespace emohost::proof
