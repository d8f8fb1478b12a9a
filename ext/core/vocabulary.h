// Made by tools/vocabulary.py from src/emohost/vocabulary.py: change that, not this.
// Every name that C++ shares with Python, people and other processes, with its number. Real-time safe.
#pragma once

#include <cstdint>

namespace emohost {

// clang-format off
enum Role : int {
    kEmotionRole = 0,   // Features heard to emotion
    kMelodyRole = 1,    // Emotion to melody notes
    kHarmonyRole = 2,   // Emotion and what is heard to chords
    kDynamicsRole = 3,  // Emotion and level to velocities, gates and expression
    kGrooveRole = 4,    // Emotion to emphasis and timing of sixteenths
    kBeatRole = 5,      // Bands heard to beats and downbeats; without it no beat is heard
    kRoles = 6
};

struct RoleSize {
    const char* name;
    int inputs, outputs;
};
constexpr RoleSize kRoleSizes[kRoles] = {
    {"emotion", 128, 64},
    {"melody", 64, 128},
    {"harmony", 128, 64},
    {"dynamics", 32, 16},
    {"groove", 64, 32},
    {"beat", 128, 2},
};
constexpr int kMostOutputs = 128;

// What can be set while playing. Values are checked by the sender (emohost.host) and clamped by the engine.
enum class Parameter : uint32_t {
    tempo = 0,            // Tempo, beats per minute; 20 to 300
    density = 1,          // Factor on how many notes are played; 0 to 2
    velocity = 2,         // Factor on velocities; 0 to 2
    transpose = 3,        // Moves new notes up or down, semitones; -24 to 24
    melody_enabled = 4,   // 1: melody may play, 0: silent; 0 to 1
    chords_enabled = 5,   // 1: chords may play, 0: silent; 0 to 1
    bass_enabled = 6,     // 1: bass may play, 0: silent; 0 to 1
    drums_enabled = 7,    // 1: drums may play, 0: silent; 0 to 1
    accents_enabled = 8,  // 1: accents may play, 0: silent; 0 to 1
    emotion_weight = 9,   // Factor on the weight of emotion from people and programs; 0 to 1
    listen = 10,          // How the band listens to the player; 0 to 2
    style = 11,           // What the band plays in, from the next bar on; 0 to 11
    count = 12
};

struct ParameterRange {
    float low, high, usual;
};
constexpr ParameterRange kParameterRanges[] = {
    {20.0f, 300.0f, 100.0f},  // tempo
    {0.0f, 2.0f, 1.0f},  // density
    {0.0f, 2.0f, 1.0f},  // velocity
    {-24.0f, 24.0f, 0.0f},  // transpose
    {0.0f, 1.0f, 1.0f},  // melody_enabled
    {0.0f, 1.0f, 1.0f},  // chords_enabled
    {0.0f, 1.0f, 1.0f},  // bass_enabled
    {0.0f, 1.0f, 1.0f},  // drums_enabled
    {0.0f, 1.0f, 0.0f},  // accents_enabled
    {0.0f, 1.0f, 1.0f},  // emotion_weight
    {0.0f, 2.0f, 0.0f},  // listen
    {0.0f, 11.0f, 0.0f},  // style
};
constexpr ParameterRange range_of(Parameter parameter) noexcept {
    return kParameterRanges[static_cast<uint32_t>(parameter)];
}

enum class CommandKind : uint32_t {
    set_parameter = 0,    // Sets one parameter
    panic = 1,            // Ends every note and forgets what was planned
    transport_start = 2,  // Starts the transport on a bar
    transport_stop = 3,   // Ends every note and stops the transport
    tap = 4,              // A beat falls here; taps in a row set the tempo
    downbeat = 5,         // A bar begins here
    anchor = 6,           // Where the beat of a clock outside lies: its tempo is the value
    lead = 7,             // Another clock leads: its number is the value
    count = 8
};

// Bits of BlockReport::flags.
enum BlockFlags : uint32_t {
    kInputUnderflow = 1u << 0,      // The driver had no input in time
    kInputOverflow = 1u << 1,       // The driver threw input away
    kOutputUnderflow = 1u << 2,     // The driver had no output in time
    kOutputOverflow = 1u << 3,      // The driver threw output away
    kPrimingOutput = 1u << 4,       // The stream is being started
    kNotANumber = 1u << 8,          // The input held NaN or infinity (played as silence)
    kNullInput = 1u << 9,           // The driver gave no input buffer (silence)
    kEventRingFull = 1u << 10,      // The event ring was full: what was due stays scheduled for the next block
    kHop = 1u << 11,                // An emotion tick fell inside this block
    kStep = 1u << 12,               // A sixteenth fell inside this block
    kOversizedBlock = 1u << 13,     // More frames than max_block: processed in pieces
    kShedEvaluations = 1u << 14,    // The networks were not evaluated between their ticks
    kShedListening = 1u << 15,      // The search for notes was left out
    kShedNetworks = 1u << 16,       // The networks were left out on their ticks
    kClipped = 1u << 17,            // Several samples in a row were at full scale
    kCancelledChannels = 1u << 18,  // The channels heard cancel each other when they are mixed
};

constexpr float kLeastTempo = 20.0f, kMostTempo = 300.0f;
constexpr int kLeastBeatsPerBar = 2, kMostBeatsPerBar = 7;
constexpr float kLeastFactor = 0.0f, kMostFactor = 2.0f;
constexpr int kChartBeats = 1024;  // of the longest chord chart

// clang-format on

namespace hearing {

// clang-format off
// Where each run of features of the layout emohost1 begins, and how long it is.
struct FeatureRun {
    int first, count;
};
constexpr FeatureRun kFeatureBands = {0, 64};  // mel bands against the player's usual level, over 0.5 s
constexpr FeatureRun kFeatureChromaLong = {64, 12};  // chroma of about 6 s from the tonic on; zeros while no key is known
constexpr FeatureRun kFeatureChromaMiddle = {76, 12};  // chroma of about 3 s likewise
constexpr FeatureRun kFeatureLevel = {88, 1};  // level against the player's usual one
constexpr FeatureRun kFeatureBrightness = {89, 1};  // brightness
constexpr FeatureRun kFeatureFlatness = {90, 1};  // flatness of the spectrum
constexpr FeatureRun kFeatureArticulation = {91, 1};  // 0 legato, 1 staccato
constexpr FeatureRun kFeaturePitchRegister = {92, 1};  // 0 low, 1 high
constexpr FeatureRun kFeatureMode = {93, 1};  // -1 minor to 1 major, of chroma_long
constexpr FeatureRun kFeatureModeMiddle = {94, 1};  // the same of about 3 s
constexpr FeatureRun kFeatureModeRecent = {95, 1};  // the same of 1.5 s
constexpr FeatureRun kFeatureAttacks = {96, 7};  // onsets per second above each of seven strengths, log
constexpr FeatureRun kFeatureFalls = {103, 5};  // share of the time in which the level falls faster than five rates
constexpr FeatureRun kFeatureModulation = {108, 20};  // shares of 20 rates, 0.5 to 14 Hz, in the pulsing of the sound, log
constexpr int kFeatures = 128;

enum class Sound : int {
    nothing = 0,  // Silence, or not yet known
    noise = 1,    // Noise, hum or applause
    speech = 2,   // Speech, or a crowd
    tone = 3,     // A single tone
    rhythm = 4,   // Rhythm without pitch
    music = 5,    // Music
    count = 6
};

// clang-format on

}  // namespace hearing

namespace theory {

// clang-format off
enum Quality : int {
    kMajor = 0,        // maj
    kMinor = 1,        // min
    kDominant7 = 2,    // 7
    kMajor7 = 3,       // maj7
    kMinor7 = 4,       // min7
    kDiminished7 = 5,  // dim7
};

constexpr int kQualities = 5;  // of the classes that are root * kQualities + quality
constexpr int kNoChord = 60;
constexpr int kChordClasses = 64;

// clang-format on

}  // namespace theory

namespace music {

// clang-format off
// The parts of the band and their numbers in MidiEvent::part.
enum Part : int {
    kMelody = 0,   // One voice, from the melody network
    kChords = 1,   // Voiced chords, from the harmony network
    kBass = 2,     // One low voice under the chords
    kDrums = 3,    // General MIDI drums on the groove
    kAccents = 4,  // Answers each onset heard at once, on a chord tone
    kParts = 5, kControls = kParts
};

// Where the dynamics network says a part's velocity and gate; -1: nowhere.
struct DynamicsOutputs {
    int velocity, gate;
};
constexpr DynamicsOutputs kDynamicsOutputs[kParts] = {
    {0, 4},  // melody
    {1, 5},  // chords
    {2, 6},  // bass
    {3, 7},  // drums
    {-1, -1},  // accents
};
// The part that a parameter turns on and off; kParts: it is no such parameter.
constexpr Part enabled_by(Parameter parameter) noexcept {
    switch (parameter) {
        case Parameter::melody_enabled: return kMelody;
        case Parameter::chords_enabled: return kChords;
        case Parameter::bass_enabled: return kBass;
        case Parameter::drums_enabled: return kDrums;
        case Parameter::accents_enabled: return kAccents;
        default: return kParts;
    }
}

enum class ControlSource : int {
    valence = 0,     // Valence, -1 to 1
    arousal = 1,     // Arousal, -1 to 1
    level = 2,       // Level against the player's usual one
    expression = 3,  // Expression
    brightness = 4,  // Brightness
    modulation = 5,  // Modulation
    reverb = 6,      // Reverb send
    chorus = 7,      // Chorus send
    attack = 8,      // Attack time
    release = 9,     // Release time
    count = 10
};

// The dynamics network's output that a source reads; -1: something else.
constexpr int kControlOutputs[] = {
    -1,  // valence
    -1,  // arousal
    -1,  // level
    9,  // expression
    10,  // brightness
    11,  // modulation
    12,  // reverb
    13,  // chorus
    14,  // attack
    15,  // release
};

enum class ClockSource : int {
    follow = 0,    // The beat that is heard
    internal = 1,  // music.tempo, and what is tapped
    midi = 2,      // MIDI clock from outside
    link = 3,      // Ableton Link
    jack = 4,      // JACK's transport
    count = 5
};

enum class Fallback : int {
    hold = 0,      // Its last tempo is held
    internal = 1,  // music.tempo
    follow = 2,    // The beat that is heard
    stop = 3,      // Nothing plays until it returns
    count = 4
};

enum class Enter : int {
    at_once = 0,   // With the first step
    listen = 1,    // Once the beat is trusted for some bars: bass and chords, then drums, then melody
    count_in = 2,  // After bars of clicks
    count = 3
};

enum class Listen : int {
    follow = 0,  // How much it plays goes with the player
    answer = 1,  // Its melody plays in the player's gaps
    lead = 2,    // How much it plays is its own affair
    count = 3
};

enum class Playing : int {
    stopped = 0,      // The transport is stopped
    listening = 1,    // It listens, and has not come in yet
    counting_in = 2,  // It counts in
    playing = 3,      // It plays
    unsure = 4,       // It plays thinly: the beat is not trusted
    resting = 5,      // The player rests: it keeps time
    ended = 6,        // It has ended, and goes on if the player does
    count = 7
};

enum class Play : int {
    when_music = 0,  // Rest while there is no music; a rhythm alone gets drums, a single tone its fifth
    when_heard = 1,  // Rest while nothing sounds
    always = 2,      // Play in silence, too
    count = 3
};

enum class StyleName : int {
    auto_ = 0,       // By what is heard, chosen anew where a section begins
    ballad = 1,      // Slow and wide: held chords, a side stick that grows into a snare
    pop = 2,         // Straight eighths, chords on their beats
    rock = 3,        // Driven eighths, open fifths and roots
    waltz = 4,       // Folk waltz in three: bass, chord, chord
    swing = 5,       // Ride, walking bass, chords off the beat
    bossa = 6,       // Straight eighths, side stick, root and fifth
    funk = 7,        // Sixteenths, ghost notes, short chords
    ambient = 8,     // Long chords with ninths, hardly a drum
    electronic = 9,  // Four on the floor, chords off the beat
    hymn = 10,       // Four voices, a chord on each beat
    own = 11,        // The file that music.style names
    count = 12
};

// What a panic sends on a channel besides its note-offs, each with the value 0.
constexpr uint8_t kPanicControllers[] = {64, 123};  // sustain, all notes off

// clang-format on

}  // namespace music

}  // namespace emohost
