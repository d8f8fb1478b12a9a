// What the band says it will play is what it plays.
#include <cmath>
#include <map>

#include "band.h"

using namespace band;

namespace {

constexpr uint64_t kSixteenth = 6000, kBar = 96000;
constexpr int kBars = 40;

struct Told {
    PlannedBar present[kBars + 1] = {},
                               next[kBars + 1] = {};  // as last said of a bar, in it and in the bar before
};

// Strikes by part and bar.
std::map<std::pair<int, uint64_t>, uint32_t> played(const std::vector<Note>& notes, uint64_t steps = 16) {
    std::map<std::pair<int, uint64_t>, uint32_t> strikes;
    for (const Note& note : notes) {
        const uint64_t step = (note.on + kSixteenth / 2) / kSixteenth;
        strikes[{note.part, step / steps}] |= 1u << step % steps;
    }
    return strikes;
}

void listen(Session& session, Told& told, uint64_t steps = 16) {
    session.after_plan = [&session, &told, steps] {
        const uint64_t bar = (session.steps - 1) / steps;
        if (bar >= kBars) return;
        told.present[bar] = session.musician->planned(0);
        told.next[bar + 1] = session.musician->planned(1);
    };
}

// Plays bars of so many beats, and holds what is said of each to what it brings.
void check_plan(uint64_t seed, int beats, int* open) {
    const auto steps = static_cast<uint64_t>(4 * beats);
    MusicianSettings with = settings(seed);
    with.humanise = 0.0;
    with.beats_per_bar = beats;
    if (seed % 2 == 0) {  // fills of a whole bar of four, longer than one of two or three
        Style& style = with.styles[0];
        for (int i = 0; i < style.fill_count; ++i)
            style.fills[i] = fill(16, style.fills[i].from, style.fills[i].to, {line("x..x.xx.x.x..xxx", 38)});
    }
    Session session(with);
    session.networks.fill(seed, 0);
    session.random_networks = false;  // what they say at the next section's beginning cannot be known
    session.emotion.arousal = 0.2f;
    session.heard.chord = session.heard.chord_more.settled = kMajor;
    Told told;
    listen(session, told, steps);
    session.run(kBars * steps * kSixteenth);
    session.finish();
    auto strikes = played(session.notes(), steps);
    for (uint64_t bar = 1; bar < kBars; ++bar) {
        const PlannedBar &present = told.present[bar], &next = told.next[bar];
        CHECK(present.flags & kIsPlanned);
        CHECK_EQ((present.flags & kBeginsSection) != 0, bar % 8 == 0);
        CHECK_EQ((present.flags & kEndsPhrase) != 0, bar % 4 == 3);
        for (const int part : {kChords, kBass, kDrums}) {
            CHECK_EQ(present.strikes[part], (strikes[{part, bar}]));
            CHECK_EQ(next.strikes[part], (strikes[{part, bar}]));
        }
        CHECK_EQ(present.flags & kMelodyOpen, 0);
        CHECK_EQ((strikes[{kMelody, bar}]) & ~present.strikes[kMelody], 0u);  // the network may rest
        *open += (next.flags & kMelodyOpen) != 0;
        CHECK(!(next.flags & kMelodyOpen) || bar % 8 == 0);
    }
}

}  // namespace

TEST("what is planned for a bar is what the bar brings, fills and beginnings of sections included") {
    int open = 0;
    for (uint64_t seed = 1; seed <= 6; ++seed)
        for (const int beats : {2, 3, 4, 7}) check_plan(seed, beats, &open);
    CHECK(open > 0);
}

TEST("the chords of a loop are told a bar before they come, moved as the band is") {
    Session session(settings());
    session.musician->set(Parameter::transpose, 2.0f);
    const int progression[] = {0 * 5 + kMajor, 9 * 5 + kMinor, 5 * 5 + kMajor, 7 * 5 + kMajor};
    session.before_plan = [&] {
        const int chord = progression[(session.steps - 1) / 16 % 4];
        session.heard.chord = session.heard.chord_more.settled = chord;
        for (int pitch = 0; pitch < 12; ++pitch)
            session.heard.chroma[pitch] = chord_mask(chord) >> pitch & 1 ? 1.0f / 3.0f : 0.0f;
    };
    Told told;
    listen(session, told);
    session.run(kBars * kBar);
    session.finish();
    for (int bar = 1; bar < kBars; ++bar) {
        const int chord = transpose_chord(progression[bar % 4], 2);
        CHECK_EQ(told.present[bar].chords[3], chord);
        if (bar < 2) CHECK_EQ(told.next[bar].chords[0], -1);  // nobody can know
        if (bar > 16) CHECK_EQ(told.next[bar].chords[0], chord);
        CHECK_EQ(told.present[bar].chords[4], -1);  // there is no fifth beat
    }
}

TEST("a part that is off plans nothing, and a band that has stopped has no plan") {
    Session session(settings());
    session.run(kBar + 1);
    CHECK(session.musician->planned(0).strikes[kDrums] != 0);
    session.musician->set(Parameter::drums_enabled, 0.0f);
    session.run(2 * kBar);
    CHECK_EQ(session.musician->planned(0).strikes[kDrums], 0u);
    CHECK(session.musician->planned(0).strikes[kBass] != 0);
    session.finish();
    CHECK_EQ(session.musician->planned(0).flags, 0);
    CHECK_EQ(session.musician->planned(1).flags, 0);
}
