// A style as data: what drums, comping and bass play in a bar, which fills end a section, how chords are voiced and how time
// swings. Read from a YAML file by emohost.styles (docs/styles.md describes the notation); plain and of fixed size, so that
// all of them lie in the engine's memory from the start. Real-time safe.
#pragma once

#include <cstdint>

namespace emohost::music {

constexpr int kLineSteps = 32;  // two bars of four beats, or one of up to seven
constexpr int kDrumLines = 20;
constexpr int kFills = 6;
constexpr int kFillLines = 6;
constexpr int kPitchedLines = 8;
constexpr int kStepsPerBeat = 4;

// In which sections a line is played.
enum class In : uint8_t { any, lead, contrast };

// A range that a style suits; what lies outside counts against it.
struct Span {
    float low = 0.0f, high = 1.0f;
};

// Sixteenths as the notation writes them; 'x' is struck, '.' is not.
struct Line {
    char steps[kLineSteps] = {};
    uint8_t length = 0;  // one bar or two
    In in = In::any;
    uint8_t sound = 0;  // of a drum line: General MIDI percussion
    float from = 0.0f;  // activity, from ... to ..., in which it is played
    float to = 1.0f;
    float level = 0.0f;  // louder or softer than usual, [-1, 1]

    // `bar_steps`: of the style's bar. A longer bar begins again, a shorter one is cut.
    int index(int bar, int step, int bar_steps) const noexcept {
        if (length == 0 || bar_steps <= 0) return 0;
        const int bars = length > bar_steps ? length / bar_steps : 1;
        return (bar % bars * bar_steps + step % bar_steps) % length;
    }
    char at(int bar, int step, int bar_steps) const noexcept {
        return length == 0 ? '.' : steps[index(bar, step, bar_steps)];
    }
    bool plays(float activity, bool contrasts) const noexcept {
        const bool here = in == In::any || (in == In::contrast) == contrasts;
        return here && activity >= from && (activity < to || to >= 1.0f);
    }
};

// The end of a bar.
struct Fill {
    uint8_t steps = 0;           // that it takes, at most a bar
    uint8_t within_section = 0;  // 1: it ends a phrase inside of a section, 0: a section
    float from = 0.0f, to = 1.0f;
    int32_t count = 0;
    Line lines[kFillLines];
};

enum class Position : uint8_t { any, close, open };
enum Extension : uint8_t { kSixth = 1, kSeventh = 2, kNinth = 4, kSus = 8 };

struct Style {
    int32_t beats = 4;  // in a bar
    Span tempo{40.0f, 240.0f};
    Span valence{-1.0f, 1.0f};
    Span activity{0.0f, 1.0f};
    Span density{0.0f, 20.0f};  // onsets heard a second
    float handicap = 0.0f;      // by so much it must fit better than others
    float swing = 0.5f;         // share of a pair that its first half takes
    int32_t pair = 4;           // steps: 4 eighths swing, 2 sixteenths
    uint8_t begins = 0;         // percussion that begins a section; 0: none
    uint8_t begins_calm = 0;
    int32_t drum_count = 0;
    Line drums[kDrumLines];
    int32_t fill_count = 0;
    Fill fills[kFills];
    int32_t chord_count = 0;
    Line chords[kPitchedLines];
    int32_t fewest = 3, most = 4;  // voices of a chord
    Position position = Position::any;
    uint8_t extensions = 0;  // of Extension, added where they fit
    int32_t chord_low = 0, chord_high = 127;
    int32_t bass_count = 0;
    Line bass[kPitchedLines];
    int32_t bass_low = 0, bass_high = 127;
    uint8_t chromatic = 1;  // 0: a note that leads to a root is of the scale

    int bar_steps() const noexcept { return beats * kStepsPerBeat; }
    // By so much a step comes later than straight time, in steps: time runs evenly within either half of a pair.
    double delay(int step) const noexcept {
        const double place = static_cast<double>(step % pair) / pair, first = static_cast<double>(swing);
        const double swung = place < 0.5 ? 2.0 * place * first : first + (2.0 * place - 1.0) * (1.0 - first);
        return (swung - place) * pair;
    }
};

}  // namespace emohost::music
