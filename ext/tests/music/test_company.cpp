// How the band goes with the player: how much, how loud, where there is room, and no chord over its own melody.
#include <algorithm>
#include <set>

#include "band.h"

using namespace band;

namespace {

constexpr uint64_t kBeat = 24'000;  // frames at 120 beats a minute
constexpr uint64_t kBar = 4 * kBeat;

// A player who attacks where `plays` says so, at a level of `level`.
struct Company : Session {
    std::function<bool(uint64_t frame)> plays = [](uint64_t frame) {
        return frame % (kBeat / 2) < kHopFrames;
    };
    std::function<float(uint64_t frame)> level = [](uint64_t) { return 0.5f; };

    explicit Company(const MusicianSettings& with) : Session(with) {
        emotion.arousal = 0.5f;
        onset_at = [this](uint64_t frame) { return plays(frame); };
        at_hop = [this](uint64_t frame) {
            density_ += -density_ / 100.0f + (plays(frame) ? 0.5f : 0.0f);
            heard.onset_density = density_;
            heard.attacks = plays(frame) ? 1 : 0;
            heard.level = level(frame);
        };
    }

    static MusicianSettings listening(Listen how) {
        MusicianSettings with = settings();
        with.listen = how;
        with.humanise = 0.0f;
        return with;
    }

    std::vector<Note> play(uint64_t frames) {
        run(frames);
        finish();
        return notes();
    }

  private:
    float density_ = 0.0f;
};

int begun(const std::vector<Note>& notes, int part, uint64_t from, uint64_t to) {
    int found = 0;
    for (const Note& note : of_part(notes, part)) found += note.on >= from && note.on < to;
    return found;
}

double mean_velocity(const std::vector<Note>& notes, uint64_t from, uint64_t to) {
    double sum = 0.0;
    int found = 0;
    for (const Note& note : notes) {
        if (note.on < from || note.on >= to) continue;
        sum += note.velocity;
        ++found;
    }
    return sum / found;
}

// Eight bars in eighths and eight in halves, in turn.
bool in_turn(uint64_t frame) {
    const uint64_t every = frame / (8 * kBar) % 2 == 0 ? kBeat / 2 : 2 * kBeat;
    return frame % every < kHopFrames;
}

}  // namespace

TEST("it plays more where the player plays more, and so only if it is to follow") {
    int busy[2] = {}, calm[2] = {};
    for (const uint64_t seed : {1, 2, 3, 4}) {
        for (const Listen how : {Listen::follow, Listen::lead}) {
            MusicianSettings with = Company::listening(how);
            with.seed = seed;
            Company session(with);
            session.plays = in_turn;
            const std::vector<Note> notes = session.play(64 * kBar);
            for (const int part : {kMelody, kChords, kBass, kDrums}) {
                for (const uint64_t bar : {16, 32, 48}) {  // the first turn is too early to compare with
                    busy[how == Listen::lead] += begun(notes, part, (bar + 2) * kBar, (bar + 8) * kBar);
                    calm[how == Listen::lead] += begun(notes, part, (bar + 10) * kBar, (bar + 16) * kBar);
                }
            }
        }
    }
    CHECK(busy[0] > 1.4 * calm[0]);
    CHECK_NEAR(static_cast<double>(busy[1]), static_cast<double>(calm[1]), 0.1 * busy[1]);
}

TEST("where it answers, its melody begins in gaps and ends within half a beat after the player begins") {
    Company session(Company::listening(Listen::answer));
    const auto gap = [](uint64_t frame) { return frame % (2 * kBar) >= kBar; };
    session.plays = [&](uint64_t frame) { return !gap(frame) && frame % (kBeat / 2) < kHopFrames; };
    const std::vector<Note> melody = of_part(session.play(64 * kBar), kMelody);
    CHECK(melody.size() > 20);
    for (const Note& note : melody) {
        if (note.on < 4 * kBar) continue;
        CHECK(gap(note.on) || gap(note.on - kBeat / 4));
        CHECK(note.off <= (note.on / (2 * kBar) + 1) * 2 * kBar + kBeat / 2 + kHopFrames);
    }
}

TEST("how it listens can be changed while it plays") {
    Company session(Company::listening(Listen::lead));
    session.run(16 * kBar);
    session.musician->set(Parameter::listen, 1.0f);
    session.run(32 * kBar);
    session.musician->set(Parameter::listen, 2.0f);
    const std::vector<Note> notes = session.play(48 * kBar);
    CHECK(begun(notes, kMelody, 4 * kBar, 16 * kBar) > 5);
    CHECK_EQ(begun(notes, kMelody, 17 * kBar, 32 * kBar), 0);
    CHECK(begun(notes, kMelody, 33 * kBar, 48 * kBar) > 5);
}

TEST("a player who becomes louder or softer is gone along with within a bar") {
    Company session(Company::listening(Listen::lead));
    session.level = [](uint64_t frame) { return frame / (4 * kBar) % 2 == 0 ? 0.3f : 0.7f; };
    const std::vector<Note> notes = session.play(32 * kBar);
    for (uint64_t bar = 4; bar + 8 < 32; bar += 8) {
        const double soft = mean_velocity(notes, (bar + 5) * kBar, (bar + 8) * kBar);
        const double loud = mean_velocity(notes, (bar + 1) * kBar, (bar + 4) * kBar);
        CHECK(loud > soft + 20.0);
    }
}

TEST("drums have at least five levels, and the weakest are well below the strongest") {
    Company session(Company::listening(Listen::lead));
    std::set<int> levels;
    for (const Note& note : of_part(session.play(32 * kBar), kDrums)) levels.insert(note.velocity / 8);
    CHECK(levels.size() >= 5);
}

TEST("no tone of its chords sounds at or above its melody") {
    for (const uint64_t seed : {1, 2, 3}) {
        MusicianSettings with = Company::listening(Listen::lead);
        with.seed = seed;
        Company session(with);
        const std::vector<Note> notes = session.play(48 * kBar);
        const std::vector<Note> chords = of_part(notes, kChords);
        int covered = 0, all = 0;
        for (const Note& note : of_part(notes, kMelody)) {
            ++all;
            covered += std::any_of(chords.begin(), chords.end(), [&](const Note& each) {
                return each.on <= note.on + 960 && each.off > note.on + 960 && each.pitch >= note.pitch;
            });
        }
        CHECK(all > 40);
        CHECK(covered * 12 <= all);
    }
}
