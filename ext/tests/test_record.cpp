// The memory of a recording: whole blocks or none, in order, across the ring's end and between two threads; and a run played
// again from it.
#include <cstring>
#include <thread>

#include "check.h"
#include "core/replay.h"
#include "rig.h"

using namespace emohost;

namespace {

// A recording of its own memory.
struct Kept {
    alignas(64) std::vector<unsigned char> bytes;
    RecordMemory* memory;

    explicit Kept(std::size_t size) : bytes(size + 64) {
        void* start = bytes.data();
        std::size_t room = bytes.size();
        std::align(64, size, start, room);
        memory = RecordMemory::format(start, size);
    }
};

struct Read {
    std::vector<RecordedBlock> blocks;
    std::vector<float> samples;
    std::vector<MidiEvent> events;
};

void parse(const std::vector<unsigned char>& bytes, Read* read) {
    for (std::size_t at = 0; at < bytes.size();) {
        RecordHeader header;
        std::memcpy(&header, &bytes[at], sizeof header);
        at += sizeof header;
        const unsigned char* start = bytes.data() + at;
        if (header.kind == RecordKind::block) {
            read->blocks.emplace_back();
            std::memcpy(&read->blocks.back(), start, sizeof(RecordedBlock));
        } else if (header.kind == RecordKind::samples) {
            const std::size_t count = header.bytes / sizeof(float), before = read->samples.size();
            read->samples.resize(before + count);
            if (count > 0) std::memcpy(&read->samples[before], start, header.bytes);
        } else if (header.kind == RecordKind::event) {
            read->events.emplace_back();
            std::memcpy(&read->events.back(), start, sizeof(MidiEvent));
        }
        at += (header.bytes + 7) & ~std::size_t{7};
    }
}

void drain(RecordMemory& memory, Read* read) {
    std::vector<unsigned char> bytes(memory.capacity);
    bytes.resize(memory.read(bytes.data(), bytes.size()));
    parse(bytes, read);
}

}  // namespace

TEST("blocks of any length come out as they went in, round and round the ring") {
    Kept kept(1 << 14);
    RecordWriter writer;
    writer.use(kept.memory);
    const int heard[] = {0, 2};
    float value = 0.0f;
    for (uint64_t block = 0; block < 300; ++block) {
        const int frames = static_cast<int>(block * 37 % 400);
        std::vector<float> audio(static_cast<std::size_t>(frames) * 3 + 1);
        for (float& sample : audio) sample = value += 1.0f;
        writer.begin({block, 0, static_cast<uint32_t>(frames), 0});
        writer.samples(audio.data(), frames, 3, heard, 2);
        writer.commit();
        Read read;
        drain(*kept.memory, &read);
        CHECK_EQ(read.blocks.size(), 1u);
        CHECK_EQ(read.blocks[0].frame, block);
        CHECK_EQ(read.samples.size(), static_cast<std::size_t>(frames) * 2);
        for (std::size_t i = 0; i < read.samples.size(); ++i)
            CHECK_EQ(read.samples[i], audio[i / 2 * 3 + (i % 2) * 2]);
    }
    CHECK_EQ(kept.memory->lost.load(), 0u);
}

TEST("a block that has no room leaves nothing behind, and is counted") {
    Kept kept(1 << 13);
    RecordWriter writer;
    writer.use(kept.memory);
    const int heard[] = {0};
    const std::vector<float> audio(700, 0.5f);
    for (uint64_t block = 0; block < 10; ++block) {
        writer.begin({block, 0, 700, 0});
        writer.samples(audio.data(), 700, 1, heard, 1);
        writer.commit();
    }
    Read read;
    drain(*kept.memory, &read);
    CHECK(!read.blocks.empty());
    CHECK_EQ(read.blocks.size() + kept.memory->lost.load(), 10u);
    CHECK_EQ(read.samples.size(), read.blocks.size() * 700);
}

