// Which style is in force, and what of it falls on a step.
#include "band.h"
#include "core/music/styles/styles.h"

using namespace band;

namespace {

// Styles that differ in what they suit: of the first, slow and calm, to the third, fast and lively; the second is in three.
std::vector<Style> three() {
    std::vector<Style> made(3, house_style());
    made[0].tempo = {50.0f, 90.0f};
    made[0].activity = {0.0f, 0.4f};
    made[1].beats = 3;
    made[2].tempo = {110.0f, 180.0f};
    made[2].activity = {0.5f, 1.0f};
    return made;
}

struct Choice {
    Styles styles;
    Place place;
    hearing::Heard heard = music_in(0, false);
    int step_in_bar = 0;

    explicit Choice(StyleName asked = StyleName::auto_) : styles(three(), asked) {}
    explicit Choice(const std::vector<Style>& among) : styles(among, StyleName::auto_) {}
    void steps(int count, double tempo, float activity, int beats = 4) {
        for (int i = 0; i < count; ++i) {
            styles.step(place, step_in_bar, tempo, beats, heard, 0.0f, activity);
            step_in_bar = (step_in_bar + 1) % (4 * beats);
        }
    }
    int number() const { return static_cast<int>(styles.name()); }
};

}  // namespace

TEST("auto takes the style that fits tempo, activity and metre, at a section's beginning alone") {
    Choice choice;
    CHECK_EQ(choice.number(), 0);  // nothing was played yet
    choice.steps(1, 70, 0.2f);
    CHECK_EQ(choice.number(), 1);
    choice.steps(500, 140, 0.9f);
    CHECK_EQ(choice.number(), 1);  // the section goes on
    ++choice.place.section;
    choice.steps(1, 140, 0.9f);
    CHECK_EQ(choice.number(), 3);
    ++choice.place.section;
    choice.step_in_bar = 0;
    choice.steps(1, 140, 0.9f, 3);
    CHECK_EQ(choice.number(), 2);  // the only one in three
    ++choice.place.section;
    choice.step_in_bar = 0;
    choice.steps(1, 140, 0.9f, 5);
    CHECK(choice.number() != 0);  // none is in five: any will do
}

TEST("auto stays with a style until another fits plainly better") {
    Choice up, down;
    up.steps(1, 70, 0.2f);
    down.steps(1, 140, 0.9f);
    int from = -1, to = -1;  // where in between each changes
    for (int i = 0; i <= 40; ++i) {
        const float share = static_cast<float>(i) / 40.0f;
        ++up.place.section;
        ++down.place.section;
        up.step_in_bar = down.step_in_bar = 0;
        up.steps(640, 70.0 + 70.0 * static_cast<double>(share), 0.2f + 0.7f * share);
        down.steps(640, 140.0 - 70.0 * static_cast<double>(share), 0.9f - 0.7f * share);
        ++up.place.section;
        ++down.place.section;
        up.steps(1, 70.0 + 70.0 * static_cast<double>(share), 0.2f + 0.7f * share);
        down.steps(1, 140.0 - 70.0 * static_cast<double>(share), 0.9f - 0.7f * share);
        if (from < 0 && up.number() == 3) from = i;
        if (to < 0 && down.number() == 1) to = 40 - i;
    }
    std::printf("    up at %d of 40, down at %d of 40\n", from, to);
    CHECK(from > 0 && to > 0);
    CHECK(from >= to + 2);
}

TEST("a style with a handicap is taken only where it fits so much better") {
    for (const float handicap : {0.0f, 0.2f, 0.9f}) {
        std::vector<Style> among = three();
        among[0].handicap = handicap;
        Choice in_between(among), plainly(among);
        in_between.steps(1, 99.5, 0.435f);  // a little nearer to the first
        CHECK_EQ(in_between.number(), handicap > 0.1f ? 3 : 1);
        plainly.steps(1, 70, 0.2f);
        CHECK_EQ(plainly.number(), 1);
    }
}

TEST("what is asked for is in force from the next bar line on; what is not there is refused") {
    Choice choice;
    choice.steps(5, 70, 0.2f);
    choice.styles.ask(static_cast<StyleName>(3));
    choice.steps(11, 70, 0.2f);
    CHECK_EQ(choice.number(), 1);
    choice.steps(1, 70, 0.2f);
    CHECK_EQ(choice.number(), 3);
    choice.styles.ask(static_cast<StyleName>(7));  // there are three
    choice.steps(32, 70, 0.2f);
    CHECK_EQ(choice.number(), 3);
    choice.styles.ask(StyleName::auto_);
    choice.steps(32, 70, 0.2f);
    CHECK_EQ(choice.number(), 3);  // until the section ends
    ++choice.place.section;
    choice.steps(16, 70, 0.2f);
    CHECK_EQ(choice.number(), 1);
}

