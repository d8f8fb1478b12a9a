// Overload is a policy: what is left out, in which order, when it is taken back up; by an injected clock, so
// that nothing here depends on how fast the machine is.
#include "check.h"
#include "core/offline.h"
#include "core/overload.h"
#include "rig.h"

using namespace emohost;

namespace {

constexpr double kRate = 48000.0;
constexpr uint32_t kFrames = 480;  // 10 ms

void play(Overload& overload, int blocks, double share) {
    for (int i = 0; i < blocks; ++i) overload.finished(static_cast<uint64_t>(share * 1e7), kFrames);
}

// A clock that advances by `cost_ns` each time it is read: so much does every block seem to take.
uint64_t clock_ns = 0, cost_ns = 0;
uint64_t fake_clock() noexcept { return clock_ns += cost_ns; }

EngineSettings hurried() {
    EngineSettings settings = rig::settings();
    settings.sheds = true;
    settings.clock = &fake_clock;
    return settings;
}

// Plays blocks of 10 ms from `audio` on, each of which seems to take `share` of its length; the last report.
BlockReport play(rig::Rig& rig, const std::vector<float>& audio, std::size_t* at, int blocks, double share,
                 Rendering* rendering = nullptr) {
    cost_ns = static_cast<uint64_t>(share * 1e7);
    BlockReport report{};
    for (int i = 0; i < blocks; ++i, *at += kFrames) {
        rig.engine->process(audio.data() + *at % (audio.size() - kFrames), nullptr, kFrames);
        while (rig.shared->telemetry.pop(&report)) {
        }
        MidiEvent event;
        while (rig.shared->event.pop(&event)) {
            if (rendering) rendering->events.push_back(event);
        }
    }
    return report;
}

uint32_t shed(const BlockReport& report) {
    return report.flags & (kShedEvaluations | kShedListening | kShedNetworks);
}

}  // namespace

TEST("three late blocks are forgiven, a fourth sheds, one thing at a time, in order") {
    Overload overload(kRate);
    play(overload, 3, 0.9);
    CHECK(!overload.sheds(Shed::evaluations));
    play(overload, 100, 0.7);
    CHECK(!overload.sheds(Shed::evaluations));
    for (const Shed level : {Shed::evaluations, Shed::listening, Shed::networks}) {
        play(overload, 3, 0.9);
        CHECK(overload.level() < level);
        play(overload, 1, 0.9);
        CHECK(overload.level() == level);
    }
    play(overload, 1000, 2.0);  // there is nothing left to shed
    CHECK(overload.level() == Shed::networks);
}

TEST("late blocks that come close together shed, too; rare ones never do") {
    Overload often(kRate), rare(kRate);
    for (int i = 0; i < 200; ++i) {
        play(often, 1, 1.5);
        play(often, 4, 0.2);
        play(rare, 1, 1.5);
        play(rare, 9, 0.2);
    }
    CHECK(often.sheds(Shed::evaluations));
    CHECK(!rare.sheds(Shed::evaluations));
}

TEST("after two calm seconds one thing is taken back up; a load between 50 and 80 % changes nothing") {
    Overload overload(kRate);
    play(overload, 12, 0.9);
    CHECK(overload.level() == Shed::networks);
    play(overload, 2000, 0.6);
    CHECK(overload.level() == Shed::networks);
    play(overload, 401, 0.2);  // what is waited for may already have begun
    CHECK(overload.level() < Shed::networks);
    play(overload, 400, 0.2);
    CHECK(overload.level() == Shed::nothing);
}

TEST("who takes up too early waits twice as long, at most 32 s") {
    Overload overload(kRate);
    int longest = 0;
    for (int turn = 0; turn < 8; ++turn) {
        play(overload, 4, 0.9);
        CHECK(overload.sheds(Shed::evaluations));
        int waited = 0;
        for (; overload.sheds(Shed::evaluations); ++waited) play(overload, 1, 0.2);
        CHECK(waited >= longest);
        longest = waited;
    }
    CHECK_NEAR(longest, 3200, 10);
    play(overload, 10000, 0.2);
    play(overload, 4, 0.9);
    play(overload, 201, 0.2);  // long since: two seconds are enough again
    CHECK(!overload.sheds(Shed::evaluations));
}

