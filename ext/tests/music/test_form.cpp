// Form and memory: sections and phrases, and what the parts keep, vary and bring back.
#include <set>

#include "band.h"
#include "core/music/form.h"

using namespace band;

namespace {

constexpr uint64_t kSixteenth = 6000, kBar = 96000;
const float kFlat[kSlots] = {};

// Plays bars of one texture to a form, and tells the materials of the sections that begin.
struct Listening {
    Form form;
    uint64_t bar = 0;
    std::vector<int> materials;
    hearing::Heard heard = music_in(0, false);

    void bars(int count, int loop = 0) {
        for (int i = 0; i < count; ++i, ++bar) {
            for (int step = 0; step < 16; ++step)
                form.step(bar, step, 16, heard, {0, false}, 0.5f, kFlat, loop);
            if (form.place().section_begins()) materials.push_back(form.place().material);
        }
    }
    void texture(float density, float level, float height) {
        heard.onset_density = density;
        heard.level = level;
        heard.pitch_register = height;
    }
};

using Hits = std::set<std::pair<uint64_t, int>>;

// Of each bar, the steps on which a part plays what.
std::vector<Hits> bars_of(const std::vector<Note>& notes, int part, std::size_t count) {
    std::vector<Hits> bars(count);
    for (const Note& note : of_part(notes, part)) {
        const uint64_t step = (note.on + kSixteenth / 2) / kSixteenth;
        if (step / 16 < count) bars[step / 16].insert({step % 16, note.pitch});
    }
    return bars;
}

std::set<uint64_t> rhythm(const Hits& bar) {
    std::set<uint64_t> steps;
    for (const auto& hit : bar) steps.insert(hit.first);
    return steps;
}

std::vector<Note> play(uint64_t seed, float arousal, int bars) {
    Session session(settings(seed));
    session.emotion.arousal = arousal;
    session.run(static_cast<uint64_t>(bars) * kBar);
    session.finish();
    return session.notes();
}

}  // namespace

TEST("left alone, sections of eight bars go A A B A") {
    Listening to;
    to.texture(3.0f, 0.5f, 0.5f);
    to.bars(64);
    CHECK(to.materials == std::vector<int>({0, 0, 1, 0, 0, 0, 1, 0}));
    CHECK_EQ(to.form.place().phrase_bars, 4);
}

TEST("a loop of eight bars is heard as phrases of eight") {
    Listening to;
    to.bars(16, 128);
    CHECK_EQ(to.form.place().phrase_bars, 8);
    CHECK_EQ(to.form.place().bar_in_phrase, 7);
}

TEST(
    "where the player does something else a section of other material begins with the next phrase, and comes "
    "back with it") {
    Listening to;
    to.texture(2.0f, 0.4f, 0.4f);
    to.bars(9);  // A A
    to.texture(8.0f, 0.8f, 0.6f);
    to.bars(4);
    CHECK_EQ(to.materials.back(), 2);
    CHECK_EQ(to.form.place().bar_in_section, 0);
    to.bars(8);
    to.texture(2.0f, 0.4f, 0.4f);
    to.bars(5);
    CHECK_EQ(to.materials.back(), 0);
}

TEST("a bar that does not follow on the last one begins a section") {
    Listening to;
    to.bars(3);
    to.bar = 0;
    to.bars(1);
    CHECK(to.form.place().section_begins());
    CHECK_EQ(to.materials.size(), std::size_t{2});
}

TEST("drums keep their bar, fill at the end of a section and crash where one begins, and only there") {
    int equal = 0, pairs = 0;
    double fills[2] = {}, bars_of_kind[2] = {};
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        const auto bars = bars_of(play(seed, 0.2f, 32), kDrums, 32);
        for (std::size_t bar = 0; bar < bars.size(); ++bar) {
            const bool begins = bar % 8 == 0, ends = bar % 8 == 7;
            CHECK_EQ(bars[bar].count({0, 49}) > 0, begins);
            double filling = 0;
            for (const auto& hit : bars[bar])
                filling += hit.first >= 12 &&
                           (hit.second == 38 || hit.second == 41 || hit.second == 45 || hit.second == 48);
            fills[ends] += filling;
            bars_of_kind[ends] += 1;
            if (bar == 0) continue;
            Hits now = bars[bar], before = bars[bar - 1];
            now.erase({0, 49});
            before.erase({0, 49});
            equal += now == before;
            ++pairs;
        }
    }
    const double ends = fills[1] / bars_of_kind[1], others = fills[0] / bars_of_kind[0];
    std::printf(
        "    bars equal to the one before: %.0f %%; snares and toms in the last beat: %.1f at the end of a "
        "section, %.1f elsewhere\n",
        100.0 * equal / pairs, ends, others);
    CHECK(equal >= 0.6 * pairs);
    CHECK(ends >= 2.0 * others);
}

