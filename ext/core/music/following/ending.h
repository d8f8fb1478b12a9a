// Whether the player rests or has come to an end, told from attacks, beat, chord and level. Where an end is likely the band
// holds what it plays and attacks nothing; at an end it plays a last chord and lets it ring; if the player then plays one
// chord more it moves there, and if that was no end it goes on at the next bar line. While the player merely rests the band
// keeps time, for two bars at most. Real-time safe.
#pragma once

#include <cstdint>

#include "core/hearing/listener.h"
#include "core/music/transport.h"
#include "core/theory/keys.h"

namespace emohost::music {

enum class Stance {
    playing,  // as ever
    holding,  // the player may have ended: what sounds is held, nothing begins
    resting,  // the player rests: the band keeps time
    closing,  // at this step, and no other, the last chord is played
    over      // nothing new is played
};

class Ending {
  public:
    static constexpr int kGaps = 32;  // between the player's last attacks
    enum Cue { seconds, usual, sure, slowed, tonic, fallen, loud, kCues };

    // The band has come in: what the player did before no longer counts for an end.
    void begin() noexcept;
    // The player was heard to attack a note; what is heard at a hop: a weak attack counts as one, and, since soft ones are
    // not heard as such, a sound that swells or that goes to another chord without having faded.
    void onset(uint64_t frame, const hearing::Heard& heard) noexcept;
    void hear(uint64_t frame, const hearing::Heard& heard) noexcept;
    // Before each step is planned, while the band plays. `fills`: it has something to say while the player rests.
    void step(const Transport& transport, const hearing::Heard& heard, theory::Key key, bool fills) noexcept;

    Stance stance() const noexcept { return stance_; }
    bool ended() const noexcept { return stance_ == Stance::closing || stance_ == Stance::over; }
    // The player was heard to play since the band came in: without, silence is no rest.
    bool follows() const noexcept { return onset_ != 0; }
    bool soon() const noexcept;     // it is not long ago that the player attacked
    bool in_time() const noexcept;  // at this step one may still end together with the player's last attack
    bool held(const hearing::Heard& heard) const noexcept;  // what was attacked last still sounds
    bool likely() const noexcept;  // while something is held: the drums are to stop, too
    // How likely it is that nothing comes after the player's last attack, [0, 1].
    float chance() const noexcept { return chance_; }

  private:
    Stance next(const Transport& transport, const hearing::Heard& heard, bool fills) const noexcept;
    float chance_of_end(const Transport& transport, const hearing::Heard& heard,
                        theory::Key key) const noexcept;
    bool one_more() const noexcept;
    bool goes_on() const noexcept;
    bool rests(const hearing::Heard& heard) const noexcept;
    float longer_than(double beats) const noexcept;
    bool knows() const noexcept { return count_ >= kGaps / 2; }

    Stance stance_ = Stance::playing;
    float gaps_[kGaps] = {};  // ring, beats
    int next_ = 0;
    int count_ = 0;
    uint64_t onset_ = 0;                        // frame of the last attack; 0: none
    int since_closed_ = 0;                      // attacks after the last chord
    bool moved_ = false;                        // the last chord was played anew after one of those
    double beats_ = 0;                          // since the last attack, of the step that is planned
    double beat_frames_ = 0;                    // length of a beat,
    double second_frames_ = 0;                  // and of a second
    double usual_tempo_ = 0;                    // of the last seconds
    float loudest_db_ = -120, softest_db_ = 0;  // since the last attack
    int chord_ = -1;                            // that was heard last
    float usual_db_ = 0;                        // mean of the loudest after each attack; 0: none was heard
    float chance_ = 0;
};

}  // namespace emohost::music
