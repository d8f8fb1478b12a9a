// The schedule keeps its promises whatever it is told, and in whatever order.
#include <vector>

#include "check.h"
#include "core/music/rng.h"
#include "core/music/schedule.h"

using namespace emohost;
using namespace emohost::music;

namespace {

// Takes events before `until` and checks each against what came before.
struct Listener {
    uint64_t last = 0;
    bool on[16][128] = {};
    int sounding = 0;
    uint32_t notes = 0;

    void take(Schedule* schedule, uint64_t until) {
        MidiEvent event;
        while (schedule->next(until, &event)) {
            schedule->taken();
            CHECK(event.frame >= last);
            CHECK(event.frame < until);
            last = event.frame;
            const int kind = event.bytes[0] & 0xf0;
            bool& sounds = on[event.bytes[0] & 15][event.bytes[1]];
            if (kind == 0x90) {
                CHECK(!sounds);
                sounds = true;
                ++sounding;
                ++notes;
            } else if (kind == 0x80) {
                CHECK(sounds);
                sounds = false;
                --sounding;
            }
            CHECK_EQ(schedule->sounding(), sounding);
            CHECK_EQ(schedule->notes(), notes);
        }
    }
};

}  // namespace

TEST("notes stay whole for any calls at any frames, also in the past and when it is full") {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        Rng rng(seed, 1);
        Schedule schedule;
        Listener listener;
        const bool stalls = seed % 3 == 0;
        uint64_t now = 0;
        for (int i = 0; i < 6000; ++i) {
            now += rng.next() % 50;
            const uint64_t frame = now + rng.next() % 400 - (now > 200 ? rng.next() % 200 : 0);
            const int part = static_cast<int>(rng.next() % 5), channel = static_cast<int>(rng.next() % 3);
            const int note = 60 + static_cast<int>(rng.next() % 12);
            switch (rng.next() % 16) {
                case 0:
                    schedule.end_part(part, frame);
                    break;
                case 1:
                    schedule.end_note(channel, note, frame);
                    break;
                case 2:
                    schedule.control(5, channel, 20, 1, frame);
                    break;
                case 3:
                    if (rng.chance(stalls ? 0.002f : 0.1f)) schedule.panic(frame, 0xffff);
                    break;
                case 4:
                case 5:
                    if (!stalls || i > 5000) listener.take(&schedule, now);
                    break;
                default:
                    schedule.play(part, channel, note, 64, frame, frame + rng.next() % 1000);
            }
            CHECK(schedule.size() <= Schedule::kCapacity + Schedule::kReserve);
        }
        if (stalls) CHECK(schedule.dropped() > 0);
        schedule.panic(now, 0);
        listener.take(&schedule, ~uint64_t{0});
        CHECK_EQ(listener.sounding, 0);
        CHECK(listener.notes > 100);
    }
}

TEST("a full schedule refuses whole notes and counts them") {
    Schedule schedule;
    int played = 0;
    for (int i = 0; i < 2 * Schedule::kCapacity; ++i) {
        const uint64_t on = 10 * static_cast<uint64_t>(i);
        played += schedule.play(0, 0, i % 128, 64, on, on + 5);
    }
    CHECK_EQ(played, Schedule::kCapacity / 2);
    CHECK_EQ(schedule.dropped(), static_cast<uint32_t>(2 * Schedule::kCapacity - played));
    CHECK_EQ(schedule.size(), Schedule::kCapacity);
    schedule.panic(0, 0xffff);  // its own messages always find room
    CHECK_EQ(schedule.size(), 32);
}

TEST("at one frame note-offs come first, then control changes, then note-ons") {
    Schedule schedule;
    schedule.play(1, 0, 70, 64, 100, 200);
    schedule.play(0, 0, 60, 64, 50, 100);
    schedule.control(5, 0, 20, 1, 100);
    schedule.play(0, 0, 50, 64, 100, 200);
    const int expected[] = {0x90, 0x80, 0xb0, 0x90, 0x90};
    MidiEvent event;
    for (int i = 0; i < 5; ++i) {
        CHECK(schedule.next(150, &event));
        CHECK_EQ(event.bytes[0], expected[i]);
        if (i >= 3) CHECK_EQ(event.part, i - 3);
        schedule.taken();
    }
    CHECK(!schedule.next(150, &event));
}

TEST("taking is in two steps, so that what finds no room is not lost") {
    Schedule schedule;
    schedule.play(0, 0, 60, 64, 10, 20);
    MidiEvent first, again;
    CHECK(schedule.next(100, &first));
    CHECK(schedule.next(100, &again));
    CHECK_EQ(first.frame, again.frame);
    CHECK_EQ(schedule.sounding(), 0);
    schedule.taken();
    CHECK(schedule.is_on(0, 60));
    CHECK(schedule.next(100, &again));
    CHECK_EQ(again.frame, 20u);
}
