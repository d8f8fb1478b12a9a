// The 64 chord classes of the harmony network: 12 roots x {maj, min, 7, maj7, min7} = 0..59 (class = root * 5
// + quality), 60 = no chord, 61..63 = the three diminished sevenths (on C, C sharp, D; a diminished triad
// counts here). Roots are relative to the tonic inside the network and absolute (0 = C) outside. All are
// real-time safe; a number that is no class is treated as no chord.
//
// Beside them, for what is played alone: 64..75, a root and its fifth without a third.
#pragma once

#include <cstdint>

#include "core/vocabulary.h"

namespace emohost::theory {

constexpr int kFifths = kChordClasses;         // + root
constexpr int kFifthAlone = kDiminished7 + 1;  // quality of those

int chord_root(int chord) noexcept;       // 0-11; -1 for no chord; 0, 1, 2 for the diminished sevenths
int chord_quality(int chord) noexcept;    // Quality or kFifthAlone; -1 for no chord
uint16_t chord_mask(int chord) noexcept;  // bit p set: pitch class p belongs to the chord; 0 for no chord
int chord_size(int chord) noexcept;       // tones: 2 to 4; 0 for no chord
// The same root and the same third, whatever stands above; diminished chords only with themselves.
bool same_triad(int a, int b) noexcept;
// The chord whose tones these are, as near as the classes come: a bit for each pitch class, and the lowest of them (any
// octave), which is the likely root. A tone or a fifth alone is the fifth on it. -1: no tones.
int chord_of_tones(uint16_t tones, int lowest) noexcept;
int transpose_chord(int chord, int semitones) noexcept;  // no chord, and what is no class, stay as they are

}  // namespace emohost::theory