TEST("the melody brings its rhythm back after four bars or eight, but not the same eight bars") {
    int returns = 0, all = 0, same = 0, eights = 0;
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        const auto bars = bars_of(play(seed, 0.2f, 48), kMelody, 48);
        for (std::size_t bar = 8; bar < bars.size(); ++bar) {
            if (bars[bar].empty()) continue;
            ++all;
            const auto now = rhythm(bars[bar]);
            returns += now == rhythm(bars[bar - 4]) || now == rhythm(bars[bar - 8]);
        }
        for (std::size_t from = 8; from + 8 <= bars.size(); ++from) {
            ++eights;
            same +=
                std::equal(bars.begin() + static_cast<long>(from), bars.begin() + static_cast<long>(from) + 8,
                           bars.begin() + static_cast<long>(from) - 8);
        }
    }
    std::printf("    bars whose rhythm returns: %.0f %%; the same eight bars: %.0f %%\n",
                100.0 * returns / all, 100.0 * same / eights);
    CHECK(returns >= 0.4 * all);
    CHECK(same <= 0.1 * eights);
}

TEST("a melody that thins out plays some of the same rhythm, and has all of it back afterwards") {
    int thinner = 0, fewer = 0, back = 0, bars_back = 0;
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        Session session(settings(seed));
        session.emotion.arousal = 0.2f;
        session.run(8 * kBar - kSixteenth);
        session.musician->set(Parameter::density, 0.4f);
        session.run(12 * kBar - kSixteenth);
        session.musician->set(Parameter::density, 1.0f);
        session.run(16 * kBar);
        session.finish();
        const auto bars = bars_of(session.notes(), kMelody, 16);
        for (std::size_t bar = 8; bar < 12; ++bar) {
            const auto thin = rhythm(bars[bar]), full = rhythm(bars[bar - 8]);
            fewer += thin.size() < full.size();
            thinner += std::includes(full.begin(), full.end(), thin.begin(), thin.end());
        }
        for (std::size_t bar = 12; bar < 16; ++bar, ++bars_back)
            back += rhythm(bars[bar]) == rhythm(bars[bar - 8]);
    }
    std::printf(
        "    thin bars within the rhythm: %d of 32, with fewer notes: %d; bars that are back: %d of %d\n",
        thinner, fewer, back, bars_back);
    CHECK(thinner >= 30);
    CHECK(fewer >= 24);
    CHECK(back >= 24);
}

TEST("the melody steps more than it repeats, and a step follows a leap") {
    int steps = 0, repeats = 0, all = 0, leaps = 0, resolved = 0;
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        const auto line = of_part(play(seed, 0.2f, 48), kMelody);
        for (std::size_t i = 1; i < line.size(); ++i) {
            const int interval = std::abs(line[i].pitch - line[i - 1].pitch);
            steps += interval == 1 || interval == 2;
            repeats += interval == 0;
            ++all;
            if (interval < 5 || i + 1 == line.size()) continue;
            const int next = std::abs(line[i + 1].pitch - line[i].pitch);
            ++leaps;
            resolved += next == 1 || next == 2;
        }
    }
    std::printf("    steps %.0f %%, repeated %.0f %%, leaps that a step follows %.0f %%\n",
                100.0 * steps / all, 100.0 * repeats / all, 100.0 * resolved / leaps);
    CHECK(steps >= 0.42 * all);
    CHECK(repeats <= 0.15 * all);
    CHECK(resolved >= 0.6 * leaps);
}

TEST("the bass keeps its pattern and leads to the root that a loop lets it foresee") {
    int same = 0, bars_all = 0, led = 0, changes = 0;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        Session session(settings(seed));
        const int progression[] = {0 * 5 + kMajor, 9 * 5 + kMinor, 5 * 5 + kMajor, 7 * 5 + kMajor};
        session.emotion.arousal = 0.2f;
        session.before_plan = [&] {
            const int chord = progression[(session.steps - 1) / 16 % 4];
            session.heard.chord = session.heard.chord_more.settled = chord;
            for (int pitch = 0; pitch < 12; ++pitch)
                session.heard.chroma[pitch] = chord_mask(chord) >> pitch & 1 ? 1.0f / 3.0f : 0.0f;
        };
        session.run(48 * kBar);
        session.finish();
        const auto notes = session.notes();
        const auto bars = bars_of(notes, kBass, 48);
        for (std::size_t bar = 17; bar < bars.size(); ++bar) {
            ++bars_all;
            same += rhythm(bars[bar]) == rhythm(bars[bar - 1]);
        }
        const Note* before = nullptr;
        const auto line = of_part(notes, kBass);
        for (const Note& note : line) {
            const uint64_t step = (note.on + kSixteenth / 2) / kSixteenth;
            if (before && step % 16 == 0 && step / 16 >= 17) {
                const int interval = ((note.pitch - before->pitch) % 12 + 12) % 12;
                ++changes;
                led += interval == 1 || interval == 2 || interval == 5 || interval == 7 || interval >= 10;
            }
            before = &note;
        }
    }
    std::printf("    bass bars in the rhythm of the one before: %.0f %%; roots approached: %.0f %%\n",
                100.0 * same / bars_all, 100.0 * led / changes);
    CHECK(same >= 0.5 * bars_all);
    CHECK(led >= 0.6 * changes);
}
