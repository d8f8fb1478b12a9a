// Turns what the networks say into notes. Seeded and deterministic: the same calls give the same events.
// Everything is planned ahead of the sixteenth it belongs to (so that groove may be early), kept in a bounded
// schedule, and handed out in order of time by drain().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/context.h"
#include "core/continuation.h"
#include "core/emotion.h"
#include "core/hearing/listener.h"
#include "core/messages.h"
#include "core/music/entrance.h"
#include "core/music/form.h"
#include "core/music/outputs.h"
#include "core/music/settings.h"
#include "core/music/time/anchor.h"
#include "core/music/time/time_source.h"
#include "core/theory/chords.h"
#include "core/theory/keys.h"
#include "core/vocabulary.h"

namespace emohost::music {

using namespace theory;

class Musician {
  public:
    virtual ~Musician() = default;
    // Frame at which the next sixteenth must be planned: half a step before it (step 0: at it). ~0 while
    // stopped.
    virtual uint64_t next_plan_frame() const noexcept = 0;
    // What the networks are told of the step that is planned next (context.h).
    virtual StepMoment step_moment(const hearing::Heard& heard) const noexcept = 0;
    // Plans that step and moves on to the next.
    virtual void plan(const hearing::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept = 0;
    // The transport hears what its source says at `frame`. At every hop, before what follows at that frame.
    virtual void hear(uint64_t frame, const hearing::Heard& heard) noexcept = 0;
    // An onset was heard at `frame` (not before frames already drained): the accents part answers at once.
    virtual void onset(uint64_t frame, const hearing::Heard& heard, Emotion emotion) noexcept = 0;
    // Control changes for the state at `frame`; call at every hop.
    virtual void controls(uint64_t frame, const hearing::Heard& heard, Emotion emotion,
                          const Outputs& outputs) noexcept = 0;

    // Copies the earliest event due before `until` and returns true, leaving it scheduled; taken() removes
    // it. Two steps, so that an event for which the ring has no room is not lost.
    virtual bool next_event(uint64_t until, MidiEvent* event) noexcept = 0;
    virtual void taken() noexcept = 0;

    virtual void set(Parameter parameter, float value) noexcept = 0;
    // Another style in the place of the user's own, from the next bar line on.
    virtual void own_style(const Style& style) noexcept = 0;
    // Ends every sounding note at `frame` and forgets what was scheduled (take what is due before `frame`
    // first); `stop` also stops the transport. `start`: step 0 falls on `frame`; ignored while running.
    virtual void panic(uint64_t frame) noexcept = 0;
    virtual void start(uint64_t frame) noexcept = 0;
    virtual void stop(uint64_t frame) noexcept = 0;
    // Before the first step: goes on where another musician had come to, as its `tell` said; that step falls `ahead`
    // frames after `now`. Where that is past, the first step is the next one that is still to come.
    virtual void resume(const Continuation& from, uint64_t now, double ahead) noexcept = 0;
    virtual void tell(Continuation* to) const noexcept = 0;
    // Somebody taps a beat at `frame`, which may lie a little back: tempo and place of the beat (internal clock).
    virtual void tap(uint64_t frame) noexcept = 0;
    // A MIDI message came in at `now`, of `frame`: a clock among them is heard, a chord and a key that are held are taken up.
    virtual void midi(const InputEvent& event, uint64_t now) noexcept = 0;
    // A clock outside says where its beat is.
    virtual void anchor(const Anchor& anchor) noexcept = 0;
    virtual void lead(ClockSource source) noexcept = 0;  // another clock from now on
    // The beat next to `frame` is the one: bars and phrases count from there.
    virtual void downbeat(uint64_t frame) noexcept = 0;

    // Bar of the chord chart, from 0; Chart::kNone, Chart::kLeft.
    virtual int chart_bar() const noexcept = 0;
    // What the player holds on MIDI inputs; -1, unknown: nothing.
    virtual int chord_held() const noexcept = 0;
    virtual Key key_held() const noexcept = 0;
    virtual int chord_played() const noexcept = 0;  // absolute class, -1 none
    virtual int step_in_bar() const noexcept = 0;
    virtual double tempo() const noexcept = 0;
    virtual const Transport& transport() const noexcept = 0;
    virtual Playing playing() const noexcept = 0;
    virtual const Place& place() const noexcept = 0;  // in the form, of the step planned last
    virtual StyleName style() const noexcept = 0;     // in force
    // Of the present bar (0) and of the next one (1); with no flag where nothing is planned.
    virtual const PlannedBar& planned(int bar) const noexcept = 0;
    virtual const PlannedBeat& planned_beat() const noexcept = 0;
    virtual uint32_t notes() const noexcept = 0;     // note-ons handed out
    virtual uint16_t sounding() const noexcept = 0;  // notes handed out as on and not yet as off
    // Events left out because the schedule was full; never a note-off.
    virtual uint32_t dropped() const noexcept = 0;
    virtual std::size_t memory_bytes() const noexcept = 0;
};

// Allocates; null only if a setting is out of range (then `error`, if given, points to a static message).
std::unique_ptr<Musician> make_musician(const MusicianSettings& settings, const char** error = nullptr);

}  // namespace emohost::music
