// MIDI clock from outside leads: steady under jitter, started, stopped and moved as it says, held where it is lost.
#include <algorithm>
#include <cmath>
#include <vector>

#include "band.h"

using namespace band;

namespace {

// Messages that arrive a little after they happened, by a jitter of `jitter_s` at most either way.
struct Master {
    struct Message {
        double at;  // frames, as it is meant
        InputEvent event;
    };
    std::vector<Message> messages;
    Rng rng{11, 4};
    double jitter_s = 0.003;

    void send(double at, uint8_t a, uint8_t b = 0, uint8_t c = 0) {
        const double jitter = jitter_s * kRate * (2.0 * rng.unit() - 1.0);
        InputEvent event{static_cast<uint64_t>(std::max(1.0, at + jitter)), {a, b, c}, 1, 0, {}};
        event.size = a == 0xf2 ? 3 : 1;
        messages.push_back({at, event});
    }
    void ticks(double from, double to, double tempo) {
        const double interval = kRate * 60.0 / tempo / 24.0;
        for (int i = 0; from + i * interval < to - 0.5; ++i) send(from + i * interval, 0xf8);
    }
};

MusicianSettings led() {
    MusicianSettings with = settings();
    with.clock = ClockSource::midi;
    with.humanise = 0.0f;
    return with;
}

struct Led : Session {
    struct Step {
        uint64_t frame;
        int in_bar;
        uint64_t bar;
    };
    std::vector<Step> steps;
    std::size_t next = 0;

    Led(Master& master, const MusicianSettings& with = led()) : Session(with) {
        std::stable_sort(master.messages.begin(), master.messages.end(),
                         [](const auto& a, const auto& b) { return a.event.frame < b.event.frame; });
        at_hop = [this, &master](uint64_t frame) {
            for (; next < master.messages.size() && master.messages[next].event.frame <= frame; ++next) {
                drain(frame);
                musician->midi(master.messages[next].event, frame);
            }
        };
        before_plan = [this] {
            const Transport& transport = musician->transport();
            steps.push_back({transport.frame(), transport.step_in_bar(), transport.bar()});
        };
    }
};

}  // namespace

TEST("with 3 ms of jitter every step lies within 1 ms of the master's sixteenths, at any tempo") {
    for (const double tempo : {60.0, 97.3, 120.0, 174.0}) {
        Master master;
        const double step = kRate * 15.0 / tempo, start = 48000.0;
        master.ticks(start - 24 * step, start, tempo);
        master.send(start - 400.0, 0xfa);
        master.ticks(start, 90 * kRate, tempo);
        Led session(master);
        session.run(85 * kSecond);
        CHECK(session.steps.size() > 80);
        int seen = 0;
        for (std::size_t i = 0; i < session.steps.size(); ++i) {
            CHECK_EQ(session.steps[i].in_bar, static_cast<int>(i % 16));
            if (i < 48) continue;
            ++seen;
            const double late_ms =
                (static_cast<double>(session.steps[i].frame) - start - static_cast<double>(i) * step) / 48.0;
            CHECK(std::abs(late_ms) <= 1.0);
        }
        CHECK(seen > 30);
        CHECK_NEAR(session.musician->tempo(), tempo, 0.002 * tempo);
    }
}

TEST(
    "nothing plays before start and after stop; continue goes on where it stopped, and a song position is "
    "obeyed") {
    Master master;
    master.ticks(1000, 40 * kRate, 120.0);
    master.send(4 * kRate + 500, 0xfa);
    master.send(10 * kRate + 500, 0xfc);
    master.send(12 * kRate + 500, 0xfb);
    master.send(16 * kRate + 500, 0xfc);
    master.send(17 * kRate, 0xf2, 16 + 4, 0);  // the second bar's second beat
    master.send(18 * kRate + 500, 0xfb);
    Led session(master);
    session.run(24 * kSecond);
    session.finish();
    for (const Note& note : session.notes()) {
        const double second = static_cast<double>(note.on) / kRate;
        CHECK((second > 3.95 && second < 10.1) || (second > 11.95 && second < 16.1) || second > 17.95);
        CHECK(static_cast<double>(note.off) / kRate < (second < 11 ? 10.1 : second < 17 ? 16.1 : 25.0));
    }
    const auto first_after = [&](double seconds) {
        return *std::find_if(session.steps.begin(), session.steps.end(), [&](const Led::Step& step) {
            return static_cast<double>(step.frame) > seconds * kRate;
        });
    };
    CHECK_EQ(first_after(3.9).in_bar, 0);
    CHECK_EQ(first_after(3.9).bar, 0u);
    const Led::Step went_on = first_after(11.9);
    CHECK_EQ(static_cast<int>(went_on.bar) * 16 + went_on.in_bar, 48);  // six seconds, three bars
    CHECK_EQ(first_after(17.9).in_bar, 4);
    CHECK_EQ(first_after(17.9).bar, 1u);
}

