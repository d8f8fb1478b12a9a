// The transport: what the musician knows of time. It turns what a source of time says (time_source.h) into steps on an
// elastic grid (grid.h): state, tempo, beat and bar, the frame of the step that comes, and how sure the source is.
//
// The grid runs forward only and gives each step once. Where it is off the source's beat it is bent back over about a
// beat, never set; the tempo of a step is settled when the one before is planned. While the source is not trusted, the
// grid goes on at the last tempo that was. Bars count from the downbeat that the source hears or that somebody sets.
// Same calls at the same frames, same steps. Real-time safe.
#pragma once

#include <cstdint>

#include "core/music/time/beat_follower.h"
#include "core/music/time/grid.h"
#include "core/music/time/host_clock.h"
#include "core/music/time/internal_clock.h"
#include "core/music/time/midi_clock.h"
#include "core/music/time/time_source.h"

namespace emohost::music {

enum class TransportState : int { stopped, running };

class Transport {
  public:
    // `metre_found`: the source may change the beats per bar (2 to 7).
    Transport(double sample_rate, double tempo, int beats_per_bar, ClockSource leads = ClockSource::internal,
              Fallback fallback = Fallback::hold, bool metre_found = false) noexcept;

    TransportState state() const noexcept {
        return grid_.running() ? TransportState::running : TransportState::stopped;
    }
    double tempo() const noexcept { return tempo_; }
    // Place in the bar at `frame`, in beats, 0 on the downbeat. Near the next step: the grid of farther ones is not settled.
    // While stopped that of the next step.
    double beat_at(uint64_t frame) const noexcept;
    uint64_t bar() const noexcept {
        return bar_;
    }  // of the next step, since the start or the last downbeat set
    int beats_per_bar() const noexcept { return steps_per_bar_ / kStepsPerBeat; }
    ClockSource leads() const noexcept { return leads_; }
    bool lost() const noexcept {
        return lost_;
    }  // the clock that leads is gone: what was agreed for that case holds
    // It is, and nothing is to play until it returns.
    bool halts() const noexcept { return lost_ && fallback_ == Fallback::stop; }
    // Of the source in tempo and phase, [0, 1]; and whether it is believed (with hysteresis).
    float confidence() const noexcept { return confidence_; }
    bool trusted() const noexcept { return trusted_; }

    // The next step: its count since the start, its place in the bar, its frame, and when it is planned.
    uint64_t step() const noexcept { return grid_.step(); }
    int step_in_bar() const noexcept { return step_in_bar_; }
    int steps_per_bar() const noexcept { return steps_per_bar_; }
    double step_frames() const noexcept { return grid_.length(); }
    uint64_t frame() const noexcept { return grid_.frame(); }
    uint64_t plan_frame() const noexcept { return grid_.plan_frame(); }

    // Step 0 of bar 0 falls on `frame`.
    void start(uint64_t frame) noexcept;
    void stop() noexcept { grid_.stop(); }
    // Goes on at the tempo that was set: a step with that place in that bar falls `ahead` frames after `now`; where that
    // is past, the next is the first that is not.
    void resume(uint64_t now, double ahead, int beats_per_bar, int step_in_bar, uint64_t bar) noexcept;
    // Hears what the source says at `frame`, which never goes backwards. At every hop.
    void listen(uint64_t frame, const hearing::BeatHeard& heard) noexcept;
    // The step was planned: on to the next.
    void advance() noexcept;

    // A MIDI message came at `frame` (with a port's delay): the clock among them is heard, whoever leads. What it says the
    // transport is to do, if the clock leads: the caller does it.
    MidiClock::Does midi(const uint8_t* bytes, int size, uint64_t frame) noexcept;
    // Starts as start() does, but where the clock that leads says where its beat is, on the next step of it, or at once on
    // one that was just missed.
    void start_with_clock(uint64_t frame) noexcept;
    // Starts as start() does, at the place in the song that the MIDI clock gave `late` frames before.
    void start_in_song(uint64_t frame, uint64_t late) noexcept;
    void anchor(const Anchor& anchor) noexcept { host_.anchor(anchor); }
    // Another source leads from now on; the grid goes over to it without a jump.
    void lead(ClockSource source) noexcept;
    // Nobody plays on the grid: bars and metre may change at once.
    void free(bool on) noexcept { free_ = on; }
    // The next bar is the first of a phrase.
    void begin_phrase() noexcept { bar_ = 0; }

    // From the step after the next one on; the next one's place is promised already.
    void set_tempo(double tempo) noexcept;
    void tap(uint64_t frame) noexcept { internal_.tap(frame); }
    // The beat next to `frame` is the one, of the first bar of a phrase.
    void downbeat(uint64_t frame) noexcept;

  private:
    static constexpr int kStepsPerBeat = 4;

    BeatReading read(ClockSource source, uint64_t frame) const noexcept;
    BeatReading read(uint64_t frame) noexcept;
    double length_of(double tempo) const noexcept { return sample_rate_ * 60.0 / tempo / kStepsPerBeat; }
    void believe(float confidence) noexcept;
    void owe(double late) noexcept;
    void bend(double late, uint64_t now) noexcept;
    void place_bar(const BeatReading& reading, double beat) noexcept;

    double sample_rate_;
    int steps_per_bar_;
    ClockSource leads_;
    Fallback fallback_;
    bool metre_found_;
    InternalClock internal_;
    BeatFollower follower_;
    MidiClock midi_;
    HostClock host_;
    Grid grid_;
    double tempo_;   // in force
    double wanted_;  // from the step after the next one on
    float confidence_ = 1.0f;
    bool trusted_ = true;
    int step_in_bar_ = 0;
    uint64_t bar_ = 0;
    int to_downbeat_ = -1;  // steps until the one that was set by hand; -1: none is due
    bool by_hand_ = false;  // bars count from a downbeat that was set, whatever the source hears
    int bars_off_ = 0;      // steps in a row at which the source's bar was another one
    double owed_ = 0.0;     // frames by which the first step came late: the next makes up for it
    bool free_ = false;
    bool lost_ = false;
};

}  // namespace emohost::music
