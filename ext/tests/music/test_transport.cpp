// The transport by itself: the grid of steps, taps, the downbeat that is set.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "check.h"
#include "core/music/rng.h"
#include "core/music/transport.h"

using namespace emohost;
using namespace emohost::music;

namespace {

constexpr double kRate = 48000.0;
constexpr uint64_t kHop = 960;

struct Step {
    uint64_t frame, planned;
    int in_bar;
    uint64_t bar;
};

// Plays a transport as the engine does: hops at their frames, steps as soon as they are to be planned.
struct Run {
    Transport transport;
    std::function<hearing::BeatHeard(uint64_t)> heard = [](uint64_t) { return hearing::BeatHeard{}; };
    uint64_t now = 0;
    std::vector<Step> steps;

    explicit Run(ClockSource leads = ClockSource::internal, bool metre_found = false)
        : transport(kRate, 120.0, 4, leads, Fallback::hold, metre_found) {
        transport.start(0);
    }
    void until(uint64_t end) {
        while (now < end) {
            while (transport.plan_frame() <= now) {
                steps.push_back({transport.frame(), now, transport.step_in_bar(), transport.bar()});
                transport.advance();
            }
            const uint64_t hop = (now / kHop + 1) * kHop;
            now = std::min({hop, transport.plan_frame(), end});
            if (now == hop) transport.listen(now, heard(now));
        }
    }
    void tap(uint64_t frame) {
        until(frame);
        transport.tap(frame);
    }
};

// Distance of a step to the nearest sixteenth of a beat of `beat` frames that lies at `origin`.
double off(uint64_t frame, double origin, double beat) {
    const double steps = (static_cast<double>(frame) - origin) / (beat / 4.0);
    return (steps - std::floor(steps + 0.5)) * beat / 4.0;
}

}  // namespace

TEST("steps are planned in order, once each, half a step ahead") {
    Run run;
    run.until(20 * 48000);
    CHECK_EQ(run.steps.size(), 161u);
    for (std::size_t i = 0; i < run.steps.size(); ++i) {
        CHECK_EQ(run.steps[i].frame, i * 6000);
        CHECK_EQ(run.steps[i].planned, i == 0 ? 0 : i * 6000 - 3000);
        CHECK_EQ(run.steps[i].in_bar, static_cast<int>(i % 16));
        CHECK_EQ(run.steps[i].bar, i / 16);
    }
}

TEST("the beat at a frame is where the steps put it") {
    Run run;
    for (int beat = 1; beat < 40; ++beat) {
        run.until(24000 * static_cast<uint64_t>(beat) + 600);
        CHECK_NEAR(run.transport.beat_at(run.now), beat % 4 + 600 / 24000.0, 1e-6);
    }
}

TEST(
    "taps set tempo and phase within two beats, however a hand trembles, and no step is far from the one "
    "before") {
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        Rng rng(seed, 1);
        Run run;
        const double beat = kRate * 60.0 / (60.0 + 140.0 * rng.unit());
        const double origin = 48000.0 * (1.0 + rng.unit());
        for (int i = 0; i < 8; ++i)
            run.tap(static_cast<uint64_t>(origin + i * beat + 480.0 * (2.0 * rng.unit() - 1.0)));
        run.until(run.now + static_cast<uint64_t>(6 * beat));
        CHECK_NEAR(run.transport.tempo(), kRate * 60.0 / beat, 0.02 * kRate * 60.0 / beat);
        const Step last = run.steps.back();
        const double late = off(last.frame, origin, beat);
        CHECK(std::abs(late) < 0.03 * beat + 480.0);
        CHECK(run.steps.size() > 20);
        for (std::size_t i = 1; i < run.steps.size(); ++i) {
            CHECK(run.steps[i].frame > run.steps[i - 1].frame + 1000);
            CHECK(run.steps[i].planned >= run.steps[i - 1].planned);
        }
    }
}

TEST("a single tap moves the beat there and leaves the tempo") {
    Run run;
    run.until(96000);
    run.tap(96000 + 3000);  // half a step behind
    run.until(96000 + 6 * 24000);
    CHECK_NEAR(run.transport.tempo(), 120.0, 1e-9);
    CHECK(std::abs(off(run.steps.back().frame, 99000.0, 24000.0)) < 30.0);
}

