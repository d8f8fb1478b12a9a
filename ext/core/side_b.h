// What Side B wants to be felt, and how it comes and goes: smoothly, whatever is written and whenever it stops.
//
// Each ring is one voice with a share in [0, 1] of what is felt. A voice wants `weight x factor` of its newest message
// until that message's time to live is over, and nothing from then on. The share rises at most by 1 in kRiseSeconds
// and falls at most by 1 in kFadeSeconds; the embedding of a voice that is heard moves each entry by at most 2 (its
// whole range) in kRiseSeconds. So no entry of the blend moves faster than kFastest per second on account of one voice.
// Shares of several voices add up; beyond 1 in all they are scaled down to 1.
#pragma once

#include <cstdint>

#include "core/emotion_ring.h"
#include "core/record.h"

namespace emohost {

constexpr double kRiseSeconds = 0.5;
constexpr double kFadeSeconds = 1.0;
constexpr double kFastest =
    4.0 / kRiseSeconds;     // entries per second: the share rising and the embedding moving
constexpr int kVoices = 5;  // the engine's own ring, and four writers in other processes

class SideB {
  public:
    struct Counts {
        uint64_t taken = 0;  // whole messages
        uint64_t lost = 0;   // overwritten before they were read
        uint64_t torn = 0;   // damaged
        uint64_t stale = 0;  // of the taken: their time was over, or they were no numbers; never played
    };

    explicit SideB(double sample_rate) noexcept : sample_rate_(sample_rate) {}

    // Loader side, before the first block. False when there is no room for one more. `ring` outlives this.
    bool listen(const EmotionRing* ring) noexcept;

    // All below: audio thread, real-time safe.

    // Factor on every weight, in [0, 1]; 0 takes Side B out of play.
    void set_factor(float factor) noexcept { factor_ = factor; }
    // Takes what was written, and has it kept by `record`, if any. `frame`: where playing has come to; `now_ns`: the monotonic clock.
    void take(uint64_t frame, uint64_t now_ns, RecordWriter* record = nullptr) noexcept;
    // Moves on to `frame`. Going there in several steps is the same.
    void advance(uint64_t frame) noexcept;
    // The blend of the audio's own embedding with the voices, as they are now.
    void mix(const float* audio, float* out) const noexcept;

    float share() const noexcept;  // of all voices in what is felt, [0, 1]
    const Counts& counts() const noexcept { return counts_; }

  private:
    struct Voice {
        EmotionRing::Reader reader;
        float wanted[kEmbedding] = {};
        float felt[kEmbedding] = {};
        float weight = 0.0f;
        uint64_t ends = 0;  // frame
        float share = 0.0f;
    };

    void accept(Voice& voice, const EmotionMessage& message, uint64_t frame, uint64_t now_ns) noexcept;
    void move(Voice& voice, double seconds, float share) noexcept;

    const double sample_rate_;
    float factor_ = 1.0f;
    uint64_t frame_ = 0;
    int count_ = 0;
    Voice voices_[kVoices];
    Counts counts_;
};

}  // namespace emohost
