// Who plays when: the band listens first, enters on a bar line once the beat is trusted, one group after the other, and
// thins out while it is not. Real-time safe.
#pragma once

#include <cstdint>

#include "core/music/transport.h"
#include "core/vocabulary.h"

namespace emohost::music {

class Entrance {
  public:
    // `bars`: of a trusted beat before it enters (bars), or of clicks (count_in).
    Entrance(Enter how, int bars, double sample_rate) noexcept
        : how_(how), bars_(bars), sample_rate_(sample_rate) {
        begin();
    }

    // All over again: the transport has started, or another clock leads.
    void begin() noexcept;
    // The band had come in already: all of it plays on, and for a while also on a beat that is not trusted yet.
    void resume() noexcept;
    // Before each step is planned. `silent`: nothing sounds. `rests`: there is nothing to play along to, also where
    // something sounds.
    void step(Transport& transport, bool silent, bool rests) noexcept;

    Playing state() const noexcept { return state_; }
    bool plays() const noexcept { return state_ == Playing::playing || state_ == Playing::unsure; }
    bool plays(Part part) const noexcept;
    bool counts() const noexcept { return state_ == Playing::counting_in; }
    float share() const noexcept {
        return state_ == Playing::unsure ? kThin : 1.0f;
    }  // of what is played otherwise

  private:
    static constexpr float kThin = 0.5f;
    static constexpr int kAll = 3;  // groups: bass, chords and accents; drums; melody

    void listen(Transport& transport, bool silent, bool rests) noexcept;
    void count(Transport& transport) noexcept;
    void watch(const Transport& transport, bool rests) noexcept;
    void enter(Transport& transport, int groups) noexcept;

    Enter how_;
    int bars_;
    double sample_rate_;
    Playing state_ = Playing::listening;
    int groups_ = 0;    // that play
    int trusted_ = 0;   // steps in a row, while listening
    int barless_ = 0;   // steps since a bar began, while listening
    int doubted_ = 0;   // steps in a row, while playing
    int rests_ = 0;     // likewise, of nothing to play to
    double heard_ = 0;  // frames of what it may play to, while listening
};

}  // namespace emohost::music
