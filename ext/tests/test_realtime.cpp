// Under the trap: process() calls no allocator and no lock, and touches no new page after its first block.
#include "check.h"
#include "core/proof/measure.h"
#include "rig.h"

#if defined(__GLIBC__)
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

using namespace emohost;
using namespace emohost::proof;

namespace {

// Silence, noise at full scale, denormals, DC, music, a click train, one after the other (measure() adds NaN,
// infinity and missing input).
std::vector<float> varied(double seconds) {
    std::vector<float> audio = rig::music(48000.0, seconds);
    rig::Random random(3);
    const std::size_t part = audio.size() / 6;
    for (std::size_t i = 0; i < audio.size(); ++i) {
        const std::size_t kind = i / part;
        if (kind == 0) audio[i] = 0.0f;
        if (kind == 1) audio[i] = random.next();
        if (kind == 2) audio[i] = 1e-41f * random.next();
        if (kind == 3) audio[i] = 0.7f;
        if (kind == 4) audio[i] = i % 12000 < 20 ? 1.0f : 0.0f;
    }
    return audio;
}

uint64_t all(const Measured& measured) {
    uint64_t sum = 0;
    for (uint64_t calls : measured.calls) sum += calls;
    return sum;
}

#if defined(__GLIBC__)
// Of the pages of a block, those that are there.
std::size_t mapped_pages(const void* block, std::size_t bytes, std::size_t* pages) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t first = reinterpret_cast<std::size_t>(block) / page * page;
    *pages = (reinterpret_cast<std::size_t>(block) + bytes - 1) / page - first / page + 1;
    std::vector<unsigned char> there(*pages);
    if (mincore(reinterpret_cast<void*>(first), *pages * page, there.data()) != 0) return 0;
    std::size_t mapped = 0;
    for (const unsigned char byte : there) mapped += byte & 1;
    return mapped;
}
#endif

}  // namespace

TEST("no heap call, no lock and no page fault in 10,000 blocks of all kinds") {
    rig::Rig rig;
    const std::vector<float> audio = varied(12.0);
    const Measured measured = measure(*rig.engine, audio.data(), audio.size(), {32, 64, 17, 128, 1, 100, 48});
    CHECK(measured.blocks >= 10000u);
    CHECK(measured.trapped);
    CHECK_EQ(all(measured), 0u);
    CHECK(measured.faults_known);
    CHECK_EQ(measured.page_faults, 0u);
}

TEST("nor in blocks longer than the longest, with channels in and out") {
    EngineSettings settings = rig::settings(44100.0, 512);
    settings.channels_in = 2;
    settings.channels_out = 2;
    settings.pass_through = true;
    settings.music.parts[music::kAccents].enabled = true;
    rig::Rig rig(settings);
    const std::vector<float> audio = varied(30.0);
    const Measured measured = measure(*rig.engine, audio.data(), audio.size() / 2, {512, 1, 511, 256});
    CHECK(measured.trapped);
    CHECK_EQ(all(measured), 0u);
    CHECK_EQ(measured.page_faults, 0u);
}

TEST("nor at the lowest and the highest rate, in either layout of features") {
    for (const double rate : {8000.0, 192000.0}) {
        for (const hearing::Layout layout : {hearing::Layout::mel128, hearing::Layout::emohost1}) {
            EngineSettings settings = rig::settings(rate);
            settings.listener.layout = layout;
            rig::Rig rig(settings);
            const std::vector<float> audio = varied(3.0);
            const Measured measured = measure(*rig.engine, audio.data(), audio.size(), {256, 33});
            CHECK(measured.trapped);
            CHECK_EQ(all(measured), 0u);
            CHECK_EQ(measured.page_faults, 0u);
        }
    }
}

TEST("taking new networks allocates and frees nothing in the callback") {
    rig::Rig rig;
    const std::vector<float> audio = varied(1.0);
    for (uint32_t seed = 2; seed < 6; ++seed) {
        Networks networks = rig::standard_networks(seed);
        if (seed % 2 == 0) networks[kMelodyRole] = nullptr;  // stays as it is
        CHECK(rig.engine->offer(std::move(networks),
                                seed % 2 == 0 ? kAllRoles & ~(1u << kMelodyRole) : kAllRoles));
        CHECK(rig.engine->offer(band::house_style()));
        const Measured measured = measure(*rig.engine, audio.data(), audio.size(), {64});
        CHECK(measured.trapped);
        CHECK_EQ(all(measured), 0u);
        CHECK_EQ(rig.engine->collect(), 1);
    }
}

TEST("chords, keys and notes from MIDI inputs allocate nothing, lock nothing and fault no page") {
    EngineSettings settings = rig::settings();
    settings.music.inputs[0] = music::kChordInput | music::kKeyInput | music::kEarsInput;
    rig::Rig rig(settings);
    for (int i = 0; i < 240; ++i) {
        const bool pedal = i % 40 == 39;
        InputEvent event{static_cast<uint64_t>(1 + 150 * i), {}, 3, 0, {}};
        event.bytes[0] = pedal ? 0xb0 : static_cast<uint8_t>(i % 3 == 2 ? 0x80 : 0x90 | (i % 7 == 0 ? 9 : 0));
        event.bytes[1] = pedal ? 64 : static_cast<uint8_t>(30 + i * 7 % 90);
        event.bytes[2] = static_cast<uint8_t>(i);
        CHECK(rig.shared->input.push(event));
    }
    const std::vector<float> audio = varied(1.0);
    const Measured measured = measure(*rig.engine, audio.data(), audio.size(), {256, 33});
    CHECK(measured.trapped);
    CHECK_EQ(all(measured), 0u);
    CHECK_EQ(measured.page_faults, 0u);
    CHECK(rig.shared->input_taken.load() >= 240u);
}

TEST(
    "keeping a recording allocates nothing, locks nothing and faults no page, with room for it and without") {
    for (const std::size_t size : {std::size_t{1} << 24, std::size_t{1} << 14}) {
        std::vector<unsigned char> bytes(size + 64);
        void* start = bytes.data();
        std::size_t room = bytes.size();
        std::align(64, size, start, room);
        RecordMemory* const memory = RecordMemory::format(start, size);
        rig::Rig rig;
        rig.engine->record(*memory);
        const std::vector<float> audio = varied(3.0);
        const Measured measured = measure(*rig.engine, audio.data(), audio.size(), {64, 33});
        CHECK(measured.trapped);
        CHECK_EQ(all(measured), 0u);
        CHECK_EQ(measured.page_faults, 0u);
        CHECK((memory->lost.load() > 0) == (size < 100000));
    }
}

#if defined(__GLIBC__)
TEST("the memory of the musician is mapped once it is built, on pages that nobody used before, too") {
    malloc_trim(0);  // what was freed is no longer mapped
    const EngineSettings settings = rig::settings();
    std::size_t pages = 0;
    const auto musician = music::make_musician(settings.music);
    CHECK_EQ(mapped_pages(musician.get(), musician->memory_bytes(), &pages), pages);
    std::printf("    musician: %zu pages\n", pages);
    CHECK(pages > 1);
    // The check fires.
    void* const fresh = mmap(nullptr, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mapped_pages(fresh, 1 << 16, &pages) < pages);
    munmap(fresh, 1 << 16);
}
#endif
