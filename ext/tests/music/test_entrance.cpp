// Who plays when: the band listens first, comes in in order, thins out while the beat is not trusted.
#include <algorithm>

#include "band.h"

using namespace band;

namespace {

constexpr double kBeat = 48000.0 * 60.0 / 96.0;  // frames: 96 beats a minute
constexpr double kBar = 4.0 * kBeat;
constexpr double kFirst = 11'000.0;  // frame of a downbeat

MusicianSettings following() {
    MusicianSettings with = settings();
    with.clock = ClockSource::follow;
    with.enter = Enter::listen;
    with.enter_bars = 2;
    with.humanise = 0.0f;
    return with;
}

// A session whose tracker is sure where `sure` says so.
struct Listening : Session {
    std::function<bool(double seconds)> sure = [](double) { return true; };
    std::function<bool(double seconds)> sounding = [](double) { return true; };

    explicit Listening(const MusicianSettings& with = following()) : Session(with) {
        random_networks = false;
        networks.fill(1, 0);
        std::fill_n(networks.groove, 32, 0.0f);
        emotion.arousal = 0.8f;
        at_hop = [this](uint64_t frame) {
            const double seconds = static_cast<double>(frame) / kRate;
            const double beat = (static_cast<double>(frame) - kFirst) / kBeat + 400.0;
            heard.beat = {frame, 96.0, beat - std::floor(beat), static_cast<int>(beat) % 4, 4, 0.0f, 0.0f};
            heard.beat.confidence = heard.beat.downbeat_confidence = sure(seconds) ? 0.9f : 0.1f;
            heard.sounding = sounding(seconds);
        };
    }
    std::vector<Note> play(double seconds) {
        run_seconds(seconds);
        finish();
        return notes();
    }
};

uint64_t first_of(const std::vector<Note>& all, int part) {
    const std::vector<Note> notes = of_part(all, part);
    return notes.empty() ? ~uint64_t{0} : notes.front().on;
}

int count(const std::vector<Note>& all, int part, double from_s, double to_s) {
    int found = 0;
    for (const Note& note : of_part(all, part))
        found +=
            static_cast<double>(note.on) >= from_s * kRate && static_cast<double>(note.on) < to_s * kRate;
    return found;
}

// Bars from the player's first downbeat to a frame.
double bars(uint64_t frame) { return (static_cast<double>(frame) - kFirst) / kBar; }

}  // namespace

TEST(
    "it listens for two bars, then bass and chords enter on the bar line, a bar later "
    "drums, then melody") {
    Listening session;
    session.sure = [](double seconds) { return seconds > 3.0; };
    const std::vector<Note> notes = session.play(30.0);
    const double entered = bars(std::min(first_of(notes, kBass), first_of(notes, kChords)));
    CHECK_NEAR(entered, std::round(entered), 0.01);
    CHECK(entered * kBar + kFirst >= 3.0 * kRate + 2 * kBar);
    CHECK(entered * kBar + kFirst <= 3.0 * kRate + 3.5 * kBar);
    CHECK_NEAR(bars(first_of(notes, kDrums)), std::round(entered) + 1, 0.3);
    CHECK(bars(first_of(notes, kDrums)) >= std::round(entered) + 1 - 0.01);
    CHECK(bars(first_of(notes, kMelody)) >= std::round(entered) + 2 - 0.01);
    CHECK(count(notes, kMelody, 0.0, 30.0) > 10);
}

TEST("how many bars it listens is settable") {
    for (const int wanted : {0, 1, 4}) {
        MusicianSettings with = following();
        with.enter_bars = wanted;
        Listening session(with);
        const double entered = bars(first_of(session.play(25.0), kChords));
        CHECK(entered >= wanted - 0.01);
        CHECK(entered <= wanted + 2.01);
    }
}

TEST("the kick falls on the player's one, though the process began elsewhere") {
    Listening session;
    int on_the_one = 0, kicks = 0, off_beat = 0;
    for (const Note& note : session.play(60.0)) {
        if (note.part != kDrums) continue;
        const double beats = 4.0 * bars(note.on);
        off_beat += std::abs(beats * 4.0 - std::round(beats * 4.0)) > 0.1;
        if (note.pitch != 36) continue;
        ++kicks;
        on_the_one += std::abs(bars(note.on) - std::round(bars(note.on))) < 0.01;
    }
    CHECK_EQ(off_beat, 0);
    CHECK(on_the_one >= 15);
    CHECK(kicks > on_the_one);
}

TEST("it enters at once where that is wanted, all of it") {
    MusicianSettings with = following();
    with.enter = Enter::at_once;
    with.clock = ClockSource::internal;
    Listening session(with);
    const std::vector<Note> notes = session.play(4.0);
    for (const int part : {kBass, kChords, kDrums, kMelody}) CHECK(first_of(notes, part) < 2 * kSecond);
}

