// MIDI that comes in reaches the engine at its frame, whatever the block size; what is no MIDI is refused and counted.
#include "check.h"
#include "rig.h"

using namespace emohost;
using rig::Rig;

namespace {

InputEvent note(uint64_t frame, uint8_t number, uint8_t source = 0) {
    return {frame, {0x90, number, 100}, 3, source, {}};
}

// Pushes the events, plays blocks until `frames` are over, and returns what the engine took.
std::vector<InputTrace::Taken> take(Rig& rig, const std::vector<InputEvent>& events, int frames,
                                    int block_size) {
    std::vector<InputTrace::Taken> taken(1024);
    InputTrace trace{taken.data(), static_cast<int>(taken.size()), 0};
    rig.engine->trace_inputs(&trace);
    for (const InputEvent& event : events) CHECK(rig.shared->input.push(event));
    for (int done = 0; done < frames; done += block_size)
        rig.engine->process(nullptr, nullptr, std::min(block_size, frames - done));
    rig.engine->trace_inputs(nullptr);
    taken.resize(static_cast<std::size_t>(trace.count));
    return taken;
}

}  // namespace

TEST("each message is taken at its own frame, for every block size, in order of the frames") {
    const std::vector<InputEvent> events = {note(700, 1, 2), note(5, 2), note(701, 3), note(700, 4),
                                            note(3000, 5)};
    for (int block_size : {1, 64, 333, 4096}) {
        Rig rig;
        const auto taken = take(rig, events, 4096, block_size);
        CHECK_EQ(taken.size(), 5u);
        const uint64_t frames[] = {5, 700, 700, 701, 3000};
        const uint8_t numbers[] = {2, 1, 4, 3, 5};
        for (std::size_t i = 0; i < taken.size(); ++i) {
            CHECK_EQ(taken[i].at, frames[i]);
            CHECK_EQ(taken[i].event.frame, frames[i]);
            CHECK_EQ(taken[i].event.bytes[1], numbers[i]);
        }
        CHECK_EQ(taken[1].event.source, 2);
        CHECK_EQ(rig.shared->input_taken.load(), 5u);
    }
}

TEST("a frame that is over, or none, is taken at once, and what belongs to it is still told") {
    Rig rig;
    take(rig, {}, 1000, 100);
    const auto taken = take(rig, {note(990, 1), note(0, 2), note(1100, 3)}, 200, 200);
    CHECK_EQ(taken.size(), 3u);
    CHECK_EQ(taken[0].at, 1000u);
    CHECK_EQ(taken[0].event.frame, 990u);
    CHECK_EQ(taken[1].at, 1000u);
    CHECK_EQ(taken[1].event.frame, 0u);
    CHECK_EQ(taken[2].at, 1100u);
}

TEST("what is no MIDI, or of a frame that cannot be meant, is refused, counted, and holds up nobody") {
    Rig rig;
    InputEvent none = note(0, 1), large = note(0, 1), data = note(0, 1);
    none.size = 0;
    large.size = 4;
    data.bytes[0] = 0x40;
    const auto taken = take(rig, {none, large, data, note(kNoFrame - 1, 1), note(0, 7)}, 100, 100);
    CHECK_EQ(taken.size(), 1u);
    CHECK_EQ(taken[0].event.bytes[1], 7);
    CHECK_EQ(rig.shared->input_refused.load(), 4u);
}

TEST("more than is kept for later waits in the ring, and nothing is lost") {
    Rig rig;
    std::vector<InputEvent> events;
    for (int i = 0; i < 600; ++i) events.push_back(note(1000, static_cast<uint8_t>(i % 128)));
    const auto taken = take(rig, events, 2000, 64);
    CHECK_EQ(taken.size(), 600u);
    for (std::size_t i = 0; i < taken.size(); ++i) CHECK_EQ(taken[i].event.bytes[1], i % 128);
    CHECK_EQ(taken[255].at, 1000u);
}
