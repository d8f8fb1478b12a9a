// How the level falls between attacks: notes cut short fall steeply and often, notes tied over hardly at all.
#pragma once

namespace emohost::hearing {

constexpr int kFallDepths = 5;

class Falls {
  public:
    explicit Falls(double hop_s);

    // Every hop: level in dB; nothing is learnt while nothing sounds. Real-time safe, as is reset().
    void hop(float level_db, bool sounding) noexcept;
    void reset() noexcept;

    // Share of the time, [0, 1], in which the level falls faster than each of kFallDepths, slowest first; smoothed.
    const float* shares() const noexcept { return shares_; }

  private:
    float hop_s_, share_;
    float last_db_ = 0;
    bool sounded_ = false;
    float shares_[kFallDepths] = {};
};

}  // namespace emohost::hearing
