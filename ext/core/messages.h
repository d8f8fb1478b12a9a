// The plain structs that travel between the two sides, each through a ring of rt/ring.h (see shared.h) or, from
// Side B, of rt/stamped_ring.h (see emotion_ring.h).
// Fixed sizes, no pointers, little to no padding: another process maps the same bytes.
#pragma once

#include <cstdint>

#include "core/emotion.h"

namespace emohost {

// Side B -> A.
struct EmotionMessage {
    float embedding[kEmbedding];
    float weight;         // [0, 1]: share of this embedding in the blend with the audio's own
    float ttl_s;          // seconds from the time it was written until its influence starts to fade
    uint64_t written_ns;  // monotonic clock; 0: new when it is read
};

// What can be set while playing. Values are checked by the sender (emohost.host) and clamped by the engine.
enum class Parameter : uint32_t {
    tempo,           // beats per minute, 20 to 300
    density,         // factor on how many notes are played, 0 to 2
    velocity,        // factor on velocities, 0 to 2
    transpose,       // semitones, -24 to 24 (applies to new notes)
    melody_enabled,  // 0 or 1; turning a part off ends its notes
    chords_enabled,
    bass_enabled,
    drums_enabled,
    accents_enabled,
    emotion_weight,  // factor on Side B's weight, 0 to 1
    count
};

// control -> A.
enum class CommandKind : uint32_t { set_parameter, panic, transport_start, transport_stop };

struct Command {
    CommandKind kind;
    Parameter parameter;  // with set_parameter
    float value;          // with set_parameter
    uint32_t reserved;
};

// A -> MIDI thread. `frame` is musical time (the frame of the input at which the event belongs);
// the sender adds its configured delay. Frames never go backwards within one engine run.
struct MidiEvent {
    uint64_t frame;
    uint8_t bytes[3];
    uint8_t size;  // 1 to 3
    uint8_t part;  // music/parts.h
    uint8_t reserved[3];
};

// Bits of BlockReport::flags; the first five are PortAudio's own, in its order (paInputUnderflow ...).
enum BlockFlags : uint32_t {
    kInputUnderflow = 1u << 0,
    kInputOverflow = 1u << 1,
    kOutputUnderflow = 1u << 2,
    kOutputOverflow = 1u << 3,
    kPrimingOutput = 1u << 4,
    kNotANumber = 1u << 8,       // the input held NaN or infinity (played as silence)
    kNullInput = 1u << 9,        // the driver gave no input buffer (silence)
    kEventRingFull = 1u << 10,   // the event ring was full: what was due stays scheduled for the next block
    kHop = 1u << 11,             // an emotion tick fell inside this block
    kStep = 1u << 12,            // a sixteenth fell inside this block
    kOversizedBlock = 1u << 13,  // frames > max_block: processed in pieces
    // Overload (overload.h): what this block left out.
    kShedEvaluations = 1u << 14,
    kShedListening = 1u << 15,
    kShedNetworks = 1u << 16,
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
    int8_t tonic;                        // 0 = C ... 11 = B, -1 unknown (key heard)
    int8_t minor;                        // 1 minor, 0 major
    int8_t chord_heard;                  // music/chords.h class with absolute root, -1 unknown
    int8_t chord_played;                 // likewise
    uint16_t sounding;                   // notes that are on now
    uint16_t step_in_bar;                // 0-based sixteenth
    uint32_t notes;                      // note-ons since the engine started
    uint32_t onsets;                     // onsets heard since the engine started
    uint32_t bad_samples;  // NaN and infinite samples since the engine started (played as silence)
};

// Latest (frame, device time, monotonic time) triple, for the sender's delay-locked loop.
struct TimePoint {
    uint64_t frame;
    double device_time;
    uint64_t monotonic_ns;
};

static_assert(sizeof(EmotionMessage) == 272 && sizeof(Command) == 16 && sizeof(MidiEvent) == 16 &&
                  sizeof(BlockReport) == 104 && sizeof(TimePoint) == 24,
              "the layout is shared between processes and with numpy");

}  // namespace emohost
