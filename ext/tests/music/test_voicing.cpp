// Chords are spread over three or four notes that move as little as they can.
#include <algorithm>
#include <cstdlib>

#include "check.h"
#include "core/music/parts/voicing.h"
#include "core/music/rng.h"
#include "core/theory/chords.h"
#include "core/theory/keys.h"

using namespace emohost::music;
using namespace emohost::theory;

TEST("voicings are rising, in range, of chord tones, with root and third") {
    Rng rng(1, 1);
    Voicing previous;
    for (int i = 0; i < 20000; ++i) {
        const int chord = static_cast<int>(rng.next() % 64);
        const int low = static_cast<int>(rng.next() % 116);
        const int high = low + 12 + static_cast<int>(rng.next() % 40);
        const int voices = 3 + static_cast<int>(rng.next() % 2);
        const Voicing voicing = voice_chord(chord, previous, low, std::min(high, 127), voices);
        if (chord == kNoChord) {
            CHECK_EQ(voicing.count, 0);
            continue;
        }
        CHECK(voicing.count >= 3 && voicing.count <= voices);
        uint16_t heard = 0;
        for (int k = 0; k < voicing.count; ++k) {
            CHECK(voicing.notes[k] >= low && voicing.notes[k] <= std::min(high, 127));
            if (k > 0) CHECK(voicing.notes[k] > voicing.notes[k - 1]);
            heard = static_cast<uint16_t>(heard | 1 << voicing.notes[k] % 12);
        }
        CHECK_EQ(heard & ~chord_mask(chord), 0);
        CHECK(holds(heard, chord_root(chord)));
        CHECK(holds(heard, chord_root(chord) + 3) || holds(heard, chord_root(chord) + 4));
        previous = voicing;
    }
}

TEST("voices move by less than two semitones on average in a cadence, and common tones stay") {
    const int cadence[] = {0 * 5 + kMajor, 9 * 5 + kMinor, 5 * 5 + kMajor, 2 * 5 + kMinor, 7 * 5 + kMajor};
    Voicing last = voice_chord(cadence[0], Voicing(), 48, 76, 3);
    int moved = 0, moves = 0, kept = 0, common = 0;
    for (int i = 1; i < 100; ++i) {
        const int chord = cadence[i % 5];
        const Voicing next = voice_chord(chord, last, 48, 76, 3);
        CHECK_EQ(next.count, 3);
        for (int k = 0; k < 3; ++k) {
            moved += std::abs(next.notes[k] - last.notes[k]);
            ++moves;
            if (!holds(chord_mask(chord), last.notes[k])) continue;
            ++common;
            for (const int note : next.notes) kept += note == last.notes[k];
        }
        last = next;
    }
    std::printf("    mean movement %.2f semitones, common tones kept %d of %d\n", 1.0 * moved / moves, kept,
                common);
    CHECK(moved < 2 * moves);
    CHECK(kept > 0.8 * common);
}
