// A clock that the host's process follows: evened out, moved at once where it moves, lost where it is silent; the grid starts
// on its steps. And the bars and beats that JACK is told.
#include <algorithm>
#include <cmath>
#include <vector>

#include "check.h"
#include "core/music/rng.h"
#include "core/music/time/anchor.h"
#include "core/music/time/host_clock.h"
#include "core/music/time/timebase.h"
#include "core/music/transport.h"

using namespace emohost;
using namespace emohost::music;

namespace {

constexpr double kRate = 48000.0;
constexpr uint64_t kSecond = 48000, kHop = 960;

double beat_of(uint64_t frame, double tempo) { return static_cast<double>(frame) * tempo / (60.0 * kRate); }

// Told fifty times a second, each time up to `jitter` frames early or late.
struct Told {
    Transport transport{kRate, 100.0, 4, ClockSource::jack, Fallback::hold, true};
    Rng rng{5, 3};
    double tempo = 126.0, ahead = 0.0;  // beats
    double jitter = 0.0;
    int beats_per_bar = 0;
    uint64_t now = 0;
    std::vector<uint64_t> steps;
    std::vector<int> places;

    void until(uint64_t end, bool silent = false) {
        while (now < end) {
            while (transport.plan_frame() <= now) {
                steps.push_back(transport.frame());
                places.push_back(transport.step_in_bar());
                transport.advance();
            }
            const uint64_t hop = (now / kHop + 1) * kHop;
            now = std::min({hop, transport.plan_frame(), end});
            if (now != hop) continue;
            const double off = jitter * (2.0 * rng.unit() - 1.0) + 2.0 * jitter;
            if (!silent)
                transport.anchor({static_cast<uint64_t>(static_cast<double>(now) + off), tempo,
                                  beat_of(now, tempo) + ahead, beats_per_bar});
            transport.listen(now, hearing::BeatHeard{});
        }
    }
    // Of the latest step, from the nearest sixteenth of the clock, frames.
    double off() const {
        const double at = 4.0 * (beat_of(steps.back(), tempo) + ahead);
        return (at - std::round(at)) * 15.0 * kRate / tempo;
    }
};

}  // namespace

TEST(
    "a place travels in a command to a frame's precision, round and round after whole phrases of any metre") {
    for (const int metre : {0, 2, 3, 4, 5, 6, 7}) {
        for (const double beat : {0.0, 0.25, 3.999, 1234.56, 3359.99}) {
            for (const double round : {0.0, kManyBeats, -kManyBeats}) {
                const Anchor found = unpack_anchor(77, 120.0, pack_place(beat + round, metre));
                CHECK_NEAR(found.beat, beat, 2e-5);
                CHECK_EQ(found.beats_per_bar, metre);
                if (metre) CHECK_EQ(static_cast<int>(kManyBeats) % (8 * metre), 0);
            }
        }
    }
    CHECK_EQ(unpack_anchor(0, 120.0, pack_place(1.0, 12)).beats_per_bar, 0);
}

TEST("with 2 ms of jitter every step lies within 1 ms of the clock's mean") {
    Told told;
    told.jitter = 96.0;
    told.transport.start(0);
    told.until(10 * kSecond);
    for (int i = 0; i < 200; ++i) {
        told.until(told.now + 4800);
        CHECK_NEAR(told.off(), 2.0 * told.jitter, 48.0);
    }
}

TEST("a clock that moves is followed at once, to its bar and tempo; one that falls silent is held and lost") {
    Told told;
    told.transport.start(0);
    told.until(10 * kSecond);
    CHECK_NEAR(told.off(), 0.0, 10.0);
    told.ahead = 1.37;
    told.until(12 * kSecond);
    CHECK_NEAR(told.off(), 0.0, 10.0);
    told.tempo = 93.0;
    told.until(15 * kSecond);
    CHECK_NEAR(told.off(), 0.0, 10.0);
    CHECK_NEAR(told.transport.tempo(), 93.0, 1e-6);
    const double beat = beat_of(told.steps.back(), told.tempo) + told.ahead;
    CHECK_EQ(told.places.back(), static_cast<int>(std::lround(4.0 * beat)) % 16);
    CHECK(!told.transport.lost());
    told.until(18 * kSecond, true);
    CHECK(told.transport.lost());
    CHECK_NEAR(told.off(), 0.0, 20.0);
}

TEST("it starts on the clock's next step, at its place in the bar and its metre") {
    for (uint64_t began = 0; began < 40; ++began) {
        Told told;
        told.beats_per_bar = 3;
        told.transport.stop();
        told.until(kSecond + 480 * began);
        told.transport.start_with_clock(told.now);
        const uint64_t started = told.now;
        const double passed = 4.0 * beat_of(started, told.tempo);
        const double missed = (passed - std::floor(passed)) * 15.0 * kRate / told.tempo;  // frames
        told.until(told.now + kSecond);
        CHECK_EQ(told.transport.beats_per_bar(), 3);
        const bool at_once = told.steps.front() == started;
        CHECK_EQ(at_once, missed < 0.03 * kRate);
        for (std::size_t i = at_once ? 1 : 0; i < told.steps.size(); ++i) {
            const double step = 4.0 * beat_of(told.steps[i], told.tempo);
            CHECK_NEAR((step - std::round(step)) * 15.0 * kRate / told.tempo, 0.0, 12.0);
            CHECK_EQ(told.places[i], static_cast<int>(std::lround(step)) % 12);
        }
        CHECK_EQ(told.places.front(), static_cast<int>(passed + (at_once ? 0.0 : 1.0)) % 12);
    }
}

TEST("JACK is told the band's place in the bar, in the bar that is nearest to the transport's own place") {
    Timebase timebase;
    Beat band;
    band.tempo = 120.0;
    band.beat = 2.5;
    band.frame = 0xffffff00u;  // the count runs over
    band.placed = 1;
    const uint32_t frame = band.frame + 24000;                               // a beat later
    const double beats = timebase.place(band, frame, 480000, kRate, false);  // ten seconds: beat 20
    CHECK_NEAR(std::fmod(beats, 4.0), 3.5, 1e-9);
    CHECK(std::abs(beats - 20.0) <= 2.0);
    double before = beats;
    for (uint32_t i = 1; i < 500; ++i) {  // it does not go back, whatever the beat that is heard does
        band.beat = std::fmod(2.5 + i * 1024.0 / 24000.0, 4.0);
        band.frame = frame - 24000 + i * 1024;
        band.tempo = 120.0 + 3.0 * std::sin(0.1 * i);
        const double now = timebase.place(band, frame + i * 1024, 480000 + i * 1024, kRate, true);
        CHECK(now > before);
        before = now;
    }
    CHECK(timebase.place(band, frame, 0, kRate, false) >= 0.0);
}

TEST("where the band says no beat the transport's beginning is a downbeat, and a new tempo moves nothing") {
    Timebase timebase;
    Beat band;
    band.tempo = 90.0;
    CHECK_NEAR(timebase.place(band, 5, 320000, kRate, false), 10.0, 1e-9);
    band.tempo = 120.0;
    CHECK_NEAR(timebase.place(band, 24005, 344000, kRate, true), 11.0, 1e-9);
}
