// The beat that is heard leads. Real-time safe.
#pragma once

#include "core/hearing/beat/beat.h"
#include "core/music/time/time_source.h"

namespace emohost::music {

class BeatFollower final : public TimeSource {
  public:
    void hear(const hearing::BeatHeard& beat) noexcept { beat_ = beat; }

    BeatReading read(uint64_t frame) const noexcept override {
        BeatReading reading;
        reading.frame = beat_.frame;
        if (!(beat_.tempo >= kSlowest && beat_.tempo <= kFastest) ||
            !(beat_.phase >= 0.0 && beat_.phase <= 1.0))
            return reading;  // nothing found yet
        reading.tempo = beat_.tempo;
        reading.has_phase = beat_.frame <= frame;
        reading.has_bar = beat_.beat_in_bar >= 0 && beat_.metre >= 2 && beat_.metre <= 7 &&
                          beat_.downbeat_confidence >= kSureOfBar;
        reading.beats_per_bar = reading.has_bar ? beat_.metre : 0;
        reading.beat = beat_.phase + (reading.has_bar ? beat_.beat_in_bar % beat_.metre : 0);
        reading.confidence = beat_.confidence;
        return reading;
    }

  private:
    static constexpr double kSlowest = 20.0, kFastest = 300.0;  // beats per minute
    static constexpr float kSureOfBar = 0.5f;

    hearing::BeatHeard beat_;
};

}  // namespace emohost::music
