#include "check.h"
#include "core/music/chords.h"

using namespace emohost::music;

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
    for (const int chord : {kNoChord, -1, 64, 1000}) {
        CHECK_EQ(chord_mask(chord), 0);
        CHECK_EQ(chord_root(chord), -1);
        CHECK_EQ(chord_quality(chord), -1);
        CHECK_EQ(transpose_chord(chord, 5), chord);
    }
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
