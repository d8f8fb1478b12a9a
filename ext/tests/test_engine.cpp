// The engine's promises, with five networks of the standard architectures: nothing depends on the block size,
// no input upsets it, no note is lost, full rings are taken in stride.
#include <atomic>
#include <limits>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "check.h"
#include "core/offline.h"
#include "core/pacer.h"
#include "core/rt/clock.h"
#include "rig.h"

using namespace emohost;
using rig::last_report;
using rig::pop_all;
using rig::Rig;

namespace {

constexpr double kRate = 48000.0;

Rendering play(const std::vector<float>& audio, int block_size,
               const EngineSettings& settings = rig::settings()) {
    Rig rig(settings);
    Rendering rendering;
    render(*rig.engine, audio.data(), audio.size() / static_cast<std::size_t>(settings.channels_in),
           block_size, &rendering);
    finish(*rig.engine, &rendering);
    return rendering;
}

bool same(const MidiEvent& a, const MidiEvent& b) {
    return a.frame == b.frame && a.size == b.size && a.part == b.part && !std::memcmp(a.bytes, b.bytes, 3);
}

// Notes that are on after the events, by channel and number.
std::set<std::pair<int, int>> left_on(const std::vector<MidiEvent>& events) {
    std::set<std::pair<int, int>> on;
    for (const MidiEvent& event : events) {
        const std::pair<int, int> note{event.bytes[0] & 15, event.bytes[1]};
        const int kind = event.bytes[0] & 0xf0;
        if (kind == 0x90 && event.bytes[2] > 0) on.insert(note);
        if (kind == 0x80 || (kind == 0x90 && event.bytes[2] == 0)) on.erase(note);
    }
    return on;
}

int note_ons(const std::vector<MidiEvent>& events) {
    int count = 0;
    for (const MidiEvent& event : events)
        count += (event.bytes[0] & 0xf0) == 0x90 && event.bytes[2] > 0 ? 1 : 0;
    return count;
}

}  // namespace

TEST("the block size changes neither a MIDI byte nor the emotion at a tick") {
    const std::vector<float> audio = rig::music(kRate, 2.0);
    const Rendering reference = play(audio, 480);
    CHECK(note_ons(reference.events) > 4);
    CHECK_EQ(reference.hops.size(), 100u);
    for (int block_size : {17, 64, 441, 4096}) {
        const Rendering other = play(audio, block_size);
        CHECK_EQ(other.events.size(), reference.events.size());
        CHECK_EQ(other.hops.size(), reference.hops.size());
        for (std::size_t i = 0; i < std::min(other.events.size(), reference.events.size()); ++i) {
            CHECK(same(other.events[i], reference.events[i]));
        }
        for (std::size_t i = 0; i < std::min(other.hops.size(), reference.hops.size()); ++i) {
            CHECK_EQ(other.hops[i].heard.frame, reference.hops[i].heard.frame);
            for (int k = 0; k < kEmbedding; ++k) {
                CHECK_NEAR(other.hops[i].embedding[k], reference.hops[i].embedding[k], 1e-5);
            }
        }
    }
}

TEST("every note that is begun is ended, and events come in order of time") {
    const Rendering rendering = play(rig::music(kRate, 3.0), 256);
    CHECK(note_ons(rendering.events) > 0);
    CHECK_EQ(left_on(rendering.events).size(), 0u);
    for (std::size_t i = 1; i < rendering.events.size(); ++i) {
        CHECK(rendering.events[i - 1].frame <= rendering.events[i].frame);
    }
}

TEST("NaN and infinity are silence, counted and flagged, and leave nothing behind") {
    Rig rig;
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    std::vector<float> block(480, 0.1f);
    block[3] = nan;
    block[5] = inf;
    block[7] = -inf;
    for (int i = 0; i < 10; ++i) rig.engine->process(block.data(), nullptr, 480);
    BlockReport report = last_report(*rig.shared);
    CHECK_EQ(report.bad_samples, 30u);
    CHECK(report.flags & kNotANumber);
    CHECK_NEAR(report.peak, 0.1, 1e-6);
    CHECK(std::isfinite(report.valence) && std::isfinite(report.arousal) && std::isfinite(report.level_db));
    rig.engine->process(nullptr, nullptr, 480);
    report = last_report(*rig.shared);
    CHECK_EQ(report.bad_samples, 30u);
    CHECK(!(report.flags & kNotANumber));
    CHECK(report.flags & kNullInput);
}

