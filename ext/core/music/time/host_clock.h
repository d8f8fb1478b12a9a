// A clock that the host's process follows (Ableton Link): where its beat lies is told again and again, and read off the
// latest of it. Real-time safe.
#pragma once

#include "core/music/time/time_source.h"

namespace emohost::music {

class HostClock final : public TimeSource {
  public:
    explicit HostClock(double sample_rate) noexcept : sample_rate_(sample_rate) {}

    // At `frame` the place in its bar is `beat` (beats, any bar), at `tempo` beats per minute.
    void anchor(uint64_t frame, double tempo, double beat) noexcept {
        if (!(tempo >= 20.0 && tempo <= 300.0)) return;
        frame_ = frame;
        tempo_ = tempo;
        beat_ = beat;
    }

    BeatReading read(uint64_t frame) const noexcept override {
        BeatReading reading;
        reading.frame = frame;
        reading.exact = true;
        if (tempo_ == 0.0) return reading;
        const double since =
            frame >= frame_ ? static_cast<double>(frame - frame_) : -static_cast<double>(frame_ - frame);
        reading.tempo = tempo_;
        reading.confidence = 1.0f;
        reading.lost = since > kSilence_s * sample_rate_;
        reading.has_phase = reading.has_bar = true;
        reading.beat = beat_ + since * tempo_ / (sample_rate_ * 60.0);
        if (reading.beat < 0.0) reading.beat += kManyBeats;
        return reading;
    }

  private:
    static constexpr double kSilence_s = 1.0;    // after which it is lost
    static constexpr double kManyBeats = 420.0;  // whole bars of 2 to 7 beats

    double sample_rate_;
    uint64_t frame_ = 0;
    double tempo_ = 0.0;
    double beat_ = 0.0;
};

}  // namespace emohost::music
