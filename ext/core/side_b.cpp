#include "core/side_b.h"

#include <algorithm>
#include <cmath>

namespace emohost {

namespace {

constexpr double kLongest = 1e6;               // seconds a message may live
constexpr uint64_t kClockSlack = 1000000000u;  // ns; a time further ahead is of another clock (another boot)

bool all_finite(const float* values) noexcept {
    bool finite = true;
    for (int i = 0; i < kEmbedding; ++i) finite &= std::isfinite(values[i]);
    return finite;
}

// Seconds since the message was written; without a time stamp it is new.
double age(const EmotionMessage& message, uint64_t now_ns) noexcept {
    if (message.written_ns == 0) return 0.0;
    if (message.written_ns <= now_ns) return static_cast<double>(now_ns - message.written_ns) * 1e-9;
    return message.written_ns - now_ns < kClockSlack ? 0.0 : 2.0 * kLongest;
}

float towards(float from, float to, float most) noexcept {
    return from < to ? std::min(from + most, to) : std::max(from - most, to);
}

}  // namespace

bool SideB::listen(const EmotionRing* ring) noexcept {
    if (count_ == kVoices) return false;
    voices_[count_++].reader = EmotionRing::Reader(ring);
    return true;
}

void SideB::take(uint64_t frame, uint64_t now_ns, RecordWriter* record) noexcept {
    counts_.taken = counts_.lost = counts_.torn = 0;
    for (int v = 0; v < count_; ++v) {
        Voice& voice = voices_[v];
        EmotionMessage message;
        for (uint32_t i = 0; i < EmotionRing::capacity() && voice.reader.take(&message); ++i) {
            if (record) record->emotion(static_cast<uint64_t>(v), message);
            accept(voice, message, frame, now_ns);
        }
        counts_.taken += voice.reader.taken();
        counts_.lost += voice.reader.lost();
        counts_.torn += voice.reader.torn();
    }
}

void SideB::accept(Voice& voice, const EmotionMessage& message, uint64_t frame, uint64_t now_ns) noexcept {
    if (!all_finite(message.embedding) || !std::isfinite(message.weight) || !std::isfinite(message.ttl_s)) {
        ++counts_.stale;
        return;
    }
    const double left = std::min(static_cast<double>(message.ttl_s), kLongest) - age(message, now_ns);
    voice.ends = frame;  // a newer message ends an older one, also where its own time is over
    if (left < 0.0) {
        ++counts_.stale;
        return;
    }
    voice.weight = std::min(std::max(message.weight, 0.0f), 1.0f);
    voice.ends = frame + static_cast<uint64_t>(left * sample_rate_);
    if (voice.weight == 0.0f) return;  // it lets go: what is felt fades as it is
    for (int i = 0; i < kEmbedding; ++i) {
        voice.wanted[i] = std::min(std::max(message.embedding[i], -1.0f), 1.0f);
    }
}

void SideB::advance(uint64_t frame) noexcept {
    if (frame <= frame_) return;
    for (int v = 0; v < count_; ++v) {
        Voice& voice = voices_[v];
        const uint64_t ends = std::min(std::max(voice.ends, frame_), frame);
        move(voice, static_cast<double>(ends - frame_) / sample_rate_, voice.weight * factor_);
        move(voice, static_cast<double>(frame - ends) / sample_rate_, 0.0f);
    }
    frame_ = frame;
}

void SideB::move(Voice& voice, double seconds, float share) noexcept {
    if (seconds <= 0.0 || (voice.share == 0.0f && share == 0.0f)) return;
    if (voice.share == 0.0f) std::copy_n(voice.wanted, kEmbedding, voice.felt);
    const double rate = share > voice.share ? 1.0 / kRiseSeconds : 1.0 / kFadeSeconds;
    voice.share = towards(voice.share, share, static_cast<float>(seconds * rate));
    const auto most = static_cast<float>(seconds * 2.0 / kRiseSeconds);
    for (int i = 0; i < kEmbedding; ++i) voice.felt[i] = towards(voice.felt[i], voice.wanted[i], most);
}

float SideB::share() const noexcept {
    float sum = 0.0f;
    for (int v = 0; v < count_; ++v) sum += voices_[v].share;
    return std::min(sum, 1.0f);
}

void SideB::mix(const float* audio, float* out) const noexcept {
    float sum = 0.0f;
    for (int v = 0; v < count_; ++v) sum += voices_[v].share;
    const float scale = sum > 1.0f ? 1.0f / sum : 1.0f;
    const float rest = sum > 1.0f ? 0.0f : 1.0f - sum;
    for (int i = 0; i < kEmbedding; ++i) out[i] = rest * audio[i];
    for (int v = 0; v < count_; ++v) {
        const float share = scale * voices_[v].share;
        if (share == 0.0f) continue;
        for (int i = 0; i < kEmbedding; ++i) out[i] += share * voices_[v].felt[i];
    }
}

}  // namespace emohost