TEST("the channels chosen are heard, and no other") {
    emohost::EngineSettings with = rig::settings();
    with.channels_in = 8;
    with.heard = 1u << 2;
    Rig chosen(with), alone;
    const std::vector<float> sound = rig::music(48000.0, 1.0);
    std::vector<float> wide(sound.size() * 8, 0.9f);
    for (std::size_t i = 0; i < sound.size(); ++i) wide[i * 8 + 2] = sound[i];
    wide[5] = std::numeric_limits<float>::quiet_NaN();
    chosen.engine->process(wide.data(), nullptr, 48000);
    alone.engine->process(sound.data(), nullptr, 48000);
    const BlockReport some = last_report(*chosen.shared), all = last_report(*alone.shared);
    CHECK_EQ(some.bad_samples, 0u);
    CHECK_EQ(some.peak, all.peak);
    CHECK_EQ(some.level_db, all.level_db);
    CHECK_EQ(some.valence, all.valence);
    CHECK_EQ(some.onsets, all.onsets);
}

TEST("channels that cancel, and samples at full scale, are flagged; what only looks like it is not") {
    struct Case {
        float left, right, gain;
        bool cancelled, clipped;
    };
    const Case cases[] = {{1, -1, 0.3f, true, false},   {1, 1, 0.3f, false, false},
                          {1, 0, 0.3f, false, false},   {1, -0.5f, 0.3f, false, false},
                          {1, -1, 1e-4f, false, false}, {0, 1, 3.0f, false, true}};
    for (const Case& each : cases) {
        emohost::EngineSettings with = rig::settings();
        with.channels_in = 2;
        Rig rig(with);
        std::vector<float> block(960);
        for (std::size_t i = 0; i < 480; ++i) {
            const float sample = each.gain * static_cast<float>(std::sin(0.05 * static_cast<double>(i)));
            const float held = std::min(1.0f, std::max(-1.0f, sample));
            block[2 * i] = each.left * held;
            block[2 * i + 1] = each.right * held;
        }
        rig.engine->process(block.data(), nullptr, 480);
        const BlockReport report = last_report(*rig.shared);
        CHECK_EQ((report.flags & kCancelledChannels) != 0, each.cancelled);
        CHECK_EQ((report.flags & kClipped) != 0, each.clipped);
    }
    Rig rig;
    std::vector<float> peaks(480, 0.2f);
    for (std::size_t i = 0; i < 480; i += 3)
        peaks[i] = peaks[i + 1] = 1.0f;  // two in a row, as a normalised file
    rig.engine->process(peaks.data(), nullptr, 480);
    CHECK(!(last_report(*rig.shared).flags & kClipped));
}

TEST("no input makes a number that is not finite") {
    Rig rig;
    rig::Random random(7);
    const float kinds[] = {0.0f,
                           1.0f,
                           -1.0f,
                           std::numeric_limits<float>::max(),
                           std::numeric_limits<float>::lowest(),
                           std::numeric_limits<float>::denorm_min(),
                           std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::infinity()};
    for (int block = 0; block < 400; ++block) {
        std::vector<float> in(static_cast<std::size_t>(1 + (block * 37) % 700));
        for (float& sample : in) {
            const int pick = static_cast<int>((random.next() + 1.0f) * 8.0f);
            sample = block % 3 == 0 ? kinds[block / 3 % 8] : pick < 8 ? kinds[pick] : random.next();
        }
        rig.engine->process(in.data(), nullptr, static_cast<int>(in.size()));
        const BlockReport report = last_report(*rig.shared);
        CHECK(std::isfinite(report.valence) && std::isfinite(report.arousal));
        CHECK(std::isfinite(report.audio_valence) && std::isfinite(report.audio_arousal));
        CHECK(std::isfinite(report.level_db) && std::isfinite(report.peak) &&
              std::isfinite(report.key_clarity));
        pop_all(*rig.shared);
    }
}

