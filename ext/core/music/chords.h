// The 64 chord classes of the harmony network: 12 roots x {maj, min, 7, maj7, min7} = 0..59 (class = root * 5
// + quality), 60 = no chord, 61..63 = the three diminished sevenths (on C, C sharp, D; a diminished triad
// counts here). Roots are relative to the tonic inside the network and absolute (0 = C) outside. All are
// real-time safe; a number that is no class is treated as no chord.
#pragma once

#include <cstdint>

namespace emohost::music {

constexpr int kChordClasses = 64;
constexpr int kNoChord = 60;
enum Quality : int { kMajor, kMinor, kDominant7, kMajor7, kMinor7, kDiminished7 };

int chord_root(int chord) noexcept;       // 0-11; -1 for no chord; 0, 1, 2 for the diminished sevenths
int chord_quality(int chord) noexcept;    // Quality; -1 for no chord
uint16_t chord_mask(int chord) noexcept;  // bit p set: pitch class p belongs to the chord; 0 for no chord
int transpose_chord(int chord, int semitones) noexcept;  // no chord, and what is no class, stay as they are

}  // namespace emohost::music