TEST("a tap that bounces counts once, and taps after a pause begin anew") {
    Run run;
    for (const uint64_t at : {48000, 48600, 72000, 96000, 96900}) run.tap(at);
    run.until(120000);
    CHECK_NEAR(run.transport.tempo(), 120.0, 1e-6);
    for (const uint64_t at : {480000, 496000, 512000, 528000}) run.tap(at);  // 180
    run.until(600000);
    CHECK_NEAR(run.transport.tempo(), 180.0, 1e-6);
}

TEST("the downbeat that is set begins bar 0 on the beat next to it, before or after") {
    for (const int moved : {-2000, -200, 0, 300, 5000}) {
        Run run;
        const auto at = static_cast<uint64_t>(96000 + 24000 * 6 + moved);  // third beat of a bar
        run.until(at);
        run.transport.downbeat(at);
        run.until(at + 96000 * 2);
        int seen = 0;
        for (const Step& step : run.steps) {
            if (step.frame < 96000 + 24000 * 6 + 12000) continue;  // what was planned before stands
            const uint64_t place = step.frame - (96000 + 24000 * 6);
            CHECK_EQ(step.in_bar, static_cast<int>(place / 6000 % 16));
            CHECK_EQ(step.bar, place / 96000);
            ++seen;
        }
        CHECK(seen > 20);
    }
}

TEST("a transport that takes another's place goes on with the next step that is still to come") {
    for (const double ahead : {2500.0, 0.0, -0.5, -6000.0, -6001.0, -96000.0 * 3 - 100.0}) {
        Transport transport(kRate, 120.0, 4);
        transport.resume(1000, ahead, 4, 14, 7);
        const double place = ahead < 0.0 ? ahead + 6000.0 * std::ceil(-ahead / 6000.0) : ahead;
        CHECK_NEAR(static_cast<double>(transport.frame()), 1000.0 + place, 0.51);
        const auto passed = static_cast<uint64_t>(std::lround((place - ahead) / 6000.0));
        CHECK_EQ(transport.step_in_bar(), static_cast<int>((14 + passed) % 16));
        CHECK_EQ(transport.bar(), 7 + (14 + passed) / 16);
        CHECK_EQ(transport.plan_frame(), transport.frame());
    }
}

namespace {

// A player's beats, and what a tracker would say of them: right, but for what is asked for.
struct Player {
    double tempo = 96.0;
    double first = 20'000.0;                                                    // frame of beat 0, a downbeat
    std::function<double(double)> tempo_at = [this](double) { return tempo; };  // by beats since the first
    int metre = 4;
    double jitter_s = 0.0, delay_s = 0.0;
    uint64_t locks = 48000;  // from this frame on it is sure
    std::function<bool(uint64_t)> sure = [this](uint64_t frame) { return frame >= locks; };
    Rng rng{5, 1};
    std::vector<double> beats{first};