TEST("a block of no frames and a block that is too long are fine") {
    Rig rig(rig::settings(kRate, 256)), whole(rig::settings(kRate, 4096));
    const std::vector<float> audio = rig::music(kRate, 1.0);
    rig.engine->process(audio.data(), nullptr, 0);
    CHECK_EQ(last_report(*rig.shared).frames, 0u);
    rig.engine->process(audio.data(), nullptr, -5);
    CHECK_EQ(last_report(*rig.shared).frames, 0u);
    CHECK_EQ(rig.engine->frame(), 0u);
    for (std::size_t at = 0; at + 4096 <= audio.size(); at += 4096) {
        rig.engine->process(audio.data() + at, nullptr, 4096);
        whole.engine->process(audio.data() + at, nullptr, 4096);
        const BlockReport pieces = last_report(*rig.shared), one = last_report(*whole.shared);
        CHECK(pieces.flags & kOversizedBlock);
        CHECK(!(one.flags & kOversizedBlock));
        CHECK_EQ(pieces.frames, 4096u);
        CHECK_EQ(pieces.peak, one.peak);
        CHECK_EQ(pieces.valence, one.valence);
    }
    const std::vector<MidiEvent> a = pop_all(*rig.shared), b = pop_all(*whole.shared);
    CHECK_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) CHECK(same(a[i], b[i]));
}

TEST("pass-through copies channel to channel, cleaned, and is silent where there is no input") {
    EngineSettings settings = rig::settings();
    settings.channels_in = 2;
    settings.channels_out = 3;
    settings.pass_through = true;
    Rig rig(settings);
    const float in[] = {0.1f, 0.2f, std::numeric_limits<float>::quiet_NaN(), 0.4f};
    float out[] = {9, 9, 9, 9, 9, 9};
    rig.engine->process(in, out, 2);
    const float expected[] = {0.1f, 0.2f, 0.0f, 0.0f, 0.4f, 0.0f};
    for (int i = 0; i < 6; ++i) CHECK_EQ(out[i], expected[i]);
    rig.engine->process(nullptr, out, 2);
    for (int i = 0; i < 6; ++i) CHECK_EQ(out[i], 0.0f);
}

TEST("an event ring that nobody reads loses no note-off, and says that it is full") {
    Rig rig;
    MidiEvent filler{0, {0xfe, 0, 0}, 1, 0, {}};
    const std::vector<float> audio = rig::music(kRate, 6.0);
    std::vector<MidiEvent> events;
    bool was_full = false;
    for (std::size_t at = 0; at + 480 <= audio.size(); at += 480) {
        // Full for two seconds out of the middle.
        const bool blocked = at > 2 * 48000 && at < 4 * 48000;
        while (blocked && rig.shared->event.push(filler)) {
        }
        rig.engine->process(audio.data() + at, nullptr, 480);
        was_full |= (last_report(*rig.shared).flags & kEventRingFull) != 0;
        if (!blocked) {
            for (const MidiEvent& event : pop_all(*rig.shared)) {
                if (event.bytes[0] != 0xfe) events.push_back(event);
            }
        }
    }
    for (const MidiEvent& event : pop_all(*rig.shared)) {
        if (event.bytes[0] != 0xfe) events.push_back(event);
    }
    rig.engine->end_notes();
    MidiEvent owed;
    while (rig.engine->take_owed(&owed)) events.push_back(owed);
    CHECK(was_full);
    CHECK(note_ons(events) > 0);
    CHECK_EQ(left_on(events).size(), 0u);
}

TEST("a panic and a stop end every note in the next block, and only a stop keeps it silent") {
    for (const CommandKind kind : {CommandKind::panic, CommandKind::transport_stop}) {
        Rig rig;
        const std::vector<float> audio = rig::music(kRate, 6.0);
        std::vector<MidiEvent> events;
        std::size_t at = 0;
        const auto play_block = [&] {
            rig.engine->process(audio.data() + at, nullptr, 480);
            at += 480;
            for (const MidiEvent& event : pop_all(*rig.shared)) events.push_back(event);
        };
        while (at < 96000 || (left_on(events).empty() && at < audio.size() / 2)) play_block();
        CHECK(!left_on(events).empty());
        const std::size_t before = events.size();
        rig.shared->command.push({kind, Parameter::tempo, 0.0f, 0, 0});
        rig.engine->process(audio.data() + at, nullptr, 1);
        for (const MidiEvent& event : pop_all(*rig.shared)) events.push_back(event);
        CHECK_EQ(left_on(events).size(), 0u);
        CHECK_EQ(last_report(*rig.shared).sounding, 0u);
        CHECK(events.size() > before);
        const int notes = note_ons(events);
        while (at + 480 <= audio.size()) play_block();
        CHECK_EQ(note_ons(events) > notes, kind == CommandKind::panic);
    }
}