TEST("a count-in clicks the beats of its bars, then all enter") {
    MusicianSettings with = following();
    with.enter = Enter::count_in;
    with.enter_bars = 1;
    with.clock = ClockSource::internal;
    with.tempo = 120.0;
    Listening session(with);
    const std::vector<Note> notes = session.play(8.0);
    std::vector<uint64_t> clicks;
    for (const Note& note : notes)
        if (note.on < 96000) clicks.push_back(note.on);
    CHECK_EQ(clicks.size(), 4u);
    std::sort(clicks.begin(), clicks.end());
    for (std::size_t i = 0; i < clicks.size(); ++i) CHECK_EQ(clicks[i], 24000 * i);
    CHECK(count(notes, kDrums, 2.0, 4.0) > 4);
    CHECK(count(notes, kChords, 2.0, 4.0) > 0);
}

TEST(
    "where the beat is lost the drums stop within three beats, the rest thins out, and they return on a bar "
    "line") {
    Listening session, steady;
    session.sure = [](double seconds) { return seconds < 20.0 || seconds > 30.0; };
    const std::vector<Note> notes = session.play(45.0), all = steady.play(45.0);
    const double stopped = 20.0 + 3.5 * kBeat / kRate;
    CHECK(count(notes, kDrums, 15.0, 20.0) > 10);
    CHECK_EQ(count(notes, kDrums, stopped, 30.0), 0);
    CHECK_EQ(count(notes, kMelody, stopped, 30.0), 0);
    const int thin = count(notes, kChords, stopped, 30.0) + count(notes, kBass, stopped, 30.0);
    CHECK(thin > 0);
    CHECK(thin < 0.8 * (count(all, kChords, stopped, 30.0) + count(all, kBass, stopped, 30.0)));
    uint64_t again = ~uint64_t{0};
    for (const Note& note : of_part(notes, kDrums))
        if (note.on > 30 * kSecond) again = std::min(again, note.on);
    CHECK(bars(again) - std::floor(bars(again) + 0.01) < 0.3);
    CHECK(again < 34 * kSecond);
}

TEST("without a beat that can be trusted chords and bass alone come in, late and thin") {
    Listening session;
    session.sure = [](double) { return false; };
    const std::vector<Note> notes = session.play(30.0);
    CHECK_EQ(count(notes, kChords, 0.0, 8.0), 0);
    CHECK(count(notes, kChords, 12.0, 30.0) > 3);
    CHECK_EQ(count(notes, kDrums, 0.0, 30.0) + count(notes, kMelody, 0.0, 30.0), 0);
}

TEST("where no bar begins, since the downbeat that is heard moves on, it comes in on a beat in the end") {
    Listening session;
    const auto hop = session.at_hop;
    session.at_hop = [&](uint64_t frame) {
        hop(frame);
        session.heard.beat.beat_in_bar = 1 + session.heard.beat.beat_in_bar % 2;  // never the one
    };
    const std::vector<Note> notes = session.play(25.0);
    const uint64_t first = std::min(first_of(notes, kBass), first_of(notes, kChords));
    CHECK(first > 12 * kSecond);
    CHECK(first < 16 * kSecond);
    const double beats = 4.0 * bars(first);
    CHECK_NEAR(beats, std::round(beats), 0.02);
}

TEST("after a long silence it listens anew; after a short one it goes on") {
    for (const double pause : {2.0, 12.0}) {
        Listening session;
        session.sounding = [&](double seconds) { return seconds < 20.0 || seconds > 20.0 + pause; };
        const std::vector<Note> notes = session.play(50.0);
        CHECK_EQ(count(notes, kChords, 20.5, 20.0 + std::min(pause, 5.0)), 0);
        CHECK(count(notes, kChords, 25.0, 20.0 + pause) <= 4);  // the last chord alone
        CHECK_EQ(count(notes, kMelody, 28.0, 20.0 + pause), 0);
        const int soon = count(notes, kChords, 20.0 + pause, 22.5 + pause);
        CHECK_EQ(soon > 0, pause < 5.0);
        CHECK(count(notes, kDrums, 30.0 + pause, 50.0) > 10);
    }
}

TEST("all that the band plays while it follows depends on no block size") {
    std::vector<std::vector<MidiEvent>> runs;
    for (const uint64_t block : {64, 441, 512, 8192}) {
        Listening session;
        Rng rng(7, 7);
        const auto hop = session.at_hop;
        session.random_networks = true;
        session.at_hop = [&](uint64_t frame) {
            hop(frame);
            session.heard.beat.phase += 0.02 * rng.unit();
            if (session.heard.beat.phase >= 1.0) session.heard.beat.phase = 0.999;
            session.heard.beat.tempo = 96.0 + 4.0 * rng.unit();
            if (frame % 31 == 0) session.heard.beat.confidence = rng.unit();
        };
        session.run(40 * kSecond, [&] { return block; });
        session.finish();
        session.notes();
        runs.push_back(session.events);
    }
    CHECK(runs[0].size() > 200);
    for (const auto& events : runs) {
        CHECK_EQ(events.size(), runs[0].size());
        for (std::size_t i = 0; i < std::min(events.size(), runs[0].size()); ++i)
            CHECK(!std::memcmp(&events[i], &runs[0][i], sizeof(MidiEvent)));
    }
}
