// Where JACK's transport is in bars and beats, where this host says so for all its clients. Real-time safe.
//
// The beat is that of the band at the moment, wherever the transport is: a beat that is heard is no even one. Bars are
// counted so that they lie next to where an even tempo would put them from the transport's beginning on, and from then on by
// the beat. While the band says no beat, the tempo alone counts.
#pragma once

#include <cmath>
#include <cstdint>

namespace emohost::music {

// What the band says.
struct Beat {
    double tempo = 0.0;  // beats per minute; 0: not known
    double beat = 0.0;   // place in the bar at `frame`, in beats
    uint32_t frame = 0;  // of JACK's own count, which runs over
    uint16_t beats_per_bar = 4;
    uint16_t placed = 0;  // 0: `beat` says nothing
};

class Timebase {
  public:
    // Beats since the transport's beginning at its place `position`, where JACK's count of frames will be at `frame`.
    // `onwards`: it has moved on evenly from the place before.
    double place(const Beat& band, uint32_t frame, uint32_t position, double rate, bool onwards) noexcept {
        const double per_frame = band.tempo / (60.0 * rate);
        const double even = onwards ? beats_ + static_cast<double>(position - position_) * per_frame
                                    : static_cast<double>(position) * per_frame;
        beats_ = even;
        position_ = position;
        if (band.placed) {
            const double bar = band.beats_per_bar;
            const double since = static_cast<double>(static_cast<int32_t>(frame - band.frame));
            const double off = band.beat + since * per_frame - even;
            beats_ = even + off - bar * std::floor(off / bar + 0.5);
            if (beats_ < 0.0) beats_ += bar;
        }
        return beats_;
    }

  private:
    double beats_ = 0.0;
    uint32_t position_ = 0;
};

}  // namespace emohost::music
