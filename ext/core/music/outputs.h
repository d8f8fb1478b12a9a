// What the four playing networks say at a step.
#pragma once

namespace emohost::music {

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

}  // namespace emohost::music