TEST("a command holds from its frame on, whatever the blocks, and one whose frame is over at once") {
    const std::vector<float> audio = rig::music(kRate, 8.0);
    constexpr uint64_t kStop = 100'003, kStart = 150'001, kFaster = 200'000;
    std::vector<std::vector<MidiEvent>> runs;
    for (const std::size_t block : {512, 64, 4096, 441}) {
        Rig rig;
        std::vector<MidiEvent> events;
        rig.shared->command.push({CommandKind::set_parameter, Parameter::tempo, 240.0f, 0, kFaster});
        rig.shared->command.push({CommandKind::transport_start, Parameter::tempo, 0.0f, 0, kStart});
        rig.shared->command.push({CommandKind::transport_stop, Parameter::tempo, 0.0f, 0, kStop});
        for (std::size_t at = 0; at < audio.size(); at += block) {
            rig.engine->process(audio.data() + at, nullptr,
                                static_cast<int>(std::min(block, audio.size() - at)));
            for (const MidiEvent& event : pop_all(*rig.shared)) events.push_back(event);
        }
        int early = 0, between = 0, after = 0;
        for (const MidiEvent& event : events) {
            if ((event.bytes[0] & 0xf0) != 0x90) continue;
            early += event.frame < kStop;
            between += event.frame > kStop && event.frame < kStart;
            after += event.frame >= kStart;
        }
        CHECK(early > 0);
        CHECK_EQ(between, 0);
        CHECK(after > 0);
        CHECK_NEAR(last_report(*rig.shared).tempo, 240.0, 1e-6);
        runs.push_back(events);
    }
    for (const auto& events : runs) {
        CHECK_EQ(events.size(), runs[0].size());
        for (std::size_t i = 0; i < std::min(events.size(), runs[0].size()); ++i)
            CHECK(!std::memcmp(&events[i], &runs[0][i], sizeof(MidiEvent)));
    }
}

TEST("as many commands as the ring holds may wait for their frames, and those beyond an hour are none") {
    Rig rig;
    for (int i = 0; i < 1000; ++i)
        rig.shared->command.push(
            {CommandKind::set_parameter, Parameter::tempo, 200.0f, 0, uint64_t{1} << 60});
    const std::vector<float> silence(4800, 0.0f);
    rig.engine->process(silence.data(), nullptr, 480);
    for (uint64_t i = 0; i < 200; ++i)
        rig.shared->command.push({CommandKind::set_parameter, Parameter::tempo, 150.0f, 0, 960 + i});
    rig.shared->command.push({CommandKind::set_parameter, Parameter::tempo, 155.0f, 0, 960 + 200});
    rig.engine->process(silence.data(), nullptr, 480);
    for (int i = 0; i < 10; ++i) rig.engine->process(silence.data(), nullptr, 4800);
    CHECK_NEAR(last_report(*rig.shared).tempo, 155.0, 1e-6);
}

TEST("commands that another process garbled are ignored") {
    Rig rig;
    rig.shared->command.push({static_cast<CommandKind>(99), Parameter::tempo, 1.0f, 0, 0});
    rig.shared->command.push({CommandKind::set_parameter, static_cast<Parameter>(1000), 1.0f, 0, 0});
    rig.shared->command.push({CommandKind::set_parameter, Parameter::tempo, std::nanf(""), 0, 0});
    EmotionMessage message{};
    message.embedding[5] = std::nanf("");
    message.weight = 1.0f;
    message.ttl_s = 1e30f;
    rig.shared->emotion.write(message);
    const std::vector<float> silence(480, 0.0f);
    rig.engine->process(silence.data(), nullptr, 480);
    const BlockReport report = last_report(*rig.shared);
    CHECK_NEAR(report.tempo, 100.0, 1e-6);
    CHECK(std::isfinite(report.valence));
}

