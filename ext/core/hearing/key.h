// The key: a filter over the 24 keys, fed by chroma and chord at every look; it forgets nothing that a modulation does not
// take back, and follows one within seconds.
#pragma once

namespace emohost::hearing {

class KeyFinder {
  public:
    static constexpr int kKeys = 24;  // 0-11 major, 12-23 minor

    explicit KeyFinder(double step_s);

    // chroma: share of the 12 pitch classes around this step, which sum to 1, zeros in silence. chord: class with absolute
    // root (theory/chords.h), -1 where none is known. Real-time safe.
    void update(const float* chroma, int chord) noexcept;
    void reset() noexcept;

    int tonic() const noexcept { return key_ < 0 ? -1 : key_ % 12; }  // -1: not known yet
    bool minor() const noexcept { return key_ >= 12; }
    float clarity() const noexcept { return clarity_; }  // [0, 1]
    // How well the chroma of the last seconds fits the profile of one key and of no other, [0, 1]: from the first moment on,
    // also where no key is known yet.
    float fit() const noexcept { return fit_; }

  private:
    void rest() noexcept;
    void advance(const float* evidence, float moves) noexcept;
    void gather(const float* chroma, int chord) noexcept;
    bool enough() const noexcept;
    void decide() noexcept;

    float step_s_, move_share_, rest_move_share_, profile_share_, rest_profile_share_;
    float probability_[kKeys];
    float heard_s_ = 0, silent_s_ = 0;
    bool third_heard_ = false;
    float most_[12] = {};     // share that each pitch class has had at most
    float profile_[12] = {};  // chroma of the last seconds, for the clarity
    int key_ = -1;
    float clarity_ = 0, fit_ = 0;
};

}  // namespace emohost::hearing