TEST("between two threads every block is whole, or was counted as lost") {
    Kept kept(1 << 14);
    std::atomic<bool> done{false};
    constexpr uint64_t kBlocks = 20000;
    std::thread audio([&] {
        RecordWriter writer;
        writer.use(kept.memory);
        const int heard[] = {0};
        for (uint64_t block = 0; block < kBlocks; ++block) {
            const std::vector<float> samples(50, static_cast<float>(block));
            writer.begin({block, 0, 50, 0});
            writer.samples(samples.data(), 50, 1, heard, 1);
            writer.commit();
        }
        done = true;
    });
    uint64_t count = 0, wrong = 0;
    for (bool last = false; !last;) {
        last = done;
        Read read;
        drain(*kept.memory, &read);
        for (std::size_t i = 0; i < read.blocks.size(); ++i)
            for (std::size_t s = 0; s < 50; ++s)
                wrong += read.samples[i * 50 + s] != static_cast<float>(read.blocks[i].frame);
        count += read.blocks.size();
    }
    audio.join();
    CHECK_EQ(wrong, 0u);
    CHECK_EQ(count + kept.memory->lost.load(), kBlocks);
}

TEST("of an emotion that is not to be kept, that it came is kept, and nothing else") {
    for (const uint32_t withheld : {0u, 1u}) {
        Kept kept(1 << 14);
        EmotionMessage message{};
        std::fill(std::begin(message.embedding), std::end(message.embedding), 0.75f);
        message.weight = 0.5f;
        message.ttl_s = 3.0f;
        message.written_ns = 12345;
        message.withheld = withheld;
        RecordWriter writer;
        writer.use(kept.memory);
        writer.begin({0, 0, 128, 0});
        writer.emotion(2, message);
        writer.commit();
        const uint64_t head = kept.memory->head.load();
        RecordHeader header;
        uint64_t ring;
        EmotionMessage found;
        const std::size_t message_bytes = sizeof ring + sizeof found;
        CHECK(head > message_bytes + sizeof header);
        const unsigned char* start = kept.memory->ring() + (head - message_bytes);
        std::memcpy(&header, start - sizeof header, sizeof header);
        CHECK(header.kind == RecordKind::emotion);
        std::memcpy(&ring, start, sizeof ring);
        std::memcpy(&found, start + sizeof ring, sizeof found);
        CHECK_EQ(ring, 2u);
        EmotionMessage nothing{};
        nothing.withheld = 1;
        const EmotionMessage& expected = withheld ? nothing : message;
        CHECK(std::memcmp(&found, &expected, sizeof found) == 0);
    }
}

TEST("what was left out under overload is left out again, and the events are the same") {
    static uint64_t now = 0;
    EngineSettings slow = rig::settings();
    slow.sheds = true;
    slow.clock = []() noexcept { return now += 4000000; };  // each block takes 4 ms of its 2.7
    rig::Rig played(slow);
    Kept kept(8 << 20);
    played.engine->record(*kept.memory);
    const std::vector<float> audio = rig::music(48000.0, 4.0);
    for (std::size_t at = 0; at + 128 <= audio.size(); at += 128)
        played.engine->process(audio.data() + at, nullptr, 128);
    Read read;
    drain(*kept.memory, &read);
    uint32_t flags = 0;
    for (const RecordedBlock& block : read.blocks) flags |= block.flags;
    CHECK(flags & kShedNetworks);
    CHECK(!read.events.empty());

    EngineSettings again = rig::settings();
    again.clock = replayed_clock;
    rig::Rig replays(again);
    Rendering rendering;
    replay(*replays.engine, read.blocks.data(), read.blocks.size(), read.samples.data(), &rendering);
    CHECK_EQ(rendering.events.size(), read.events.size());
    for (std::size_t i = 0; i < read.events.size() && i < rendering.events.size(); ++i)
        CHECK(std::memcmp(&rendering.events[i], &read.events[i], sizeof(MidiEvent)) == 0);
}
