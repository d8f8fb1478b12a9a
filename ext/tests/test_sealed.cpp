// The callback calls the system never: the kernel itself decides (seccomp's strict mode). The seal is shown
// to kill first, since otherwise a run that survives would prove nothing.
#include "check.h"
#include "core/proof/sealed.h"
#include "rig.h"

using namespace emohost;
using namespace emohost::proof;

namespace {

// False where the seal is not to be had (a container with a filter of its own), which is said.
bool can_be_sealed() {
    const Outcome outcome = sealed([](void*) {}, nullptr);
    if (!outcome.why_not.empty()) check::skip(outcome.why_not);
    return outcome.why_not.empty();
}

}  // namespace

TEST("what calls nothing comes to its end, with a clock that is read from the kernel's page") {
    if (!can_be_sealed()) return;
    CHECK(sealed([](void*) {}, nullptr).came_to_its_end());
    const auto read = [](void*) {
        timespec time;
        for (int i = 0; i < 1000; ++i) clock_gettime(CLOCK_MONOTONIC, &time);
    };
    CHECK(sealed(read, nullptr).came_to_its_end());
}

TEST("one system call kills, be it for the time") {
    if (!can_be_sealed()) return;
    CHECK(sealed(call_the_clock, nullptr).was_killed());
}

TEST("one malloc that grows the heap kills") {
    if (!can_be_sealed()) return;
    CHECK(sealed(grow_the_heap, nullptr).was_killed());
}

TEST("a crash is no end") {
    if (!can_be_sealed()) return;
    const Outcome crashed = sealed([](void*) { *static_cast<volatile int*>(nullptr) = 1; }, nullptr);
    CHECK(!crashed.came_to_its_end() && !crashed.was_killed());
}

TEST("20,000 blocks of every kind, commands, emotions and a swap of networks call the system never") {
    if (!can_be_sealed()) return;
    rig::Rig rig(rig::settings(48000.0, 256));
    const std::vector<float> audio = rig::music(48000.0, 4.0);
    CHECK(rig.engine->offer(rig::standard_networks(2)));
    const SealedRun run =
        play_sealed(*rig.engine, audio.data(), audio.size(), {64, 256, 17, 128, 1, 300, 48}, 20000);
    CHECK(run.outcome.came_to_its_end());
    CHECK_EQ(run.blocks, 20000u);
    CHECK(run.notes > 100u);
#if defined(__x86_64__)
    CHECK(run.clock_reads == 0u || run.clock_reads >= 40000u);  // 0: the kernel's clock needs no counter
#endif
}