    double beat_at(double frame) {  // since the first
        while (beats.back() <= frame + 200'000.0)
            beats.push_back(beats.back() + kRate * 60.0 / tempo_at(static_cast<double>(beats.size() - 1)));
        const auto after = std::upper_bound(beats.begin(), beats.end(), frame);
        if (after == beats.begin()) return (frame - first) * tempo / (60.0 * kRate);
        const auto i = after - beats.begin() - 1;
        return static_cast<double>(i) + (frame - beats[i]) / (beats[i + 1] - beats[i]);
    }
    hearing::BeatHeard hear(uint64_t frame) {
        hearing::BeatHeard said;
        const double at = static_cast<double>(frame) - delay_s * kRate;
        const double beat = beat_at(at);
        said.frame = frame;
        said.tempo = tempo_at(std::floor(beat));
        double late = beat + (delay_s + jitter_s * (2.0 * rng.unit() - 1.0)) * said.tempo / 60.0;
        if (late < 0.0) late += 64.0 * metre;
        said.phase = late - std::floor(late);
        said.beat_in_bar = static_cast<int>(std::floor(late)) % metre;
        said.metre = metre;
        said.confidence = sure(frame) ? 0.9f : 0.1f;
        said.downbeat_confidence = said.confidence;
        return said;
    }
    // Distance of a frame to the nearest sixteenth of the player, seconds.
    double off_s(uint64_t frame) {
        const double steps = 4.0 * beat_at(static_cast<double>(frame));
        return (steps - std::floor(steps + 0.5)) / 4.0 * 60.0 / tempo_at(std::floor(steps / 4.0));
    }
};

// Follows the player to `end`; every step comes once, in order, neither squeezed nor torn apart.
void follow(Run& run, Player& player, uint64_t end) {
    run.heard = [&](uint64_t frame) { return player.hear(frame); };
    run.until(end);
    for (std::size_t i = 1; i < run.steps.size(); ++i) {
        CHECK(run.steps[i].frame > run.steps[i - 1].frame + 1000);
        CHECK(run.steps[i].planned > run.steps[i - 1].planned);
        CHECK(run.steps[i].planned < run.steps[i].frame || i == 0);
    }
}

double within(Run& run, Player& player, uint64_t from, double bound_s) {
    int near = 0, all = 0;
    for (const Step& step : run.steps) {
        if (step.frame < from) continue;
        ++all;
        near += std::abs(player.off_s(step.frame)) <= bound_s;
    }
    CHECK(all > 0);
    return static_cast<double>(near) / std::max(all, 1);
}

}  // namespace

TEST(
    "it is in time with the player two beats after the beat is trusted, wherever and however fast the beat "
    "goes") {
    for (const double tempo : {52.0, 75.0, 96.0, 120.0, 140.0, 199.0}) {
        for (const double first : {0.0, 5'000.0, 17'000.0, 30'000.0}) {
            Run run(ClockSource::follow);
            Player player;
            player.tempo = tempo;
            player.first = first;
            player.beats = {first};
            follow(run, player, 20 * 48000);
            const double beat = kRate * 60.0 / tempo;
            CHECK_NEAR(within(run, player, player.locks + static_cast<uint64_t>(2.5 * beat), 0.02), 1.0, 0.0);
            CHECK_NEAR(run.transport.tempo(), tempo, 1e-6);
            const Step last = run.steps.back();  // and in the player's bar
            const auto place = std::lround(4.0 * player.beat_at(static_cast<double>(last.frame)));
            CHECK_EQ(last.in_bar, static_cast<int>(place % 16));
        }
    }
}

TEST("a tracker that trembles by 15 ms is followed within 20 ms") {
    Run run(ClockSource::follow);
    Player player;
    player.jitter_s = 0.015;
    follow(run, player, 60 * 48000);
    CHECK(within(run, player, 4 * 48000, 0.02) >= 0.99);
}

TEST("rubato, a ramp and a step of tempo are followed") {
    const std::function<double(double)> tempi[] = {
        [](double beat) { return 90.0 + 12.0 * std::sin(beat / 3.0); },
        [](double beat) { return 90.0 + 0.5 * beat; },
        [](double beat) { return beat < 20.0 ? 100.0 : 112.0; },
    };
    for (const auto& tempo : tempi) {
        Run run(ClockSource::follow);
        Player player;
        player.tempo_at = tempo;
        follow(run, player, 40 * 48000);
        CHECK(within(run, player, 4 * 48000, 0.05) >= 0.97);
    }
}

TEST("while the beat is not trusted the tempo is held, and the grid goes on evenly") {
    Run run(ClockSource::follow);
    Player player;
    player.sure = [](uint64_t frame) { return frame > 48000 && frame < 10 * 48000; };
    player.tempo_at = [](double beat) {
        return beat < 20.0 ? 96.0 : 133.0;
    };  // after 10 s nobody follows that
    follow(run, player, 20 * 48000);
    CHECK_NEAR(run.transport.tempo(), 96.0, 1e-6);
    CHECK(!run.transport.trusted());
    for (std::size_t i = 1; i < run.steps.size(); ++i) {
        if (run.steps[i].frame < 12 * 48000) continue;
        CHECK_NEAR(static_cast<double>(run.steps[i].frame - run.steps[i - 1].frame), 7500.0, 1.0);
    }
}

TEST(
    "bars move to a downbeat that is heard elsewhere for two bars, at that downbeat; one set by hand stays") {
    for (const bool by_hand : {false, true}) {
        Run run(ClockSource::follow);
        Player player;
        int turned = 0;
        run.heard = [&](uint64_t frame) {
            hearing::BeatHeard said = player.hear(frame);
            said.beat_in_bar = (said.beat_in_bar + turned) % 4;
            return said;
        };
        run.until(8 * 48000);
        if (by_hand) run.transport.downbeat(static_cast<uint64_t>(player.beats[8]));
        turned = 2;
        run.until(20 * 48000);
        int changes = 0;
        for (std::size_t i = 1; i < run.steps.size(); ++i) {
            if (run.steps[i].frame < 8 * 48000 + 12000) continue;
            const bool goes_on = run.steps[i].in_bar == (run.steps[i - 1].in_bar + 1) % 16;
            changes += !goes_on;
            if (!goes_on) CHECK_EQ(run.steps[i].in_bar, 0);
        }
        CHECK_EQ(changes, by_hand ? 0 : 1);
    }
}

TEST("a metre that is found is taken up where that is wanted") {
    for (const bool wanted : {false, true}) {
        Run run(ClockSource::follow, wanted);
        Player player;
        player.metre = 3;
        follow(run, player, 20 * 48000);
        CHECK_EQ(run.transport.beats_per_bar(), wanted ? 3 : 4);
        if (!wanted) continue;
        const Step last = run.steps.back();
        CHECK_EQ(last.in_bar,
                 static_cast<int>(std::lround(4.0 * player.beat_at(static_cast<double>(last.frame)))) % 12);
    }
}

TEST(
    "another clock that takes over does it without a jump, and the internal one goes on at the tempo it "
    "finds") {
    Run run(ClockSource::internal);
    Player player;
    player.tempo = 133.0;
    run.heard = [&](uint64_t frame) { return player.hear(frame); };
    run.until(4 * 48000);
    CHECK_NEAR(run.transport.tempo(), 120.0, 0.0);
    run.transport.lead(ClockSource::follow);
    run.until(10 * 48000);
    CHECK_NEAR(run.transport.tempo(), 133.0, 1e-6);
    CHECK(within(run, player, 8 * 48000, 0.01) == 1.0);
    run.transport.lead(ClockSource::internal);
    player.sure = [](uint64_t) { return false; };
    run.until(20 * 48000);
    CHECK_NEAR(run.transport.tempo(), 133.0, 1e-6);
    for (std::size_t i = 1; i < run.steps.size(); ++i) {
        const double gap = static_cast<double>(run.steps[i].frame - run.steps[i - 1].frame);
        CHECK(gap > 0.55 * 5400 && gap < 1.45 * 6000);
    }
}

TEST("a tracker that says nonsense moves nothing") {
    Run run(ClockSource::follow);
    const double bad[] = {0.0, -1.0, 1e9, std::nan(""), std::numeric_limits<double>::infinity()};
    Rng rng(3, 3);
    run.heard = [&](uint64_t frame) {
        hearing::BeatHeard said;
        said.frame = rng.chance(0.5f) ? frame : static_cast<uint64_t>(rng.next());
        said.tempo = bad[rng.next() % 5];
        said.phase = bad[rng.next() % 5];
        said.beat_in_bar = static_cast<int>(rng.next());
        said.metre = static_cast<int>(rng.next());
        said.confidence = static_cast<float>(bad[rng.next() % 5]);
        said.downbeat_confidence = 1.0f;
        return said;
    };
    run.until(10 * 48000);
    CHECK_EQ(run.steps.size(), 81u);
    CHECK_EQ(run.steps.back().frame, 80u * 6000u);
}

TEST("a tempo that is set long after the last tap leaves the beat where it is") {
    Run run;
    for (const uint64_t beat : {0, 1, 2, 3}) run.tap(48000 + beat * 24000);
    run.until(60 * 48000 + 7);
    const uint64_t promised = run.transport.frame();
    run.transport.set_tempo(121.0);
    run.until(70 * 48000);
    const double step = kRate * 15.0 / 121.0;
    for (const Step& each : run.steps) {
        if (each.frame <= promised) continue;
        const double steps = (static_cast<double>(each.frame) - static_cast<double>(promised)) / step;
        CHECK(std::abs(steps - std::round(steps)) * step < 3.0);
    }
}