TEST("blocks without frames say nothing about load") {
    Overload overload(kRate);
    for (int i = 0; i < 100; ++i) overload.finished(1000000, 0);
    CHECK(overload.level() == Shed::nothing);
}

TEST("the engine tells in each report what it left out, and takes it back up") {
    rig::Rig rig(hurried());
    const std::vector<float> audio = rig::music(kRate, 4.0);
    std::size_t at = 0;
    CHECK_EQ(shed(play(rig, audio, &at, 20, 0.3)), 0u);
    CHECK_EQ(shed(play(rig, audio, &at, 5, 0.9)), static_cast<uint32_t>(kShedEvaluations));
    CHECK_EQ(shed(play(rig, audio, &at, 4, 0.9)), static_cast<uint32_t>(kShedEvaluations | kShedListening));
    CHECK_EQ(shed(play(rig, audio, &at, 4, 0.9)),
             static_cast<uint32_t>(kShedEvaluations | kShedListening | kShedNetworks));
    CHECK_EQ(shed(play(rig, audio, &at, 700, 0.3)), 0u);
}

TEST("between ticks the report holds what the last tick said, and no note changes") {
    const std::vector<float> audio = rig::music(kRate, 4.0);
    Rendering evaluated, spared;
    for (Rendering* rendering : {&evaluated, &spared}) {
        rig::Rig rig(hurried());
        std::size_t at = 0;
        // Four late blocks, then a load at which nothing changes.
        BlockReport report = play(rig, audio, &at, 4, rendering == &spared ? 0.9 : 0.6, rendering);
        report = play(rig, audio, &at, 380, 0.6, rendering);
        CHECK_EQ(shed(report), rendering == &spared ? static_cast<uint32_t>(kShedEvaluations) : 0u);
    }
    CHECK(evaluated.events.size() > 10u);
    CHECK_EQ(evaluated.events.size(), spared.events.size());
    for (std::size_t i = 0; i < std::min(evaluated.events.size(), spared.events.size()); ++i)
        CHECK(!std::memcmp(&evaluated.events[i], &spared.events[i], sizeof(MidiEvent)));
}

TEST("with everything left out notes still begin and end, and the emotion holds") {
    rig::Rig rig(hurried());
    const std::vector<float> audio = rig::music(kRate, 8.0);
    std::size_t at = 0;
    Rendering rendering;
    BlockReport before = play(rig, audio, &at, 1500, 0.3, &rendering);  // the sound is known for music
    before = play(rig, audio, &at, 13, 0.9, &rendering);
    const std::size_t events = rendering.events.size();
    const BlockReport after = play(rig, audio, &at, 400, 0.6, &rendering);
    CHECK(shed(after) & kShedNetworks);
    CHECK(after.notes > before.notes);
    CHECK(rendering.events.size() > events);
    CHECK_NEAR(after.audio_valence, before.audio_valence, 1e-3);
    CHECK_EQ(after.tonic, before.tonic);
    finish(*rig.engine, &rendering);
    int on = 0;
    for (const MidiEvent& event : rendering.events) {
        const int kind = event.bytes[0] & 0xf0;
        on += kind == 0x90 && event.bytes[2] ? 1 : kind == 0x80 || kind == 0x90 ? -1 : 0;
    }
    CHECK_EQ(on, 0);
}

TEST("what is not told to shed never does: offline every block is whole") {
    EngineSettings settings = hurried();
    settings.sheds = false;
    rig::Rig rig(settings);
    const std::vector<float> audio = rig::music(kRate, 1.0);
    std::size_t at = 0;
    CHECK_EQ(shed(play(rig, audio, &at, 100, 50.0)), 0u);
}