TEST("a network of the wrong size is refused, and the others are given back") {
    auto shared = std::make_unique<Shared>();
    Shared::format(shared.get(), sizeof(Shared));
    Networks networks = rig::standard_networks();
    std::swap(networks[kEmotionRole], networks[kGrooveRole]);
    std::string error;
    try {
        Engine engine(rig::settings(), std::move(networks), *shared);
    } catch (const std::invalid_argument& mistake) {
        error = mistake.what();
    }
    CHECK_EQ(error, "emotion: expected 128 inputs and 64 outputs, found 64 and 32");
    CHECK(networks[kMelodyRole] != nullptr);
}

TEST("every network may be missing") {
    for (int missing = -1; missing < kRoles; ++missing) {
        Networks networks = rig::standard_networks();
        for (int role = 0; role < kRoles; ++role) {
            if (missing < 0 || role == missing) networks[static_cast<std::size_t>(role)].reset();
        }
        Rig rig(rig::settings(), std::move(networks));
        const std::vector<float> audio = rig::music(kRate, 1.0);
        Rendering rendering;
        render(*rig.engine, audio.data(), audio.size(), 512, &rendering);
        finish(*rig.engine, &rendering);
        CHECK_EQ(left_on(rendering.events).size(), 0u);
        if (missing <= kEmotionRole) {
            CHECK_NEAR(rendering.reports.back().valence, 0.0, 1e-3);
            CHECK_NEAR(rendering.reports.back().arousal, 0.0, 1e-3);
        }
    }
}

TEST("a parameter that is set takes back what was sent ahead for a later frame, and nothing else") {
    Rig rig;
    const std::vector<float> silence(96000, 0.0f);
    const auto set = [&](Parameter parameter, float value, uint64_t frame) {
        CHECK(rig.shared->command.push({CommandKind::set_parameter, parameter, value, 0, frame}));
    };
    // Heard of with the step that is planned next, an eighth of a second later at most.
    const auto tempo_after = [&](int frames) {
        rig.engine->process(silence.data(), nullptr, frames);
        return last_report(*rig.shared).tempo;
    };
    set(Parameter::tempo, 200.0f, 32000);
    set(Parameter::density, 0.5f, 32000);
    CHECK(tempo_after(8000) != 200.0f);
    set(Parameter::tempo, 90.0f, 0);  // before its bar
    CHECK_EQ(tempo_after(8000), 90.0f);
    CHECK_EQ(tempo_after(32000), 90.0f);
    set(Parameter::tempo, 70.0f, 64000);
    set(Parameter::tempo, 80.0f, 80000);
    CHECK_EQ(tempo_after(24000), 70.0f);
    CHECK_EQ(tempo_after(24000), 80.0f);
    set(Parameter::tempo, 120.0f, 160000);
    set(Parameter::tempo, 110.0f, 128000);
    CHECK_EQ(tempo_after(96000), 110.0f);
}

TEST("Side B, control, the readers and the loader work while it plays") {
    // Under the thread sanitizer this is the proof that the sides share nothing but rings.
    Rig rig;
    const std::vector<float> audio = rig::music(kRate, 1.0);
    std::atomic<bool> done{false};
    std::vector<MidiEvent> events;
    std::thread player([&] {
        for (std::size_t at = 0; at + 64 <= audio.size(); at += 64)
            rig.engine->process(audio.data() + at, nullptr, 64);
        done = true;
    });
    uint64_t last_frame = 0, last_block = 0;
    bool in_order = true;
    for (uint64_t turn = 0; !done; ++turn) {
        EmotionMessage message{};
        encode({0.5f, -0.5f}, message.embedding);
        message.weight = 0.5f;
        message.ttl_s = 0.1f;
        rig.shared->emotion.write(message);
        rig.shared->command.push({CommandKind::set_parameter, Parameter::density, 1.0f, 0, 0});
        for (const MidiEvent& event : pop_all(*rig.shared)) events.push_back(event);
        BlockReport report;
        while (rig.shared->telemetry.pop(&report)) {
            in_order &= report.block >= last_block;
            last_block = report.block;
        }
        TimePoint point;
        if (rig.shared->time.load(&point)) {
            in_order &= point.frame >= last_frame && point.frame % 64 == 0;
            last_frame = point.frame;
        }
        if (turn % 64 == 0) rig.engine->collect();
        std::this_thread::yield();
    }
    player.join();
    for (const MidiEvent& event : pop_all(*rig.shared)) {
        if (event.bytes[0] != 0xfe) events.push_back(event);
    }
    rig.engine->end_notes();
    MidiEvent owed;
    while (rig.engine->take_owed(&owed)) events.push_back(owed);
    CHECK(in_order);
    CHECK_EQ(left_on(events).size(), 0u);
}

