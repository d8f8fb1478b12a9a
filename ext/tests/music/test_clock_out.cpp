// MIDI clock for others: a receiver that counts ticks is where the band is.
#include <cmath>
#include <vector>

#include "band.h"
#include "core/music/time/midi_clock.h"

using namespace band;

namespace {

MusicianSettings leading() {
    MusicianSettings with = settings();
    with.clock_out = true;
    with.humanise = 0.0f;
    return with;
}

bool is_system(const MidiEvent& event) { return event.bytes[0] >= 0xf0; }

int count(const std::vector<MidiEvent>& events, int status) {
    int found = 0;
    for (const MidiEvent& event : events) found += event.bytes[0] == status;
    return found;
}

}  // namespace

TEST("there are 24 ticks a beat, evenly, and none that is not asked for") {
    for (const bool on : {false, true}) {
        MusicianSettings with = leading();
        with.clock_out = on;
        Session session(with);
        session.run(10 * kSecond);
        std::vector<uint64_t> ticks;
        for (const MidiEvent& event : session.events)
            if (event.bytes[0] == 0xf8) ticks.push_back(event.frame);
        CHECK_EQ(ticks.size(), on ? 480u : 0u);
        for (std::size_t i = 0; i < ticks.size(); ++i) CHECK_EQ(ticks[i], i * 1000);
        CHECK_EQ(count(session.events, 0xfa), on ? 1 : 0);
    }
}

TEST("the notes are the same with a clock and without") {
    MusicianSettings with = leading(), without = leading();
    without.clock_out = false;
    Session a(with), b(without);
    a.run(20 * kSecond);
    b.run(20 * kSecond);
    std::vector<MidiEvent> notes;
    for (const MidiEvent& event : a.events)
        if (!is_system(event)) notes.push_back(event);
    CHECK_EQ(notes.size(), b.events.size());
    for (std::size_t i = 0; i < std::min(notes.size(), b.events.size()); ++i)
        CHECK(!std::memcmp(&notes[i], &b.events[i], sizeof(MidiEvent)));
}

TEST("stop and start are told, the start before the first tick, and no tick comes after the stop") {
    Session session(leading());
    session.run(5 * kSecond + 700);
    session.musician->stop(session.now);
    session.drain(session.now + 1);
    const uint64_t stopped = session.now;
    session.run(7 * kSecond);
    session.musician->start(session.now);
    session.run(9 * kSecond);
    int starts = 0;
    bool running = false;
    for (const MidiEvent& event : session.events) {
        if (event.bytes[0] == 0xfa) running = true, ++starts;
        if (event.bytes[0] == 0xfc) {
            running = false;
            CHECK_EQ(event.frame, stopped);
        }
        if (event.bytes[0] == 0xf8) CHECK(running);
    }
    CHECK_EQ(starts, 2);
}

TEST(
    "a receiver is in the band's bar and within a millisecond of its steps, also after a downbeat that is "
    "set") {
    MusicianSettings with = leading();
    Session session(with);
    MidiClock receiver(kRate);
    std::size_t next = 0;
    std::vector<std::pair<uint64_t, int>> steps;
    session.before_plan = [&] {
        const Transport& transport = session.musician->transport();
        steps.emplace_back(transport.frame(), transport.step_in_bar());
    };
    session.run(6 * kSecond + 25'000);
    session.musician->downbeat(session.now);
    session.run(30 * kSecond);
    for (; next < session.events.size(); ++next) {
        const MidiEvent& event = session.events[next];
        if (is_system(event)) receiver.receive(event.bytes, event.size, event.frame);
    }
    CHECK(count(session.events, 0xfc) == 1);
    const auto [frame, in_bar] = steps[steps.size() - 3];
    const BeatReading reading = receiver.read(frame);
    const double place = std::fmod(reading.beat * 4.0 + 1e-6, 16.0);
    CHECK_NEAR(place, in_bar, 0.01);
    CHECK_NEAR(reading.tempo, 120.0, 0.01);
}

TEST(
    "a drum machine follows the pianist: ticks follow the beat that is heard, and start once it is trusted") {
    MusicianSettings with = leading();
    with.clock = ClockSource::follow;
    Session session(with);
    constexpr double kBeat = 48000.0 * 60.0 / 96.0;
    session.at_hop = [&](uint64_t frame) {
        const double beat = (static_cast<double>(frame) - 11'000.0) / kBeat + 400.0;
        session.heard.beat = {frame, 96.0, beat - std::floor(beat), static_cast<int>(beat) % 4, 4,
                              0.0f,  0.0f};
        session.heard.beat.confidence = session.heard.beat.downbeat_confidence =
            frame > 3 * kSecond ? 0.9f : 0.0f;
    };
    session.run(20 * kSecond);
    uint64_t started = 0;
    int ticks = 0, near = 0;
    for (const MidiEvent& event : session.events) {
        if (event.bytes[0] == 0xfa || event.bytes[0] == 0xfb) started = event.frame;
        if (event.bytes[0] != 0xf8 || started == 0 || event.frame < 8 * kSecond) continue;
        ++ticks;
        const double place = (static_cast<double>(event.frame) - 11'000.0) / kBeat * 24.0;
        near += std::abs(place - std::round(place)) < 0.1;
    }
    CHECK(started >= 3 * kSecond);
    CHECK_EQ(near, ticks);
    CHECK(ticks > 24 * 15);
}
