// What the parts know of the step they plan: the networks' advice, cleaned, and where in the music it lies.
#pragma once

#include <cstdint>

#include "core/emotion.h"
#include "core/hearing/listener.h"
#include "core/music/following/chart.h"
#include "core/music/following/chord_follower.h"
#include "core/music/following/player_notes.h"
#include "core/music/form.h"
#include "core/music/outputs.h"
#include "core/music/styles/style.h"
#include "core/theory/chords.h"
#include "core/theory/keys.h"

namespace emohost::music {

using namespace theory;

constexpr int kGrooveSteps = kSlots;
constexpr int kDynamics = 16;
constexpr int kMelodyNotes = 128;

// Copy of the networks' outputs in which every number is finite and in its range; neutral where a network is
// missing.
struct Advice {
    explicit Advice(const Outputs& outputs) noexcept;
    bool has_melody, has_harmony, has_dynamics;
    float melody[kMelodyNotes];    // [0, 1]
    float harmony[kChordClasses];  // >= 0
    float dynamics[kDynamics];     // [0, 1]
    float emphasis[kGrooveSteps];  // [-1, 1]
    float offset[kGrooveSteps];    // [-0.5, 0.5] steps
};

struct Moment {
    const hearing::Heard& heard;
    const Advice& advice;
    const Place& place;
    const ChordFollower& follower;
    const PlayerNotes& player;
    const Chart& chart;
    const Style& style;
    float valence;   // [-1, 1]
    float activity;  // arousal as [0, 1]
    Key key;
    int chord;           // absolute class in force; kNoChord: none
    bool chord_changed;  // a chord was chosen for this step
    uint64_t count;      // of the step, since the start
    int step;            // in the bar
    int steps_per_bar;
    int weight;          // metrical_weight of the step
    uint64_t frame;      // of the step, moved by groove
    double step_frames;  // frames per step
    float emphasis;      // of groove, [-1, 1]

    // The chord that the chart has or that is foreseen `steps` later; -1: none is.
    int chord_ahead(int steps) const noexcept {
        const int charted = chart.ahead(step, steps_per_bar, steps);
        return charted >= 0 ? charted : follower.ahead(count + static_cast<uint64_t>(steps));
    }
    int steps_left() const noexcept { return steps_per_bar - step; }  // in the bar
    float gate(Part part) const noexcept {
        const int output = kDynamicsOutputs[part].gate;
        return output < 0 ? 0.5f : advice.dynamics[output];  // a part without one is played in the middle
    }
    uint64_t after(double steps) const noexcept { return frame + static_cast<uint64_t>(steps * step_frames); }
};

// Arousal as activity, 0 to 1; the neutral middle if it is not finite.
float activity_of(Emotion emotion) noexcept;
// From 0 below `low` to 1 above `high`, smoothly.
float ramp(float x, float low, float high) noexcept;
inline float mix(float a, float b, float share) noexcept { return a + (b - a) * share; }

}  // namespace emohost::music
