#include "core/theory/chords.h"

namespace emohost::theory {

namespace {

constexpr int kQualitiesPerRoot = 5;
constexpr int kFirstDiminished = kNoChord + 1;
constexpr int kDiminishedRoots =
    3;  // each diminished seventh divides the octave evenly: three cover all twelve

// Bit i: the chord has a tone i semitones above its root. By Quality.
constexpr uint16_t kIntervals[] = {
    1 << 0 | 1 << 4 | 1 << 7,            // major
    1 << 0 | 1 << 3 | 1 << 7,            // minor
    1 << 0 | 1 << 4 | 1 << 7 | 1 << 10,  // dominant seventh
    1 << 0 | 1 << 4 | 1 << 7 | 1 << 11,  // major seventh
    1 << 0 | 1 << 3 | 1 << 7 | 1 << 10,  // minor seventh
    1 << 0 | 1 << 3 | 1 << 6 | 1 << 9,   // diminished seventh
    1 << 0 | 1 << 7,                     // fifth alone
};

bool is_chord(int chord) noexcept { return chord >= 0 && chord < kFifths + 12 && chord != kNoChord; }

}  // namespace

int chord_root(int chord) noexcept {
    if (!is_chord(chord)) return -1;
    if (chord >= kFifths) return chord - kFifths;
    return chord < kNoChord ? chord / kQualitiesPerRoot : chord - kFirstDiminished;
}

int chord_quality(int chord) noexcept {
    if (!is_chord(chord)) return -1;
    if (chord >= kFifths) return kFifthAlone;
    return chord < kNoChord ? chord % kQualitiesPerRoot : static_cast<int>(kDiminished7);
}

uint16_t chord_mask(int chord) noexcept {
    if (!is_chord(chord)) return 0;
    const unsigned intervals = static_cast<unsigned>(kIntervals[chord_quality(chord)]) << chord_root(chord);
    return static_cast<uint16_t>((intervals | intervals >> 12) & 0xfff);
}

int chord_size(int chord) noexcept {
    int tones = 0;
    for (unsigned mask = chord_mask(chord); mask != 0; mask &= mask - 1) ++tones;
    return tones;
}

bool same_triad(int a, int b) noexcept {
    const int first = chord_quality(a), second = chord_quality(b);
    if (first < 0 || second < 0 || chord_root(a) != chord_root(b)) return false;
    const auto third = [](int quality) { return quality == kMinor || quality == kMinor7 ? 3 : 4; };
    return first >= kDiminished7 || second >= kDiminished7 ? first == second : third(first) == third(second);
}

int transpose_chord(int chord, int semitones) noexcept {
    if (!is_chord(chord)) return chord;
    const int turns = chord < kNoChord || chord >= kFifths ? 12 : kDiminishedRoots;
    const int root = ((chord_root(chord) + semitones) % turns + turns) % turns;
    if (chord >= kFifths) return kFifths + root;
    return chord < kNoChord ? root * kQualitiesPerRoot + chord_quality(chord) : kFirstDiminished + root;
}

}  // namespace emohost::theory
