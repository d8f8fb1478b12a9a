#include "core/music/chords.h"

namespace emohost::music {

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
};

bool is_chord(int chord) noexcept { return chord >= 0 && chord < kChordClasses && chord != kNoChord; }

}  // namespace

int chord_root(int chord) noexcept {
    if (!is_chord(chord)) return -1;
    return chord < kNoChord ? chord / kQualitiesPerRoot : chord - kFirstDiminished;
}

int chord_quality(int chord) noexcept {
    if (!is_chord(chord)) return -1;
    return chord < kNoChord ? chord % kQualitiesPerRoot : static_cast<int>(kDiminished7);
}

uint16_t chord_mask(int chord) noexcept {
    if (!is_chord(chord)) return 0;
    const unsigned intervals = static_cast<unsigned>(kIntervals[chord_quality(chord)]) << chord_root(chord);
    return static_cast<uint16_t>((intervals | intervals >> 12) & 0xfff);
}

int transpose_chord(int chord, int semitones) noexcept {
    if (!is_chord(chord)) return chord;
    const int turns = chord < kNoChord ? 12 : kDiminishedRoots;
    const int root = ((chord_root(chord) + semitones) % turns + turns) % turns;
    return chord < kNoChord ? root * kQualitiesPerRoot + chord_quality(chord) : kFirstDiminished + root;
}

}  // namespace emohost::music
