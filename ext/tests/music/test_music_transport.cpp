// When the musician plays: the place of steps, rests, panic, stop and start.
#include "band.h"

using namespace band;

TEST("steps lie where the tempo puts them, without drift, and a new tempo starts with the next step") {
    MusicianSettings with = settings();
    with.sample_rate = 44100.0;
    with.tempo = 97.3;
    const auto musician = make_musician(with);
    const hearing::Heard heard;
    const Outputs none = {nullptr, nullptr, nullptr, nullptr};
    const double step = 44100.0 * 60.0 / 97.3 / 4.0;
    CHECK_EQ(musician->next_plan_frame(), 0u);
    for (int i = 0; i < 100000; ++i) {
        if (i > 0) CHECK_NEAR(static_cast<double>(musician->next_plan_frame()), (i - 0.5) * step, 0.51);
        CHECK_EQ(musician->step_in_bar(), i % 16);
        musician->plan(heard, {0, 0}, none);
    }
    const double planned = static_cast<double>(musician->next_plan_frame());
    musician->set(Parameter::tempo, 200.0f);
    CHECK_NEAR(musician->tempo(), 97.3, 1e-9);
    CHECK_EQ(static_cast<double>(musician->next_plan_frame()), planned);  // promised already
    musician->plan(heard, {0, 0}, none);
    CHECK_NEAR(musician->tempo(), 200.0, 1e-4);
    const double fast = 44100.0 * 60.0 / 200.0 / 4.0;
    CHECK_NEAR(static_cast<double>(musician->next_plan_frame()), 100000 * step + 0.5 * fast, 0.51);
}

TEST("groove moves notes by its share of a step, early ones too") {
    Session session(settings());
    session.random_networks = false;
    session.networks.fill(1, 0);
    for (int i = 0; i < 16; ++i) {
        session.networks.groove[2 * i] = 0.0f;
        session.networks.groove[2 * i + 1] = i % 2 ? 0.25f : -0.4f;
    }
    session.networks.groove[2 * 6 + 1] = -7.0f;  // clamped to half a step
    session.emotion.arousal = 0.9f;
    session.run_seconds(20);
    session.finish();
    for (const Note& note : session.notes()) {
        if (note.on < 3000) continue;  // the very first step cannot be early
        const uint64_t place =
            (note.on + 3000) % 96000;  // half a step later, so that early steps count to their own
        const int step = static_cast<int>(place / 6000);
        const double offset = (static_cast<double>(place % 6000) - 3000.0) / 6000.0;
        CHECK_NEAR(offset, step == 6 ? -0.5 : step % 2 ? 0.25 : -0.4, 1e-3);
    }
}

TEST("while nothing is heard it keeps time alone, and resumes with a step") {
    Session session(settings());
    session.at_hop = [&](uint64_t frame) {
        session.heard.sounding = frame < 5 * kSecond || frame > 9 * kSecond;
    };
    session.run(14 * kSecond);
    session.finish();
    int before = 0, after = 0;
    for (const Note& note : session.notes()) {
        const bool rests = note.on > 5 * kSecond + 30000 && note.on < 9 * kSecond;  // a beat and a step later
        CHECK(!rests || note.part == kDrums || note.part == kBass);
        before += note.on < 5 * kSecond;
        after += note.on >= 9 * kSecond && note.on < 9 * kSecond + 24000;  // within a beat
    }
    CHECK(before > 20);
    CHECK(after > 0);
}

TEST("a part that is turned off falls silent within a hop") {
    Session session(settings());
    session.at_hop = [&](uint64_t frame) {
        if (frame == 250 * kHopFrames) session.musician->set(Parameter::chords_enabled, 0.0f);
    };
    session.run_seconds(10);
    session.finish();
    int chords = 0, others = 0;
    for (const Note& note : session.notes()) {
        if (note.part == kChords) {
            CHECK(note.off <= 251 * kHopFrames);
            ++chords;
        }
        others += note.part != kChords && note.on > 251 * kHopFrames;
    }
    CHECK(chords > 0);
    CHECK(others > 0);
}

TEST("panic ends what sounds at once, note-offs first, and playing goes on") {
    Session session(settings());
    session.run(5 * kSecond + 100);
    while (session.musician->sounding() == 0 && session.now < 8 * kSecond) session.run(session.now + 1000);
    const uint64_t at = session.now;
    const uint16_t sounding = session.musician->sounding();
    CHECK(sounding > 0);
    const std::size_t before = session.events.size();
    session.musician->panic(at);
    session.drain(at + 1);
    CHECK_EQ(session.musician->sounding(), 0);
    for (std::size_t i = before; i < session.events.size(); ++i) {
        const MidiEvent& event = session.events[i];
        CHECK_EQ(event.frame, at);
        CHECK_EQ(event.bytes[0] & 0xf0, i < before + sounding ? 0x80 : 0xb0);
        if (i >= before + sounding) CHECK(event.bytes[1] == 64 ? event.bytes[2] == 0 : event.bytes[1] == 123);
    }
    CHECK_EQ(session.events.size(), before + sounding + 2 * kParts);
    session.run_seconds(3);
    CHECK(session.musician->sounding() > 0 || session.events.size() > before + 60);
    session.finish();
    session.notes();
}

TEST("a stopped transport is silent and starts again with step 0") {
    Session session(settings());
    session.run(3 * kSecond);
    session.musician->stop(session.now);
    CHECK_EQ(session.musician->next_plan_frame(), ~uint64_t{0});
    session.drain(session.now + 1);
    const std::size_t stopped = session.events.size();
    session.onset_at = [](uint64_t) { return true; };
    session.run_seconds(2);
    CHECK_EQ(session.events.size(), stopped);
    session.musician->start(session.now);
    CHECK_EQ(session.musician->next_plan_frame(), session.now);
    CHECK_EQ(session.musician->step_in_bar(), 0);
    session.run_seconds(3);
    CHECK(session.events.size() > stopped + 5);
    session.finish();
    session.notes();
}
