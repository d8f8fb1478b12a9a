// Turns what the networks say into notes. Seeded and deterministic: the same calls give the same events.
// Everything is planned ahead of the sixteenth it belongs to (so that groove may be early), kept in a bounded
// schedule, and handed out in order of time by drain().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/dsp/listener.h"
#include "core/emotion.h"
#include "core/messages.h"
#include "core/music/chords.h"
#include "core/music/parts.h"

namespace emohost::music {

struct PartSettings {
    bool enabled = true;
    int channel = 0;  // 0-15
    int low = 0;      // lowest and highest MIDI note the part may play
    int high = 127;
    int program = -1;  // General MIDI program sent at start, -1: none
    float density = 1.0f;
    float velocity = 1.0f;
};

enum class ControlSource : int {
    valence,
    arousal,
    level,
    // the dynamics network's outputs 9..15, in order:
    expression,
    brightness,
    modulation,
    reverb,
    chorus,
    attack,
    release,
    count
};

struct ControlSettings {
    ControlSource source = ControlSource::valence;
    int channel = 15;
    int controller = 20;
    int low = 0;  // value sent at the source's minimum and maximum
    int high = 127;
};

constexpr int kMaxControls = 32;

struct MusicianSettings {
    double sample_rate = 48000.0;
    uint64_t seed = 1;
    double tempo = 100.0;  // beats per minute
    int beats_per_bar = 4;
    bool when_heard = true;  // rest while nothing sounds (Heard::sounding)
    int tonic = -1;          // fixed key, or -1: the key that is heard
    bool minor = false;
    float humanise = 0.0f;             // spread of timing, 0 to 2: 1 is that of human drummers
    double control_interval_s = 0.05;  // control changes are sent at most this often, and only on change
    PartSettings parts[kParts];
    ControlSettings controls[kMaxControls];
    int control_count = 0;
};

// Outputs of the four playing networks; null where an optional network is missing: its part then rests
// (dynamics and groove missing: even velocities, straight time).
struct Outputs {
    const float* melody;   // 128: probability that each MIDI note begins, as if in C major / A minor
    const float* harmony;  // 64 classes, relative to the tonic
    // 16: velocity of melody, chords, bass and drums; gate of the same; accent; then in ControlSource's order
    const float* dynamics;
    const float* groove;  // 16 x (emphasis [-1, 1], offset as a fraction of a step [-1, 1])
    bool fresh = true;    // said of this step; false under overload: at an earlier one
};

class Musician {
  public:
    virtual ~Musician() = default;
    // Frame at which the next sixteenth must be planned: half a step before it (step 0: at it). ~0 while
    // stopped.
    virtual uint64_t next_plan_frame() const noexcept = 0;
    // Fills what the networks want to know about the step that is planned next: harmony's context (64: what is
    // heard 12, that is half the chroma, plus a sixteenth for each tone of the chord that the listener names and
    // a quarter for its root; chroma played 12, previous chord's pitch classes 12 and root 12, plus what was heard
    // at this place four and eight bars ago (chord_memory.h); sixteenth in the bar one-hot 16; all pitch classes
    // relative to the tonic) and dynamics' second half (16: level, onset
    // strength, onset density / 8, articulation, beat one-hot 4, sixteenth in the beat one-hot 4, sin and cos of
    // the bar's phase, key clarity, tempo: 0 at 60 beats a minute, 1 at 240, in octaves).
    virtual void describe_step(const dsp::Heard& heard, float* harmony_context,
                               float* dynamics_context) const noexcept = 0;
    // Plans that step and moves on to the next.
    virtual void plan(const dsp::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept = 0;
    // An onset was heard at `frame` (not before frames already drained): the accents part answers at once.
    virtual void onset(uint64_t frame, const dsp::Heard& heard, Emotion emotion) noexcept = 0;
    // Control changes for the state at `frame`; call at every hop.
    virtual void controls(uint64_t frame, const dsp::Heard& heard, Emotion emotion,
                          const Outputs& outputs) noexcept = 0;

    // Copies the earliest event due before `until` and returns true, leaving it scheduled; taken() removes
    // it. Two steps, so that an event for which the ring has no room is not lost.
    virtual bool next_event(uint64_t until, MidiEvent* event) noexcept = 0;
    virtual void taken() noexcept = 0;

    virtual void set(Parameter parameter, float value) noexcept = 0;
    // Ends every sounding note at `frame` and forgets what was scheduled (take what is due before `frame`
    // first); `stop` also stops the transport. `start`: step 0 falls on `frame`; ignored while running.
    virtual void panic(uint64_t frame) noexcept = 0;
    virtual void start(uint64_t frame) noexcept = 0;
    virtual void stop(uint64_t frame) noexcept = 0;

    virtual int chord_played() const noexcept = 0;  // absolute class, -1 none
    virtual int step_in_bar() const noexcept = 0;
    virtual double tempo() const noexcept = 0;
    virtual uint32_t notes() const noexcept = 0;     // note-ons handed out
    virtual uint16_t sounding() const noexcept = 0;  // notes handed out as on and not yet as off
    // Events left out because the schedule was full; never a note-off.
    virtual uint32_t dropped() const noexcept = 0;
    virtual std::size_t memory_bytes() const noexcept = 0;
};

// Allocates; null only if a setting is out of range (then `error`, if given, points to a static message).
std::unique_ptr<Musician> make_musician(const MusicianSettings& settings, const char** error = nullptr);

}  // namespace emohost::music
