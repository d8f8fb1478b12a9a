// What a rig says of the band: complete when the musician is made, and not changed afterwards.
#pragma once

#include <cstdint>
#include <vector>

#include "core/music/styles/style.h"
#include "core/vocabulary.h"

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

struct ControlSettings {
    ControlSource source = ControlSource::valence;
    int channel = 15;
    int controller = 20;
    int low = 0;  // value sent at the source's minimum and maximum
    int high = 127;
};

constexpr int kMaxControls = 32;

// What a MIDI input is for, besides a clock: its held notes are the chord, or the key, or all that is heard.
enum InputUse : uint8_t { kChordInput = 1, kKeyInput = 2, kEarsInput = 4 };
constexpr int kMostInputs = 8;

// Whether it is as the players rely on it to be.
bool style_fits(const Style& style) noexcept;

struct MusicianSettings {
    double sample_rate = 48000.0;
    uint64_t seed = 1;
    ClockSource clock = ClockSource::internal;
    Fallback fallback = Fallback::hold;
    double tempo = 100.0;  // beats per minute: of the internal clock, and to start from with another
    int beats_per_bar = 4;
    double output_delay_s =
        0.0;  // from the frame of a note to its sound: what a clock from outside says is met by so much
    bool metre_found = false;  // a source that knows may change beats_per_bar
    bool clock_out = false;    // MIDI clock among what is played, for others to follow
    Enter enter = Enter::at_once;
    int enter_bars = 1;         // that it listens to a trusted beat, or counts in
    std::vector<int8_t> chart;  // a chord class for each beat, whole bars of beats_per_bar; empty: none
    Play play = Play::when_heard;
    Listen listen = Listen::lead;  // to the player
    StyleName style = StyleName::auto_;
    std::vector<Style> styles;  // in StyleName's order, without auto_; the last may be missing
    int tonic = -1;             // fixed key, or -1: the key that is heard
    bool minor = false;
    float humanise = 0.0f;             // spread of timing, 0 to 2: 1 is that of human drummers
    double control_interval_s = 0.05;  // control changes are sent at most this often, and only on change
    PartSettings parts[kParts];
    ControlSettings controls[kMaxControls];
    int control_count = 0;
    uint8_t inputs[kMostInputs] = {};  // of InputUse, by the number of the input
};

}  // namespace emohost::music
