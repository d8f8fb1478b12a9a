// The melody part: a line of single notes. Its rhythm is composed a section ahead, kept for each material and brought back
// (melody_theme.h); pitches are drawn from network x interval x chord x scale x what was heard x the line that the motif had.
// Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/parts/melody_theme.h"
#include "core/music/rng.h"
#include "core/music/stage.h"

namespace emohost::music {

class Melody {
  public:
    explicit Melody(uint64_t seed) noexcept : rng_(seed, 1) {}
    void plan(const Moment& moment, Stage& stage) noexcept;
    // Steps of a bar on which a note begins unless the network rests, a bit for each; kOpen: not composed yet.
    static constexpr uint32_t kOpen = ~0u;
    uint32_t strikes(const Moment& bar) const noexcept;

  private:
    static int level_of(const Theme& theme, int bar, float density) noexcept;
    void begin_bar(const Moment& moment, float density, const PartSettings& part) noexcept;
    float network_activity(const Moment& moment) noexcept;
    float likeness(int pitch, const Moment& moment, int target) const noexcept;
    int octaves() const noexcept;
    int target_of(const Moment& moment) const noexcept;
    int choose_pitch(const Moment& moment, const PartSettings& part) noexcept;
    double length_in_steps(const Moment& moment) const noexcept;
    void follow_chord(const Moment& moment, Stage& stage) noexcept;
    void keep(int pitch, const Moment& moment) noexcept;

    Rng rng_;
    Held density_;
    Theme themes_[kMaterials];
    Theme* theme_ = nullptr;
    int bar_ = -1;               // of the section, that theme_ was chosen for
    int centre_ = -1;            // pitch around which its phrase lies, out of the player's way
    int shift_ = 0;              // degrees by which this bar lies off the line that it takes up
    bool follows_ = false;       // this bar takes up a line
    int previous_ = -1;          // pitch of the last note, -1 before the first
    int leap_ = 0;               // interval that led to it
    int repeats_ = 0;            // of the same pitch
    uint64_t off_ = 0;           // frame at which it ends
    float recent_activity_ = 0;  // of the network, over the last beats,
    float mean_activity_ = 0;    // and the last bars
};

}  // namespace emohost::music
