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

// What a chord costs that is not quite what sounds, in tenths.
constexpr int kNoRoot = 15, kNoThird = 20, kNoFifth = 3, kNoSeventh = 10, kNoDiminished = 2;
constexpr int kTension = 5, kStranger = 10, kNotLowest = 6;
constexpr int kFifthMask = 1 << 7, kThirdMask = 1 << 3 | 1 << 4;
// A ninth, an eleventh and a sixth may stand above any chord, the minor one's seventh above a minor triad.
constexpr uint16_t kTensions = 1 << 2 | 1 << 5 | 1 << 9, kRaised = 1 << 11;

int count(unsigned mask) noexcept {
    int tones = 0;
    for (; mask != 0; mask &= mask - 1) ++tones;
    return tones;
}

// `tones` from the chord's root on.
int cost_of(int quality, unsigned tones, bool lowest_is_root) noexcept {
    const unsigned wanted = kIntervals[quality], missing = wanted & ~tones, beside = tones & ~wanted;
    const bool diminished = quality == kDiminished7;
    const unsigned usual = diminished ? 0u : kTensions | (quality == kMinor ? kRaised : 0u);
    int cost = kTension * count(beside & usual) + kStranger * count(beside & ~usual);
    if (diminished) return cost + kNoDiminished * count(missing) + (count(missing) > 1 ? kNoThird : 0);
    if (missing & 1u) cost += kNoRoot;
    if (missing & kThirdMask) cost += kNoThird;
    if (missing & kFifthMask) cost += kNoFifth;
    if (missing & ~(1u | kThirdMask | kFifthMask)) cost += kNoSeventh;
    return cost + (lowest_is_root ? 0 : kNotLowest);
}

bool is_chord(int chord) noexcept { return chord >= 0 && chord < kFifths + 12 && chord != kNoChord; }

// Of a number that is a chord.
int quality_of(int chord) noexcept {
    if (chord >= kFifths) return kFifthAlone;
    return chord < kNoChord ? chord % kQualitiesPerRoot : static_cast<int>(kDiminished7);
}

}  // namespace

int chord_root(int chord) noexcept {
    if (!is_chord(chord)) return -1;
    if (chord >= kFifths) return chord - kFifths;
    return chord < kNoChord ? chord / kQualitiesPerRoot : chord - kFirstDiminished;
}

int chord_quality(int chord) noexcept { return is_chord(chord) ? quality_of(chord) : -1; }

uint16_t chord_mask(int chord) noexcept {
    if (!is_chord(chord)) return 0;
    const unsigned intervals = static_cast<unsigned>(kIntervals[quality_of(chord)]) << chord_root(chord);
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

int chord_of_tones(uint16_t tones, int lowest) noexcept {
    if (tones == 0) return -1;
    const int bass = ((lowest % 12) + 12) % 12;
    int best = -1, least = 0;
    for (int chord = 0; chord < kFifths + 12; ++chord) {
        if (!is_chord(chord)) continue;
        const int root = chord_root(chord);
        const unsigned turned =
            (static_cast<unsigned>(tones) >> root | static_cast<unsigned>(tones) << (12 - root)) & 0xfff;
        const int cost = cost_of(quality_of(chord), turned, root == bass);
        if (best >= 0 && cost >= least) continue;
        best = chord;
        least = cost;
    }
    return best;
}

int transpose_chord(int chord, int semitones) noexcept {
    if (!is_chord(chord)) return chord;
    const int turns = chord < kNoChord || chord >= kFifths ? 12 : kDiminishedRoots;
    const int root = ((chord_root(chord) + semitones) % turns + turns) % turns;
    if (chord >= kFifths) return kFifths + root;
    return chord < kNoChord ? root * kQualitiesPerRoot + chord_quality(chord) : kFirstDiminished + root;
}

}  // namespace emohost::theory
