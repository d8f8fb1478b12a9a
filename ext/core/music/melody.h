// The melody part: a line of single notes in four-bar phrases. Each step asks whether a note begins and, if
// so, draws its pitch from network x interval x chord x scale x shape of the phrase. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Melody {
  public:
    explicit Melody(uint64_t seed) noexcept : rng_(seed, 1) {}
    void plan(const Moment& moment, Stage& stage) noexcept;

  private:
    static constexpr int kMaxSteps = 32;  // in a bar; the longest has 28

    // The first bar of a phrase: where notes began, and by how much each moved from the one before.
    struct Motif {
        bool begins[kMaxSteps] = {};
        int interval[kMaxSteps] = {};
    };

    void begin_bar(const Moment& moment) noexcept;
    float network_activity(const Moment& moment) noexcept;
    float chance_to_begin(const Moment& moment, float network) const noexcept;
    int choose_pitch(const Moment& moment, const PartSettings& part, bool cadence) noexcept;
    double length_in_steps(const Moment& moment, bool cadence) const noexcept;
    void follow_chord(const Moment& moment, Stage& stage) noexcept;

    Rng rng_;
    Motif motif_;
    bool echoes_ = false;      // this bar repeats the motif
    int previous_ = -1;        // pitch of the last note, -1 before the first
    int leap_ = 0;             // interval that led to it
    int repeats_ = 0;          // of the same pitch
    int run_ = 0;              // notes since the last rest of a beat
    int since_ = 0;            // steps since the last note began
    uint64_t off_ = 0;         // frame at which it ends
    float mean_activity_ = 0;  // of the network, over the last bars
};

}  // namespace emohost::music
