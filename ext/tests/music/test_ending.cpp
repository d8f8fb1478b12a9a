// How the band ends: with the player, on the tonic, rung out; and that it does not end where the player only rests.
#include <algorithm>

#include "band.h"
#include "core/theory/chords.h"

using namespace band;

namespace {

constexpr double kTempo = 96.0;
constexpr uint64_t kBeat = 30'000;  // frames at 96 beats a minute
constexpr uint64_t kBar = 4 * kBeat;
constexpr uint64_t kFirst = kBeat;             // frame of a downbeat
constexpr uint64_t kEnd = kFirst + 16 * kBar;  // frame of the last attack
constexpr int kTonic = 0, kDominant = 7 * 5;

// Somebody plays eighths where `plays` says so, in C major; the beat is heard with `confidence`.
struct Player : Session {
    std::function<bool(uint64_t frame)> plays = [](uint64_t) { return true; };
    std::function<bool(uint64_t frame)> sounds = [](uint64_t) { return true; };
    std::function<float(uint64_t frame)> confidence = [](uint64_t) { return 0.9f; };
    std::function<int(uint64_t frame)> chord = [](uint64_t frame) {
        return frame >= kEnd || (frame - kFirst) / kBar % 2 == 0 ? kTonic : kDominant;
    };

    explicit Player(const MusicianSettings& with = following()) : Session(with) {
        random_networks = false;
        networks.fill(1, 0);
        std::fill_n(networks.groove, 32, 0.0f);
        emotion.arousal = 0.6f;
        onset_at = [this](uint64_t frame) {
            const uint64_t eighth = kBeat / 2;
            return plays(frame) && frame % eighth < kHopFrames;
        };
        at_hop = [this](uint64_t frame) {
            const double beat = (static_cast<double>(frame) - kFirst) / static_cast<double>(kBeat) + 400.0;
            heard.beat = {frame, kTempo, beat - std::floor(beat), static_cast<int>(beat) % 4, 4, 0.0f, 0.0f};
            heard.beat.confidence = heard.beat.downbeat_confidence = confidence(frame);
            heard.sounding = sounds(frame);
            heard.chord = heard.chord_more.settled = chord(frame);
        };
    }

    static MusicianSettings following() {
        MusicianSettings with = settings();
        with.clock = ClockSource::follow;
        with.enter = Enter::listen;
        with.humanise = 0.0f;
        return with;
    }

    std::vector<Note> play(uint64_t frames) {
        run(frames);
        finish();
        return notes();
    }
};

uint64_t last_attack(const std::vector<Note>& notes) {
    uint64_t last = 0;
    for (const Note& note : notes) last = std::max(last, note.on);
    return last;
}

int begun(const std::vector<Note>& notes, int part, uint64_t from, uint64_t to) {
    int found = 0;
    for (const Note& note : of_part(notes, part)) found += note.on >= from && note.on < to;
    return found;
}

// Pitch classes that a part sounds at a frame, a bit each.
unsigned sounding_at(const std::vector<Note>& notes, int part, uint64_t frame) {
    unsigned mask = 0;
    for (const Note& note : of_part(notes, part))
        if (note.on <= frame && note.off > frame) mask |= 1u << (note.pitch % 12);
    return mask;
}

constexpr unsigned kTonicTriad = 1u << 0 | 1u << 4 | 1u << 7;

}  // namespace

TEST("where a last chord is held and the beat gives way, nothing begins later than a beat after the player") {
    for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
        MusicianSettings with = Player::following();
        with.seed = seed;
        Player session(with);
        session.plays = [](uint64_t frame) { return frame < kEnd + kHopFrames; };
        session.confidence = [](uint64_t frame) { return frame < kEnd - kBar ? 0.9f : 0.5f; };
        const std::vector<Note> notes = session.play(kEnd + 4 * kBar);
        CHECK(begun(notes, kMelody, 0, kEnd) > 10);
        CHECK(last_attack(notes) <= kEnd + kBeat + kHopFrames);
        // It rings on for more than a bar, on the tonic, with the melody on a tone of it.
        const uint64_t later = kEnd + kBar + kBeat;
        CHECK_EQ(sounding_at(notes, kChords, later) & ~kTonicTriad, 0u);
        CHECK(sounding_at(notes, kChords, later) != 0);
        CHECK_EQ(sounding_at(notes, kBass, later), 1u << 0);
        CHECK(sounding_at(notes, kMelody, later) != 0);
        CHECK_EQ(sounding_at(notes, kMelody, later) & ~kTonicTriad, 0u);
    }
}

TEST("a rest of up to two bars ends nothing: time is kept, no more, and the band goes on with the player") {
    for (const uint64_t rest : {kBar, 3 * kBar / 2, 15 * kBar / 8}) {
        const uint64_t from = kEnd, to = kEnd + rest;
        Player session;
        session.plays = [=](uint64_t frame) { return frame < from || frame >= to; };
        session.sounds = [=](uint64_t frame) { return frame < from + kBeat / 2 || frame >= to; };
        session.chord = [=](uint64_t) { return kDominant; };
        const std::vector<Note> notes = session.play(to + 4 * kBar);
        const uint64_t quiet = from + 3 * kBeat / 2;
        CHECK(begun(notes, kDrums, quiet, to) > 0);
        CHECK_EQ(begun(notes, kChords, quiet, to) + begun(notes, kMelody, quiet, to), 0);
        CHECK(begun(notes, kDrums, quiet, to) * kBar <
              begun(notes, kDrums, from - 4 * kBar, from) * rest / 4);
        CHECK(begun(notes, kChords, to, to + kBar) > 0);
        CHECK(begun(notes, kBass, to, to + kBar) > 0);
    }
}

