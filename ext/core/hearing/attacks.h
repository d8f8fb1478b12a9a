// How often notes begin, by how hard they begin: what counts as an onset in one sound is a ripple in another, so
// the peaks of the onset strength are counted above several heights at once.
#pragma once

namespace emohost::hearing {

constexpr int kAttackHeights = 7;
constexpr int kWeakAttack = 1;  // the height above which attacks go best with the notes of polyphonic music

class Attacks {
  public:
    Attacks(double tick_s, double hop_s);

    // Every tick: strength [0, 1] of the rise. Real-time safe, as are the others.
    void tick(float strength) noexcept;
    void hop() noexcept;
    void reset() noexcept;

    // Peaks per second that are higher than each of kAttackHeights heights, lowest first; smoothed.
    const float* density() const noexcept { return density_; }
    // Peaks of the last hop, higher than each height.
    const int* of_hop() const noexcept { return of_hop_; }

  private:
    static constexpr int kMostTicks = 65;

    int around_, hold_ticks_;
    double hop_s_;
    float share_;
    int newest_ = 0;
    float recent_[kMostTicks] = {};  // ring of 2 * around_ + 1
    int since_[kAttackHeights] = {}, found_[kAttackHeights] = {};
    int of_hop_[kAttackHeights] = {};
    float density_[kAttackHeights] = {};
};

}  // namespace emohost::hearing
