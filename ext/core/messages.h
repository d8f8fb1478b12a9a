// The plain structs that travel between the two sides, each through a ring of rt/ring.h (see shared.h) or, from
// Side B, of rt/stamped_ring.h (see emotion_ring.h).
// Fixed sizes, no pointers, little to no padding: another process maps the same bytes.
#pragma once

#include <cstdint>

#include "core/emotion.h"
#include "core/vocabulary.h"

namespace emohost {

// Side B -> A.
struct EmotionMessage {
    float embedding[kEmbedding];
    float weight;         // [0, 1]: share of this embedding in the blend with the audio's own
    float ttl_s;          // seconds from the time it was written until its influence starts to fade
    uint64_t written_ns;  // monotonic clock; 0: new when it is read
    uint32_t withheld;    // 1: whoever it is about does not want it kept; a recording has none of it
    uint32_t unused;      // 0
};

// control -> A.
struct Command {
    CommandKind kind;
    Parameter parameter;  // with set_parameter
    float value;          // with set_parameter
    uint32_t place;       // with `anchor`: core/music/time/anchor.h
    uint64_t
        frame;  // from which it holds; 0, or one that is over: at once. `tap` and `downbeat` mean that very frame.
                // A parameter that is set takes back what was to be set from that frame on
};

// host -> A: one MIDI message that came in. It is handed over at its frame (a MIDI clock counts time by it); one of a
// frame that is over, as those from a port are by a millisecond or two, at once, with the frame it belongs to.
struct InputEvent {
    uint64_t frame;  // of the engine's input, at which it happened; 0: not known, at once
    uint8_t bytes[3];
    uint8_t size;    // 1 to 3
    uint8_t source;  // which input port, in the order of the configuration
    uint8_t reserved[3];
};

// A -> MIDI thread. `frame` is musical time (the frame of the input at which the event belongs);
// the sender adds its configured delay. Frames never go backwards within one engine run.
struct MidiEvent {
    uint64_t frame;
    uint8_t bytes[3];
    uint8_t size;  // 1 to 3
    uint8_t part;  // music::Part
    uint8_t reserved[3];
};

// A bar that the band is about to play, as far as it is settled.
constexpr int kPlannedParts = music::kAccents;  // the parts before accents, which are planned on no step
enum PlannedFlags : uint8_t {
    kIsPlanned = 1,
    kBeginsSection = 2,
    kEndsPhrase = 4,
    kMelodyOpen = 8,  // its melody is composed when it begins
};
struct PlannedBar {
    uint32_t strikes[kPlannedParts];  // a bit for each sixteenth, the first one is the lowest
    int8_t chords[kMostBeatsPerBar];  // with each beat, absolute class; -1: not known
    uint8_t flags;                    // PlannedFlags
};

// The beat that was planned last, as the grid has it: the same whatever the block size.
struct PlannedBeat {
    uint64_t frame;
    float tempo;  // beats per minute from it on
    uint16_t section;
    uint8_t material;
    uint8_t beat;           // in the bar, from 0
    uint8_t beats_per_bar;  // 0: none was planned yet
    int8_t chord;           // absolute class, -1 none: what is played from it on, and
    int8_t tonic;           // the key in force, -1 unknown
    uint8_t minor;
    uint8_t plays;  // 1: the band plays on it
    uint8_t reserved[3];
};

// A -> control, one per block.
struct BlockReport {
    uint64_t block;           // 0, 1, 2, ... since the engine started
    uint64_t frame;           // of the block's first sample
    uint64_t started_ns;      // monotonic clock at entry
    uint32_t duration_ns;     // entry to exit of the callback
    uint32_t frames;          // block length
    uint32_t flags;           // BlockFlags
    uint32_t dropped_events;  // since the engine started: no room in the ring, then none in the schedule
    double device_time;       // the driver's time stamp of the block's first input sample, seconds; 0 if none
    float valence, arousal;   // played (after the blend), freshest evaluation
    float audio_valence, audio_arousal;  // of the audio alone
    float level_db;                      // RMS, dBFS, floor -120
    float peak;                          // largest absolute sample of the block, after NaN removal
    float key_clarity;                   // [0, 1]
    float tempo;                         // beats per minute in force
    float tuning_cents;                  // [-50, 50]
    int8_t tonic;                        // 0 = C ... 11 = B, -1 unknown (key heard, or held on a MIDI input)
    int8_t minor;                        // 1 minor, 0 major
    int8_t chord_heard;                  // theory/chords.h class with absolute root, -1 unknown; likewise
    int8_t chord_played;                 // likewise
    uint16_t sounding;                   // notes that are on now
    uint16_t step_in_bar;                // 0-based sixteenth
    uint32_t notes;                      // note-ons since the engine started
    uint32_t onsets;                     // onsets heard since the engine started
    uint32_t bad_samples;    // NaN and infinite samples since the engine started (played as silence)
    float beat;              // place in the bar at the block's end, in beats, 0 on the downbeat
    float clock_confidence;  // of the clock's source in tempo and beat, [0, 1]
    uint8_t clock;           // the source that leads (music/time/time_source.h)
    uint8_t playing;         // what the band does: Playing
    uint8_t beats_per_bar;
    uint8_t clock_lost;      // 1: the clock that leads is gone, what was agreed for that case holds
    float sound_confidence;  // [0, 1], of
    uint8_t sound;           // what kind of sound is heard: hearing::Sound
    uint8_t bar_in_section;  // 0-based
    int16_t chart_bar;       // bar of the chord chart, from 0; -1: there is none; -2: the player has left it
    // The form (music/form.h) at the step that was planned last.
    uint16_t section;  // sections begun before this one
    uint8_t material;  // of what is played in it: odd ones contrast
    uint8_t bar_in_phrase;
    uint8_t phrase_bars;  // 4 or 8
    uint8_t style;        // in force: music::StyleName; 0 before the first step
    uint8_t reserved[2];
    PlannedBar planned[2];  // the present bar and the next one
    PlannedBeat planned_beat;
};

// Latest (frame, device time, monotonic time) triple, for the sender's delay-locked loop.
struct TimePoint {
    uint64_t frame;
    double device_time;
    uint64_t monotonic_ns;
};

static_assert(sizeof(EmotionMessage) == 280 && sizeof(Command) == 24 && sizeof(MidiEvent) == 16 &&
                  sizeof(InputEvent) == 16 && sizeof(PlannedBar) == 24 && sizeof(PlannedBeat) == 24 &&
                  sizeof(BlockReport) == 208 && sizeof(TimePoint) == 24,
              "the layout is shared between processes and with numpy");

}  // namespace emohost