TEST("PortAudio's callback passes flags and the device's time on, and continues") {
    Rig rig;
    const std::vector<float> audio = rig::music(kRate, 0.1);
    const double times[3] = {12.5, 12.6, 12.7};
    const uint64_t before = rt::monotonic_ns();
    const int result = Engine::portaudio_callback(audio.data(), nullptr, 256, times,
                                                  kInputOverflow | kOutputUnderflow, rig.engine.get());
    CHECK_EQ(result, 0);
    const BlockReport report = last_report(*rig.shared);
    CHECK_EQ(report.flags & 0x1f, static_cast<uint32_t>(kInputOverflow | kOutputUnderflow));
    CHECK_EQ(report.device_time, 12.5);
    TimePoint point{};
    CHECK(rig.shared->time.load(&point));
    CHECK_EQ(point.frame, 0u);
    CHECK_EQ(point.device_time, 12.5);
    CHECK(point.monotonic_ns >= before && point.monotonic_ns <= rt::monotonic_ns());
    Engine::portaudio_callback(nullptr, nullptr, 256, nullptr, 0, rig.engine.get());
    CHECK_EQ(rig.engine->frame(), 512u);
    CHECK_EQ(rig.shared->blocks.load(), 2u);
}

TEST("a paced thread plays all that is fed, once, and ends") {
    for (const bool paced : {true, false}) {
        Rig rig;
        const std::vector<float> audio = rig::music(kRate, 0.31);
        Pacer pacer(*rig.engine, 256, paced);
        CHECK(!pacer.running());
        CHECK_EQ(pacer.feed(audio.data(), audio.size()), audio.size());
        pacer.end();
        pacer.start();
        while (pacer.running()) std::this_thread::yield();
        pacer.stop();
        CHECK_EQ(rig.engine->frame(), audio.size());
        CHECK_EQ(pacer.underflows(), 0u);
        Rig plain;
        Rendering rendering;
        render(*plain.engine, audio.data(), audio.size(), 256, &rendering);
        const std::vector<MidiEvent> events = pop_all(*rig.shared);
        CHECK_EQ(events.size(), rendering.events.size());
        for (std::size_t i = 0; i < std::min(events.size(), rendering.events.size()); ++i) {
            CHECK(same(events[i], rendering.events[i]));
        }
    }
}

TEST("a paced thread waits for audio that is late, counts it and skips nothing") {
    Rig rig;
    const std::vector<float> audio = rig::music(kRate, 0.1);
    Pacer pacer(*rig.engine, 480, true);
    pacer.start();
    pacer.feed(audio.data(), 2400);
    while (pacer.underflows() == 0) std::this_thread::yield();
    pacer.feed(audio.data() + 2400, 2400);
    pacer.end();
    while (pacer.running()) std::this_thread::yield();
    CHECK_EQ(rig.engine->frame(), 4800u);
    CHECK(pacer.underflows() >= 1u);
}

TEST("the dummy's noise is the same for the same seed, of the level asked for, and ends only when told") {
    std::vector<float> levels;
    for (uint64_t seed : {5, 5, 6}) {
        Rig rig;
        Pacer pacer(*rig.engine, 512, false);
        pacer.feed_signal(Signal::noise, seed, -20.0);
        pacer.start();
        while (rig.engine->frame() < 24000) std::this_thread::yield();
        CHECK(pacer.running());
        pacer.stop();
        CHECK(!pacer.running());
        BlockReport report{};
        rig.shared->telemetry.pop(&report);
        levels.push_back(report.peak);
        while (rig.shared->telemetry.pop(&report) && report.block < 40) {
        }
        CHECK_NEAR(report.level_db, -20.0, 1.0);
    }
    CHECK_EQ(levels[0], levels[1]);
    CHECK(levels[0] != levels[2]);
}
