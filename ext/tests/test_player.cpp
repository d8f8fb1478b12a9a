// What a MIDI port plays in the cycles of its driver: each message on its own frame, in order, none lost in a full buffer,
// and whatever was begun is ended when silence is asked for.
#include <memory>
#include <set>
#include <vector>

#include "check.h"
#include "core/midi/player.h"
#include "core/proof/sealed.h"

using namespace emohost::midi;

namespace {

constexpr double kRate = 48000.0, kNsPerFrame = 1e9 / kRate;
constexpr uint64_t kStart_ns = 5000000000000u, kFirst = 123456;  // of the driver's time and count

struct Played {
    uint64_t frame;
    std::vector<uint8_t> bytes;
};

// A driver with a buffer of so many messages a cycle, whose clock is read `noise` ns too late now and then.
struct Rig {
    std::unique_ptr<PortMemory> memory = std::make_unique<PortMemory>();
    std::unique_ptr<Player> player;
    std::vector<Played> played;
    uint64_t frame = kFirst;
    std::size_t room = 1000, written = 0;
    uint64_t noise_ns = 0, cycles = 0;
    int64_t jumped_ns = 0;  // what the count of frames is ahead of time

    Rig() {
        PortMemory::format(memory.get(), sizeof(PortMemory));
        player = std::make_unique<Player>(*memory);
    }
    static uint64_t time_of(uint64_t frame) {
        return kStart_ns + static_cast<uint64_t>(static_cast<int64_t>(
                               static_cast<double>(static_cast<int64_t>(frame - kFirst)) * kNsPerFrame));
    }
    uint64_t time(uint64_t of) const { return time_of(of) - static_cast<uint64_t>(jumped_ns); }
    static bool write(void* with, uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept {
        auto* rig = static_cast<Rig*>(with);
        if (rig->written == rig->room) return false;
        ++rig->written;
        rig->played.push_back({rig->frame + offset, std::vector<uint8_t>(bytes, bytes + size)});
        return true;
    }
    void cycle(uint32_t frames) {
        written = 0;
        const Cycle cycle = now(frames);
        player->follow(cycle);
        player->play(cycle, {write, this});
        frame += frames;
    }
    Cycle now(uint32_t frames) {
        return {frame, frames, kRate, time(frame) + (++cycles % 7 == 3 ? noise_ns : 0)};
    }
    // The engine's block began with this frame at this time.
    void tell(uint64_t engine_frame, uint64_t time_ns, double rate = kRate) {
        memory->engine_rate.store(rate);
        memory->time.store({engine_frame, time_ns});
    }
    void run(uint64_t until, uint32_t frames) {
        while (frame < until) cycle(frames);
    }
    bool push(uint64_t engine_frame, uint64_t due_ns, std::vector<uint8_t> bytes) {
        PortEvent event{engine_frame, due_ns, {}, static_cast<uint8_t>(bytes.size()), {}};
        std::copy(bytes.begin(), bytes.end(), event.bytes);
        return memory->out.push(event);
    }
    // Due so many frames after the first.
    bool play_at(uint64_t after, uint64_t engine_frame, std::vector<uint8_t> bytes) {
        return push(engine_frame, time_of(kFirst + after), std::move(bytes));
    }
    std::set<int> sounding() const {
        std::set<int> on;
        for (const Played& each : played) {
            const int key = (each.bytes[0] & 15) << 8 | each.bytes[1];
            if ((each.bytes[0] & 0xf0) == 0x90) on.insert(key);
            if ((each.bytes[0] & 0xf0) == 0x80) on.erase(key);
        }
        return on;
    }
};

std::vector<uint8_t> on(int note, int channel = 0) {
    return {static_cast<uint8_t>(0x90 | channel), static_cast<uint8_t>(note), 100};
}
std::vector<uint8_t> off(int note, int channel = 0) {
    return {static_cast<uint8_t>(0x80 | channel), static_cast<uint8_t>(note), 0};
}

}  // namespace

// Plays an engine whose block of `block` frames begins with each cycle that it fits, its callback up to `late_ns` late, and
// a note every `step` of its frames that is due `delay` later. Returns the engine's frames of the notes, as played.
std::vector<uint64_t> play_along(Rig& rig, uint32_t cycle, uint32_t block, uint64_t step, uint64_t delay,
                                 int notes, uint64_t late_ns, double drift = 0.0) {
    rig.memory->delay_ns.store(static_cast<uint64_t>(static_cast<double>(delay) * kNsPerFrame));
    const uint64_t origin = rig.frame;  // frame 0 of the engine
    uint64_t random = 1, heard = 0, next = step;
    std::vector<uint64_t> frames;
    while (rig.played.size() < static_cast<std::size_t>(notes)) {
        if ((rig.frame - origin) % block < cycle) {
            const auto frame = static_cast<uint64_t>(static_cast<double>(rig.frame - origin) / block) * block;
            random = random * 6364136223846793005u + 1442695040888963407u;
            const double wait =
                static_cast<double>((random >> 40) % 1000) * 1e-3;  // mostly short, at times very long
            rig.tell(frame, Rig::time_of(rig.frame) +
                                static_cast<uint64_t>(std::pow(wait, 8.0) * static_cast<double>(late_ns)) -
                                static_cast<uint64_t>(drift * static_cast<double>(frame) * kNsPerFrame));
            for (heard = frame + block; next < heard; next += step) {
                frames.push_back(origin + next + delay);
                rig.push(next, Rig::time_of(frames.back()), on(static_cast<int>(next / step % 128)));
            }
        }
        rig.cycle(cycle);
    }
    return frames;
}

TEST("every message lies on its own frame, however late the callbacks of a busy machine are") {
    for (uint32_t cycle : {16u, 64u, 512u, 2048u}) {
        for (uint32_t block : {cycle, 2 * cycle}) {
            Rig rig;
            rig.noise_ns = 300000;
            const auto frames = play_along(rig, cycle, block, 3600, cycle + 240, 200, 5000000);
            int moved = 0;
            for (std::size_t i = 20; i < 200; ++i) {  // after the first seconds
                CHECK_NEAR(rig.played[i].frame, static_cast<double>(frames[i]), 16.0);
                moved += rig.played[i].frame - rig.played[i - 1].frame == 3600 ? 0 : 1;
            }
            CHECK(moved <= 2);
        }
    }
}

TEST("between clocks that drift apart no message is further from its time than is held and seen in a while") {
    Rig rig;
    const auto frames = play_along(rig, 256, 256, 6000, 600, 400, 100000, 1e-4);
    double longest = 0.0;
    for (std::size_t i = 0; i < 400; ++i) {
        const double drifted =
            static_cast<double>(frames[i]) - 1e-4 * static_cast<double>(frames[i] - kFirst);
        longest = std::max(longest, std::fabs(static_cast<double>(rig.played[i].frame) - drifted));
    }
    CHECK(longest < 40.0);  // 0.25 ms, and what four seconds of this drift are
}

TEST("frames of an engine at another rate, and of the next engine, find their place") {
    Rig rig;
    rig.memory->delay_ns.store(20000000);
    rig.tell(90000, Rig::time_of(kFirst), 44100.0);
    for (uint64_t i = 0; i < 100; ++i) CHECK(rig.push(90000 + 441 * i, 1, on(60)));
    rig.run(kFirst + 50000, 512);
    CHECK_EQ(rig.played.size(), 100u);
    const uint64_t restart = rig.frame;
    rig.tell(0, Rig::time_of(restart), 44100.0);
    for (uint64_t i = 0; i < 100; ++i) CHECK(rig.push(441 * i, 1, on(60)));
    rig.run(restart + 50000, 512);
    CHECK_EQ(rig.played.size(), 200u);
    for (std::size_t i = 0; i < rig.played.size(); ++i) {
        const uint64_t expected = (i < 100 ? kFirst : restart) + 960 + 480 * (i % 100);
        CHECK_NEAR(rig.played[i].frame, static_cast<double>(expected), 1.0);
    }
}

TEST("a driver that counts on from elsewhere, before or behind, takes the music along") {
    Rig rig;
    play_along(rig, 256, 256, 3600, 600, 50, 100000);
    uint64_t heard = rig.frame - kFirst;  // of the engine
    for (const int64_t jump : {int64_t{-100000}, int64_t{100000}}) {
        rig.frame += static_cast<uint64_t>(jump);
        rig.jumped_ns += static_cast<int64_t>(static_cast<double>(jump) * kNsPerFrame);
        const uint64_t expected = rig.frame + 500 + 600;
        CHECK(rig.push(heard + 500, rig.time(expected), on(1)));
        const std::size_t had = rig.played.size();
        rig.run(rig.frame + 256 * 8, 256);
        CHECK_EQ(rig.played.size(), had + 1);
        CHECK_NEAR(static_cast<double>(rig.played.back().frame), static_cast<double>(expected), 16.0);
        heard += 256 * 8;
    }
}

TEST("the engine's frame of what comes in is that of the sound which comes in with it") {
    Rig rig;
    CHECK_EQ(rig.player->engine_frame(rig.now(64), 5), 0u);
    play_along(rig, 256, 256, 3600, 600, 20, 500000);
    const Cycle cycle = rig.now(256);
    CHECK_NEAR(static_cast<double>(rig.player->engine_frame(cycle, 100)),
               static_cast<double>(cycle.frame + 100 - kFirst), 12.0);
}

TEST("what comes too late is played at once and told; a note that is half a second late is left out") {
    Rig rig;
    rig.run(kFirst + 48000, 480);
    CHECK(rig.play_at(10000, 10000, on(1)));
    CHECK(rig.play_at(10001, 10001, {0xc0, 5}));
    CHECK(rig.play_at(47520, 47520, on(2)));
    CHECK(rig.play_at(48100, 48100, off(2)));
    const uint64_t now = rig.frame;
    rig.run(kFirst + 49000, 480);
    CHECK_EQ(rig.played.size(), 3u);
    CHECK_EQ(rig.played[0].frame, now);
    CHECK_EQ(static_cast<int>(rig.played[0].bytes[0]), 0xc0);
    CHECK_EQ(rig.played[1].frame, now);
    CHECK_EQ(rig.played[2].frame, kFirst + 48100);
    PortPlayed played{};
    CHECK(rig.memory->played.pop(&played) && played.late_ns < 0);
    CHECK(rig.memory->played.pop(&played));
    CHECK_NEAR(static_cast<double>(played.late_ns), (48000.0 - 10001.0) * kNsPerFrame, 1e6);
    CHECK(rig.memory->played.pop(&played));
    CHECK_NEAR(static_cast<double>(played.late_ns), 480 * kNsPerFrame, 1e5);
    CHECK(rig.memory->played.pop(&played) && played.late_ns == 0);
}

TEST("ticks of a clock that are late go out a millisecond apart, in order with the notes, and none is lost") {
    for (const uint32_t cycle : {16u, 64u, 128u, 1024u}) {
        Rig rig;
        rig.frame += 4800;
        std::vector<std::vector<uint8_t>> sent;
        for (int i = 0; i < 12; ++i) {
            sent.push_back({0xf8});
            if (i % 4 == 0) sent.push_back(on(60 + i));
        }
        for (const auto& bytes : sent) rig.play_at(100, 100, bytes);
        rig.play_at(4800 + 20 * 1024, 100, {0xf8});  // and one in time
        sent.push_back({0xf8});
        rig.run(kFirst + 4800 + 24 * 1024, cycle);
        CHECK_EQ(rig.played.size(), sent.size());
        uint64_t last = 0;
        for (std::size_t i = 0; i < rig.played.size(); ++i) {
            CHECK(rig.played[i].bytes == sent[i]);
            if (sent[i].size() != 1) continue;
            CHECK(last == 0 || rig.played[i].frame >= last + 48);
            last = rig.played[i].frame;
        }
        CHECK_EQ(last, kFirst + 4800 + 20 * 1024);
        CHECK(rig.played[rig.played.size() - 2].frame <= kFirst + 4800 + 12 * 48 + 48);
    }
}

TEST("silence ends what sounds, forgets what is planned, and lets through what comes after it") {
    Rig rig;
    CHECK(rig.play_at(10, 10, on(60)) && rig.play_at(20, 20, on(61, 3)) && rig.play_at(30, 30, on(60)));
    CHECK(rig.play_at(5000, 5000, off(60)) && rig.play_at(5000, 5000, on(70)) &&
          rig.play_at(5000, 5000, {0xc1, 9}));
    rig.cycle(64);
    CHECK_EQ(rig.memory->sounding.load(), 3u);
    rig.memory->silence();
    CHECK(rig.push(0, 0, off(99)));
    CHECK(rig.play_at(6000, 6000, on(71)));
    rig.cycle(64);
    CHECK_EQ(rig.sounding().size(), 0u);
    CHECK_EQ(rig.memory->sounding.load(), 0u);
    CHECK_EQ(rig.played.size(), 3u + 3u + 2u);  // three ends, the program, the end that was owed
    rig.run(kFirst + 7000, 64);
    CHECK_EQ(rig.sounding().size(), 1u);
    CHECK_EQ(static_cast<int>(rig.played.back().bytes[1]), 71);
    CHECK_EQ(rig.played.back().frame, kFirst + 6000);
    CHECK(rig.player->idle());
    rig.player->silence();
    CHECK(!rig.player->idle());
    rig.cycle(64);
    CHECK_EQ(rig.sounding().size(), 0u);
    CHECK(rig.player->idle());
}

TEST("a host that says nothing for a second has its notes ended, once, and plays on when it is back") {
    Rig rig;
    rig.memory->alive_ns.store(Rig::time_of(rig.frame));
    CHECK(rig.play_at(10, 10, on(60)) && rig.play_at(90000, 90000, on(62)));
    rig.run(kFirst + 40000, 256);
    CHECK_EQ(rig.sounding().size(), 1u);
    rig.run(kFirst + 60000, 256);
    CHECK_EQ(rig.sounding().size(), 0u);
    rig.memory->alive_ns.store(Rig::time_of(rig.frame));
    CHECK(rig.play_at(70000, 70000, on(64)));
    rig.run(kFirst + 80000, 256);
    CHECK_EQ(rig.sounding().size(), 1u);
    CHECK_EQ(static_cast<int>(rig.played.back().bytes[1]), 64);
}

TEST("a driver's buffer that is full delays: every note that was begun is ended, in order") {
    Rig rig;
    rig.room = 3;
    for (int note = 0; note < 100; ++note)
        CHECK(rig.play_at(10, 10, on(note)) && rig.play_at(10, 10, off(note)));
    rig.run(kFirst + 64 * 70, 64);
    CHECK_EQ(rig.played.size(), 200u);
    CHECK_EQ(rig.sounding().size(), 0u);
    for (int note = 0; note < 40; ++note) CHECK(rig.push(0, 0, on(note)));
    rig.run(rig.frame + 64 * 15, 64);
    CHECK_EQ(rig.sounding().size(), 40u);
    rig.memory->silence();
    rig.run(rig.frame + 64 * 15, 64);
    CHECK_EQ(rig.sounding().size(), 0u);
}

TEST("a ring that is full is full: the host keeps the rest, and what was garbled is left out") {
    Rig rig;
    for (uint32_t i = 0; i < rig.memory->out.capacity(); ++i) CHECK(rig.push(0, 0, {0xf8}));
    CHECK(rig.memory->out.full() && !rig.push(0, 0, off(1)));
    rig.room = 100000;
    rig.cycle(64);
    CHECK_EQ(rig.played.size(), rig.memory->out.capacity());
    PortEvent garbled{0, 0, {0x90, 1, 1}, 9, {}};
    rig.memory->out.push(garbled);
    garbled.size = 0;
    rig.memory->out.push(garbled);
    CHECK(rig.push(0, 0, {0xfe}));
    rig.cycle(64);
    CHECK_EQ(rig.played.size(), rig.memory->out.capacity() + 1u);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they call the system themselves
namespace {

struct Counted {
    Player& player;
    PortMemory& memory;
};

bool count_one(void* with, uint32_t, const uint8_t*, uint32_t) noexcept {
    ++*static_cast<uint64_t*>(with);
    return *static_cast<uint64_t*>(with) % 11 != 0;
}

void play_sealed(void* with) {
    auto& counted = *static_cast<Counted*>(with);
    uint64_t frame = 0, written = 0;
    for (int i = 0; i < 20000; ++i) {
        const uint64_t now = kStart_ns + frame * 20833;
        const auto note = static_cast<uint8_t>(i % 128);
        for (uint8_t kind : {0x90, 0x80, 0xb0, 0xf8, 0x00})
            counted.memory.out.push(
                {frame, i % 3 ? now + 3000000 : 0, {kind, note, 64}, static_cast<uint8_t>(i % 5), {}});
        if (i % 97 == 0) counted.memory.silence();
        if (i % 89 == 0) counted.player.silence();
        counted.memory.alive_ns.store(i % 1000 < 500 ? now : 1);
        PortPlayed played;
        while (counted.memory.played.pop(&played)) {
        }
        counted.memory.engine_rate.store(i % 5000 < 4000 ? kRate : 44100.0);
        if (i % 7 != 0) counted.memory.time.store({i % 3000 < 2 ? 0 : frame, now - 1000});
        const Cycle cycle{frame, 64, kRate, now};
        counted.player.follow(cycle);
        counted.player.play(cycle, {count_one, &written});
        if (i % 1000 == 3) frame += 777;
        frame += 64;
    }
}

}  // namespace

TEST("20,000 cycles of every kind call the system never") {
    Rig rig;
    Counted counted{*rig.player, *rig.memory};
    const emohost::proof::Outcome outcome = emohost::proof::sealed(play_sealed, &counted);
    if (!outcome.why_not.empty()) {
        return check::skip(outcome.why_not);
    }
    CHECK(outcome.came_to_its_end());
}

#endif

TEST("memory of another kind is refused") {
    auto memory = std::make_unique<PortMemory>();
    PortMemory::format(memory.get(), sizeof(PortMemory));
    CHECK(PortMemory::valid(memory.get(), sizeof(PortMemory)));
    CHECK(!PortMemory::valid(memory.get(), sizeof(PortMemory) - 1));
    CHECK(PortMemory::format(memory.get(), 100) == nullptr);
    memory->version += 1;
    CHECK(!PortMemory::valid(memory.get(), sizeof(PortMemory)));
}

TEST("what is passed on goes out on its own frame, among what is played, in order") {
    Rig rig;
    CHECK(rig.play_at(20, 0, on(40)));
    CHECK(rig.play_at(100, 0, off(40)));
    const uint8_t press[3] = {0x91, 60, 80}, bend[3] = {0xe1, 0, 80}, clock[1] = {0xf8};
    rig.player->pass_on(64, press, 3);
    rig.player->pass_on(10, bend, 3);  // of another input
    rig.player->pass_on(5, clock, 1);  // of no channel
    rig.cycle(128);
    CHECK_EQ(rig.played.size(), 4u);
    const uint64_t frames[] = {10, 20, 64, 100};
    for (std::size_t i = 0; i < rig.played.size(); ++i) CHECK_EQ(rig.played[i].frame, kFirst + frames[i]);
    CHECK(rig.played[0].bytes == std::vector<uint8_t>(bend, bend + 3));
    CHECK(rig.sounding() == std::set<int>{1 << 8 | 60});
}

TEST("a full buffer keeps what is passed on for the next cycle") {
    Rig rig;
    rig.room = 2;
    for (const int note : {60, 64, 67}) rig.player->pass_on(7, on(note).data(), 3);
    rig.cycle(128);
    CHECK_EQ(rig.played.size(), 2u);
    rig.cycle(128);
    CHECK_EQ(rig.played.size(), 3u);
    CHECK_EQ(rig.played.back().frame, kFirst + 128);
}

TEST("silence ends what was passed on, and lifts the pedal that would keep it") {
    Rig rig;
    const uint8_t down[3] = {0xb2, 64, 127};
    rig.player->pass_on(0, down, 3);
    rig.player->pass_on(1, on(60, 2).data(), 3);
    rig.cycle(128);
    rig.player->silence();
    rig.cycle(128);
    CHECK(rig.sounding().empty());
    CHECK(rig.played[2].bytes == (std::vector<uint8_t>{0xb2, 64, 0}));
}

TEST("more than can be kept ends all that sounds: the end of a note may be among it") {
    Rig rig;
    rig.player->pass_on(0, on(60).data(), 3);
    rig.cycle(128);
    for (int i = 0; i < 1100; ++i) rig.player->pass_on(0, off(60).data(), 3);
    rig.room = 2000;
    rig.cycle(128);
    CHECK(rig.sounding().empty());
}