TEST("a new tempo is followed within two beats, to within 3 ms") {
    Master master;
    const double change = 20.0 * kRate, fast = kRate * 15.0 / 132.0;
    master.send(47500, 0xfa);
    master.ticks(48000, change, 120.0);
    master.ticks(change, 60 * kRate, 132.0);
    Led session(master);
    session.run(55 * kSecond);
    int seen = 0;
    for (const Led::Step& step : session.steps) {
        const double steps = (static_cast<double>(step.frame) - change) / fast;
        if (steps < 8.0) continue;
        ++seen;
        CHECK(std::abs(steps - std::round(steps)) * fast / 48.0 <= 3.0);
    }
    CHECK(seen > 200);
    CHECK_NEAR(session.musician->tempo(), 132.0, 0.3);
}

TEST(
    "a clock that is lost is held, and said; what was agreed for it holds; it is taken up again in its bar") {
    for (const Fallback fallback : {Fallback::hold, Fallback::stop, Fallback::internal}) {
        Master master;
        master.jitter_s = 0.001;
        master.send(47500, 0xfa);
        master.ticks(48000, 20 * kRate, 120.0);
        master.ticks(30 * kRate, 50 * kRate, 120.0);  // 21 beats went by meanwhile: it stopped nowhere
        MusicianSettings with = led();
        with.fallback = fallback;
        with.tempo = 90.0;
        Led session(master, with);
        session.run(19 * kSecond);
        CHECK(!session.musician->transport().lost());
        session.run(29 * kSecond);
        CHECK(session.musician->transport().lost());
        const bool runs = session.musician->transport().state() == TransportState::running;
        CHECK_EQ(runs, fallback != Fallback::stop);
        CHECK_NEAR(session.musician->tempo(), fallback == Fallback::internal ? 90.0 : 120.0, 0.2);
        session.run(45 * kSecond);
        CHECK(!session.musician->transport().lost());
        CHECK(session.musician->transport().state() == TransportState::running);
        const Led::Step last = session.steps.back();
        const double steps = (static_cast<double>(last.frame) - 48000.0) / 6000.0;
        CHECK_NEAR(steps, std::round(steps), 0.05);
        CHECK_EQ(last.in_bar, static_cast<int>(std::lround(steps)) % 16);
        session.finish();
        session.notes();
    }
}

TEST(
    "a clock that starts again elsewhere between its ticks, or whose ticks were lost, is followed from the "
    "first step on") {
    for (const double pause_s : {0.1, 0.2, 0.311, 2.0}) {
        Master master;
        master.jitter_s = 0.0005;
        const double step = 6000.0, again = (10.0 + pause_s) * kRate + 333.0;
        master.send(47500, 0xfa);
        master.ticks(48000, 10 * kRate, 120.0);
        master.send(10 * kRate, 0xfc);
        master.send(again - 300.0, 0xf2, 6, 0);
        master.send(again - 200.0, 0xfb);
        master.ticks(again, 17 * kRate, 120.0);
        Led session(master);
        session.run(16 * kSecond);
        int seen = 0;
        for (const Led::Step& each : session.steps) {
            const double steps = (static_cast<double>(each.frame) - again) / step;
            if (steps < 0.5) continue;
            CHECK(std::abs(steps - std::round(steps)) * step / 48.0 <= 2.5);
            CHECK_EQ(each.in_bar, (6 + static_cast<int>(std::lround(steps))) % 16);
            ++seen;
        }
        CHECK(seen > 8);
    }
}

TEST("a clock that is silent while it is stopped is not lost") {
    Master master;
    master.send(47500, 0xfa);
    master.ticks(48000, 5 * kRate, 120.0);
    master.send(5 * kRate, 0xfc);
    Led session(master);
    session.run(9 * kSecond);
    CHECK(!session.musician->transport().lost());
    CHECK(session.musician->transport().state() == TransportState::stopped);
}

TEST("any bytes at any frames break nothing") {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        Rng rng(seed, 5);
        Master master;
        for (int i = 0; i < 3000; ++i) {
            const uint8_t kinds[] = {0xf8, 0xf8, 0xf8, 0xfa,
                                     0xfb, 0xfc, 0xf2, static_cast<uint8_t>(rng.next())};
            master.send(30.0 * kRate * rng.unit(), kinds[rng.next() % 8], static_cast<uint8_t>(rng.next()),
                        static_cast<uint8_t>(rng.next()));
        }
        Led session(master);
        session.run(32 * kSecond);
        session.finish();
        session.notes();
    }
}
