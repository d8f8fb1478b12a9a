// Networks that are exchanged while the engine plays: nothing is lost, kept memories stay, and the loader frees what was replaced.
#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>

#include "check.h"
#include "rig.h"

using namespace emohost;
using rig::last_report;
using rig::pop_all;
using rig::Rig;

namespace {

constexpr double kRate = 48000.0;

// All that is played in ten seconds. Every `every` blocks (0: never) the networks without a memory are exchanged for others of
// the same weights.
std::vector<MidiEvent> played_with_swaps(int every, int* swaps) {
    Rig rig;
    const std::vector<float> audio = rig::music(kRate, 10.0);
    constexpr uint32_t kReplaced = 1u << kHarmonyRole | 1u << kDynamicsRole | 1u << kGrooveRole;
    std::vector<MidiEvent> events;
    const std::size_t memory = rig.engine->memory_bytes();
    int block = 0;
    for (std::size_t at = 0; at + 512 <= audio.size(); at += 512, ++block) {
        if (every > 0 && block % every == 0) {
            Networks same = rig::standard_networks();
            same[kEmotionRole].reset();
            same[kMelodyRole].reset();
            CHECK(rig.engine->offer(std::move(same), kReplaced));
            CHECK_EQ(rig.engine->memory_bytes(), memory);
            ++*swaps;
        }
        rig.engine->process(audio.data() + at, nullptr, 512);
        rig.engine->collect();
        for (const MidiEvent& event : pop_all(*rig.shared)) events.push_back(event);
        const BlockReport report = last_report(*rig.shared);
        CHECK_EQ(report.block, static_cast<uint64_t>(block));
    }
    return events;
}

}  // namespace

TEST("networks are swapped while it plays, one set at a time, and freed by the loader") {
    Rig rig;
    const std::vector<float> block = rig::music(kRate, 0.01);
    const int frames = static_cast<int>(block.size());
    CHECK_EQ(rig.engine->collect(), 0);
    CHECK(rig.engine->offer(rig::standard_networks(2)));
    Networks third = rig::standard_networks(3);
    CHECK(!rig.engine->offer(std::move(third)));
    CHECK(third[kEmotionRole] != nullptr);
    rig.engine->process(block.data(), nullptr, frames);
    CHECK_EQ(rig.engine->collect(), 1);
    CHECK(rig.engine->offer(std::move(third)));
    rig.engine->process(block.data(), nullptr, frames);
    CHECK(rig.engine->offer(rig::standard_networks(4)));  // left untaken: the destructor frees it
}

TEST("a hundred swaps keep every note, and the networks that stay keep what they remember") {
    int swaps = 0;
    const std::vector<MidiEvent> without = played_with_swaps(0, &swaps);
    const std::vector<MidiEvent> with = played_with_swaps(9, &swaps);
    CHECK(swaps > 100);
    CHECK(without.size() > 100u);
    CHECK_EQ(with.size(), without.size());
    for (std::size_t i = 0; i < std::min(with.size(), without.size()); ++i) {
        CHECK_EQ(with[i].frame, without[i].frame);
        CHECK(std::equal(with[i].bytes, with[i].bytes + 3, without[i].bytes));
    }
}

TEST("a network that replaces none is refused") {
    Rig rig;
    bool refused = false;
    try {
        rig.engine->offer(rig::standard_networks(2), 1u << kMelodyRole);
    } catch (const std::invalid_argument&) {
        refused = true;
    }
    CHECK(refused);
}

TEST("the loader swaps networks as fast as they are taken, and frees every one that was replaced") {
    // Under the sanitizers this is the proof that no set is used after it was freed, and none is forgotten.
    Rig rig;
    const std::vector<float> audio = rig::music(kRate, 1.0);
    std::atomic<bool> done{false};
    std::thread player([&] {
        for (std::size_t at = 0; at + 64 <= audio.size(); at += 64)
            rig.engine->process(audio.data() + at, nullptr, 64);
        done = true;
    });
    int offered = 0, freed = 0;
    for (uint32_t seed = 2; !done; ++seed) {
        Networks networks = rig::standard_networks(seed);
        while (!done && !rig.engine->offer(std::move(networks))) std::this_thread::yield();
        if (!networks[kEmotionRole]) ++offered;
        freed += rig.engine->collect();
        pop_all(*rig.shared);
        last_report(*rig.shared);
    }
    player.join();
    rig.engine->process(audio.data(), nullptr, 64);  // takes what was offered last
    freed += rig.engine->collect();
    CHECK(offered > 0);
    CHECK_EQ(freed, offered);
}
