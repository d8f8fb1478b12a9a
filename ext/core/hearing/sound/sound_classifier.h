// What kind of sound is heard: a small network reads the cues of sound_cues.h with their averages and spreads of the last
// seconds, and the forward pass of a hidden Markov model adds up what it says, slow to take music for over.
// src/emohost/training/sounds made the weights (sound_weights.h). Real-time safe.
#pragma once

#include "core/hearing/sound/sound_cues.h"
#include "core/vocabulary.h"

namespace emohost::hearing {

constexpr int kSoundKinds = static_cast<int>(Sound::count) - 1;  // all but nothing

class SoundClassifier {
  public:
    explicit SoundClassifier(double hop_s);

    // Every hop. `sounding`: the gate is open.
    void hop(const float* cues, bool sounding) noexcept;
    void reset() noexcept;
    // Goes on for another that had come to this judgement.
    void resume(Sound lately) noexcept;

    // Now; nothing in silence, and until it is sure for the first time.
    Sound sound() const noexcept { return sounding_ ? lately_ : Sound::nothing; }
    // The last that was judged, for some seconds of silence, too: a rest ends no music.
    Sound lately() const noexcept { return lately_; }
    float confidence() const noexcept;  // [0, 1], of sound()

  private:
    void average(const float* cues) noexcept;
    void ask(float* log_likely) const noexcept;
    void believe(const float* log_likely) noexcept;

    int every_, hops_ = 0;  // hops between two answers
    double step_s_;
    float fast_share_, slow_share_;
    float heard_steps_ = 0, silent_s_ = 0;
    bool sounding_ = false;
    Sound lately_ = Sound::nothing;
    float fast_[kSoundCues] = {}, slow_[kSoundCues] = {}, squares_[kSoundCues] = {};
    float belief_[kSoundKinds] = {};
};

}  // namespace emohost::hearing
