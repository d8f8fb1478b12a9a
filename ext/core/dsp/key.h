// The key: long-term pitch-class profile against major and minor profiles, slow to change its mind.
#pragma once

namespace emohost::dsp {

class KeyFinder {
  public:
    explicit KeyFinder(double step_s);

    // chroma: salience of the 12 pitch classes at this step (not normalised; zeros in silence). Real-time
    // safe.
    void update(const float* chroma) noexcept;
    void reset() noexcept;

    int tonic() const noexcept { return key_ < 0 ? -1 : key_ % 12; }  // -1: unknown
    bool minor() const noexcept { return key_ >= 12; }
    float clarity() const noexcept { return clarity_; }  // [0, 1]

  private:
    void score(float* scores) const noexcept;

    double step_s_;
    float share_, rest_share_;
    float heard_s_ = 0, rest_s_ = 0;
    float chroma_[12] = {};
    float rival_s_ = 0;          // weighted time for which another key was ahead
    int key_ = -1, rival_ = -1;  // 0-11 major, 12-23 minor
    float clarity_ = 0;
};

}  // namespace emohost::dsp