TEST("a longer bar begins the style's again, a shorter one cuts it; two bars alternate") {
    const Line one = line("abcdefghijklmnop"), two = line("aaaabbbbccccddddAAAABBBBCCCCDDDD");
    CHECK_EQ(one.at(0, 3, 16), 'd');
    CHECK_EQ(one.at(7, 11, 16), 'l');  // a bar of three
    CHECK_EQ(one.at(7, 18, 16), 'c');  // the fifth beat of five
    CHECK_EQ(two.at(0, 5, 16), 'b');
    CHECK_EQ(two.at(1, 5, 16), 'B');
    CHECK_EQ(two.at(2, 17, 16), 'a');
}

TEST("swing moves the second half of a pair, and what lies within the halves along with it") {
    Style style = house_style();
    for (int step = 0; step < 16; ++step) CHECK_EQ(style.delay(step), 0.0);
    style.swing = 2.0f / 3.0f;
    CHECK_NEAR(style.delay(0), 0.0, 1e-6);
    CHECK_NEAR(style.delay(2), 2.0 / 3.0, 1e-6);  // at two thirds of the beat
    CHECK_NEAR(style.delay(1), 1.0 / 3.0, 1e-6);
    CHECK_NEAR(style.delay(3), 1.0 / 3.0, 1e-6);
    style.pair = 2;
    CHECK_NEAR(style.delay(1), 1.0 / 3.0, 1e-6);
    CHECK_EQ(style.delay(2), 0.0);
}

TEST("a swap at a bar line leaves what was played before it alone, and every note ends") {
    MusicianSettings with = settings();
    with.styles = {house_style(), house_style()};
    with.styles[1].swing = 0.66f;
    with.styles[1].drum_count = 1;
    with.styles[1].fill_count = 0;
    with.style = static_cast<StyleName>(1);
    Session plain(with), swapped(with);
    constexpr uint64_t kSwap = 4 * 96000;
    swapped.at_hop = [&](uint64_t frame) {
        if (frame == kSwap - 20 * kHopFrames) swapped.musician->set(Parameter::style, 2.0f);
    };
    for (Session* session : {&plain, &swapped}) {
        session->run(8 * 96000);
        session->finish();
    }
    const auto before = [](const std::vector<Note>& notes) {
        std::vector<std::pair<uint64_t, int>> begun;
        for (const Note& note : notes)
            if (note.on < kSwap - 3000) begun.push_back({note.on, note.pitch});
        std::sort(begun.begin(), begun.end());
        return begun;
    };
    const auto one = plain.notes(), other = swapped.notes();  // which checks that they are whole
    CHECK(before(one) == before(other));
    const auto later = [](const std::vector<Note>& notes, int pitch) {
        return std::count_if(notes.begin(), notes.end(), [&](const Note& note) {
            return note.part == kDrums && note.pitch == pitch && note.on > kSwap + 3000;
        });
    };
    CHECK(later(one, 38) > 4);
    CHECK_EQ(later(other, 38), 0);  // the second style has a kick alone
    CHECK(later(other, 36) > 4);
}

TEST("the same notes for every block size, also where styles swing and are swapped") {
    MusicianSettings with = settings(3);
    with.styles = {house_style(), house_style()};
    with.styles[0].swing = 0.6f;
    with.styles[1].swing = 0.7f;
    with.styles[1].pair = 2;
    std::vector<std::vector<MidiEvent>> played;
    for (const uint64_t block : {uint64_t{32}, uint64_t{511}, uint64_t{4096}}) {
        Session session(with);
        session.at_hop = [&](uint64_t frame) {
            if (frame == 200 * kHopFrames) session.musician->set(Parameter::style, 2.0f);
        };
        session.run(12 * 96000, [&] { return block; });
        session.finish();
        played.push_back(session.events);
    }
    for (const auto& events : played) {
        CHECK_EQ(events.size(), played[0].size());
        for (std::size_t i = 0; i < std::min(events.size(), played[0].size()); ++i)
            CHECK(events[i].frame == played[0][i].frame && events[i].bytes[1] == played[0][i].bytes[1]);
    }
}

TEST("a style that is no style is refused") {
    const auto refused = [](void (*change)(Style&)) {
        MusicianSettings with = settings();
        change(with.styles[0]);
        return make_musician(with) == nullptr;
    };
    CHECK(!refused([](Style&) {}));
    CHECK(refused([](Style& s) { s.beats = 9; }));
    CHECK(refused([](Style& s) { s.swing = 0.9f; }));
    CHECK(refused([](Style& s) { s.drum_count = kDrumLines + 1; }));
    CHECK(refused([](Style& s) { s.drums[0].length = 0; }));
    CHECK(refused([](Style& s) { s.most = 9; }));
    CHECK(refused([](Style& s) { s.fills[0].steps = 17; }));
    MusicianSettings none = settings();
    none.styles.clear();
    CHECK(make_musician(none) == nullptr);
}
