#include "check.h"
#include "core/theory/chords.h"

using namespace emohost::theory;

namespace {

uint16_t pitch_classes(std::initializer_list<int> all) {
    uint16_t mask = 0;
    for (const int pitch : all) mask = static_cast<uint16_t>(mask | 1 << pitch);
    return mask;
}

}  // namespace

TEST("chord classes have the tones of their names") {
    CHECK_EQ(chord_mask(0 * 5 + kMajor), pitch_classes({0, 4, 7}));
    CHECK_EQ(chord_mask(9 * 5 + kMinor), pitch_classes({9, 0, 4}));
    CHECK_EQ(chord_mask(7 * 5 + kDominant7), pitch_classes({7, 11, 2, 5}));
    CHECK_EQ(chord_mask(11 * 5 + kMajor7), pitch_classes({11, 3, 6, 10}));
    CHECK_EQ(chord_mask(2 * 5 + kMinor7), pitch_classes({2, 5, 9, 0}));
    CHECK_EQ(chord_mask(61), pitch_classes({0, 3, 6, 9}));
    CHECK_EQ(chord_mask(63), pitch_classes({2, 5, 8, 11}));
    CHECK_EQ(chord_root(63), 2);
    CHECK_EQ(chord_quality(62), static_cast<int>(kDiminished7));
}

TEST("no chord and numbers out of range have no tones") {
    for (const int chord : {kNoChord, -1, 76, 1000}) {
        CHECK_EQ(chord_mask(chord), 0);
        CHECK_EQ(chord_root(chord), -1);
        CHECK_EQ(chord_quality(chord), -1);
        CHECK_EQ(transpose_chord(chord, 5), chord);
    }
}

TEST("a fifth alone has a root, no third, and is transposed over twelve roots") {
    for (int root = 0; root < 12; ++root) {
        CHECK_EQ(chord_mask(kFifths + root), pitch_classes({root, (root + 7) % 12}));
        CHECK_EQ(chord_root(kFifths + root), root);
        CHECK_EQ(chord_quality(kFifths + root), static_cast<int>(kFifthAlone));
        CHECK_EQ(chord_size(kFifths + root), 2);
        CHECK_EQ(transpose_chord(kFifths, root), kFifths + root);
        CHECK_EQ(transpose_chord(kFifths + root, -root - 12), kFifths);
    }
}

TEST("the same triad is the same root and third, whatever stands above") {
    CHECK(same_triad(0 * 5 + kMajor, 0 * 5 + kDominant7));
    CHECK(same_triad(9 * 5 + kMinor, 9 * 5 + kMinor7));
    CHECK(!same_triad(0 * 5 + kMajor, 0 * 5 + kMinor));
    CHECK(!same_triad(0 * 5 + kMajor, 7 * 5 + kMajor));
    CHECK(!same_triad(0 * 5 + kMajor, kFifths));
    CHECK(same_triad(61, 61));
    CHECK(!same_triad(kNoChord, kNoChord));
}

TEST("transposing moves every tone and comes back") {
    for (int chord = 0; chord < kChordClasses; ++chord) {
        for (int by = -24; by <= 24; ++by) {
            const int moved = transpose_chord(chord, by);
            for (int pitch = 0; pitch < 12; ++pitch) {
                const int target = ((pitch + by) % 12 + 12) % 12;
                CHECK_EQ(chord_mask(chord) >> pitch & 1, chord_mask(moved) >> target & 1);
            }
            CHECK_EQ(transpose_chord(moved, -by), chord);
            CHECK_EQ(chord_quality(moved), chord_quality(chord));
        }
    }
}
