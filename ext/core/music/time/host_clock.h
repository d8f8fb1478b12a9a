// A clock that the host's process follows (Ableton Link, JACK's transport): where its beat lies is told again and again, and
// read off the latest of it. Real-time safe.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/music/time/anchor.h"
#include "core/music/time/time_source.h"

namespace emohost::music {

class HostClock final : public TimeSource {
  public:
    explicit HostClock(double sample_rate) noexcept : sample_rate_(sample_rate) {}

    // What is told lies off by as much as processes wake up late: that is evened out, and where it is more the clock has
    // moved.
    void anchor(const Anchor& anchor) noexcept {
        if (!(anchor.tempo >= 20.0 && anchor.tempo <= 300.0)) return;
        const bool known = tempo_ > 0.0;
        const double off = wrapped(anchor.beat - beat_at(anchor.frame));
        const bool jitters = known && std::abs(off) * 60.0 < kJitter_s * anchor.tempo;
        beat_ = anchor.beat - (jitters ? (1.0 - kShare) * off : 0.0);
        frame_ = anchor.frame;
        tempo_ = anchor.tempo;
        beats_per_bar_ = anchor.beats_per_bar;
    }

    BeatReading read(uint64_t frame) const noexcept override {
        BeatReading reading;
        reading.frame = frame;
        reading.exact = true;
        if (tempo_ == 0.0) return reading;
        reading.tempo = tempo_;
        reading.confidence = 1.0f;
        reading.lost = since(frame) > kSilence_s * sample_rate_;
        reading.has_phase = reading.has_bar = true;
        reading.beats_per_bar = beats_per_bar_;
        reading.beat = beat_at(frame);
        if (reading.beat < 0.0) reading.beat += kManyBeats;
        return reading;
    }

  private:
    static constexpr double kSilence_s = 1.0;  // after which it is lost
    static constexpr double kJitter_s = 0.01;
    static constexpr double kShare = 0.2;  // of a difference, that an anchor takes back

    static double wrapped(double beats) noexcept {
        return beats - kManyBeats * std::floor(beats / kManyBeats + 0.5);
    }
    double since(uint64_t frame) const noexcept {
        return frame >= frame_ ? static_cast<double>(frame - frame_) : -static_cast<double>(frame_ - frame);
    }
    double beat_at(uint64_t frame) const noexcept {
        return beat_ + since(frame) * tempo_ / (sample_rate_ * 60.0);
    }

    double sample_rate_;
    uint64_t frame_ = 0;
    double tempo_ = 0.0;
    double beat_ = 0.0;
    int beats_per_bar_ = 0;
};

}  // namespace emohost::music