TEST("after two bars of rest it ends by itself: on a bar line, on the tonic, and then nothing begins") {
    Player session;
    session.plays = [](uint64_t frame) { return frame < kEnd; };
    session.sounds = [](uint64_t frame) { return frame < kEnd + kBeat / 2; };
    session.chord = [](uint64_t) { return kDominant; };
    const std::vector<Note> notes = session.play(kEnd + 8 * kBar);
    CHECK(sounding_at(notes, kChords, kEnd + 7 * kBar / 2) != 0);  // it rings
    const uint64_t last = last_attack(notes);
    CHECK(last > kEnd + 15 * kBar / 8);
    CHECK(last < kEnd + 13 * kBar / 4);
    CHECK_NEAR(static_cast<double>((last + kBar / 2 - kFirst) % kBar), 0.5 * kBar, 0.02 * kBar);
    CHECK_EQ(sounding_at(notes, kChords, last + kBeat) & ~kTonicTriad, 0u);
    CHECK_EQ(sounding_at(notes, kBass, last + kBeat), 1u);
}

TEST("one chord more after the last chord, and the band moves there within a beat, once") {
    constexpr uint64_t kMore =
        kEnd + 3 * kBeat;  // after the beat gave way the player's last chord comes late
    Player session;
    session.plays = [](uint64_t frame) {
        return frame < kEnd + kHopFrames || (frame >= kMore && frame < kMore + kHopFrames);
    };
    session.confidence = [](uint64_t frame) { return frame < kEnd - kBar ? 0.9f : 0.0f; };
    session.chord = [](uint64_t frame) { return frame >= kMore ? kTonic : kDominant; };
    const auto before = session.at_hop;
    session.at_hop = [&](uint64_t frame) {
        before(frame);  // what was the end dies away
        const uint64_t since = frame < kEnd ? 0 : frame - (frame < kMore ? kEnd : kMore);
        const double faded = std::min(4.0, static_cast<double>(since) / kBeat);
        session.heard.level_db = static_cast<float>(-20.0 - 9.0 * faded);
    };
    const std::vector<Note> notes = session.play(kMore + 4 * kBar);
    CHECK_EQ(sounding_at(notes, kBass, kMore - kHopFrames) & (1u << 0), 0u);  // it ended on the dominant
    CHECK(last_attack(notes) > kMore);
    CHECK(last_attack(notes) <= kMore + 5 * kBeat / 4);
    const uint64_t later = kMore + kBar + kBeat;
    CHECK_EQ(sounding_at(notes, kBass, later), 1u << 0);
    CHECK_EQ(sounding_at(notes, kChords, later) & ~kTonicTriad, 0u);
    CHECK(sounding_at(notes, kChords, later) != 0);
}

TEST("an end that was none is picked up on the next bar line, by all") {
    const uint64_t again = kEnd + 2 * kBar + kBar / 4;
    Player session;
    session.plays = [=](uint64_t frame) { return frame < kEnd + kHopFrames || frame >= again; };
    session.confidence = [=](uint64_t frame) { return frame < kEnd - kBar || frame >= again ? 0.9f : 0.5f; };
    const std::vector<Note> notes = session.play(again + 3 * kBar);
    uint64_t first = ~uint64_t{0};
    for (const Note& note : notes)
        if (note.on > kEnd + 2 * kBeat) first = std::min(first, note.on);
    CHECK(first >= again);
    CHECK_NEAR(static_cast<double>(first), static_cast<double>(kEnd + 3 * kBar), 0.02 * kBar);
    for (const int part : {kChords, kBass, kDrums}) CHECK(begun(notes, part, first, first + kBar) > 0);
}

TEST("a player whose notes are long is no player that ends") {
    Player session;
    session.onset_at = [](uint64_t frame) { return frame % kBar < kHopFrames; };
    const std::vector<Note> notes = session.play(24 * kBar);
    for (uint64_t bar = 8; bar < 24; ++bar)
        CHECK(begun(notes, kDrums, kFirst + bar * kBar, kFirst + (bar + 1) * kBar) > 2);
}

TEST(
    "a player whose attacks are too soft to be heard plays on as long as the chords change, or the sound "
    "swells") {
    for (const bool swells : {false, true}) {
        Player session;
        session.plays = [](uint64_t frame) { return frame < kFirst + 6 * kBar; };
        if (swells) session.chord = [](uint64_t) { return kTonic; };
        const auto before = session.at_hop;
        session.at_hop = [&](uint64_t frame) {
            before(frame);
            const double beat = static_cast<double>(frame % kBeat) / static_cast<double>(kBeat);
            if (swells) session.heard.level_db = static_cast<float>(-20.0 - 10.0 * beat);
        };
        const std::vector<Note> notes = session.play(16 * kBar);
        for (uint64_t bar = 9; bar < 16; ++bar)
            CHECK(begun(notes, kDrums, kFirst + bar * kBar, kFirst + (bar + 1) * kBar) > 2);
    }
}

TEST("where it plays always there is no end") {
    MusicianSettings with = Player::following();
    with.play = Play::always;
    with.clock = ClockSource::internal;
    with.enter = Enter::at_once;
    Player session(with);
    session.plays = [](uint64_t frame) { return frame < kEnd; };
    session.sounds = [](uint64_t frame) { return frame < kEnd; };
    CHECK(last_attack(session.play(kEnd + 8 * kBar)) > kEnd + 7 * kBar);
}
