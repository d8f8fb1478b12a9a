// The proof of the callback as one program without Python: `make proof`. Five networks of the standard sizes with
// seeded random weights play; prints one line a check; exit status 1 if one fails.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/proof/measure.h"
#include "core/proof/sealed.h"
#include "core/rt/memory.h"
#include "tests/rig.h"

using namespace emohost;
using namespace emohost::proof;

namespace {

constexpr double kRate = 48000.0;
constexpr int kCostBlock = 256, kCostRounds = 8;
const std::vector<int> kSizes = {64, 256, 17, 128, 1, 300, 48, 32};

bool failed = false;

void tell(bool passed, const std::string& what) {
    std::printf("%s  %s\n", passed ? "pass" : "FAIL", what.c_str());
    std::fflush(stdout);
    failed |= !passed;
}

void skip(const std::string& what, const std::string& why) {
    std::printf("skip  %s: %s\n", what.c_str(), why.c_str());
}

void prove_no_system_call(const std::vector<float>& audio, uint64_t blocks) {
    const Outcome clock = sealed(call_the_clock, nullptr), heap = sealed(grow_the_heap, nullptr);
    if (!clock.why_not.empty()) return skip("no system call", clock.why_not);
    tell(clock.was_killed(), "the seal kills: one clock_gettime by system call");
    tell(heap.was_killed(), "the seal kills: one malloc that grows the heap");
    rig::Rig rig(rig::settings(kRate, 256));
    rig.engine->offer(rig::standard_networks(2));
    const SealedRun run = play_sealed(*rig.engine, audio.data(), audio.size(), kSizes, blocks);
    tell(run.outcome.came_to_its_end() && run.blocks == blocks,
         "no system call: " + std::to_string(run.blocks) + " blocks under seccomp's strict mode, " +
             std::to_string(run.notes) + " notes, " + std::to_string(run.clock_reads) +
             " readings of the clock");
}

void prove_no_allocation(const std::vector<float>& audio) {
    rig::Rig rig(rig::settings(kRate, 256));
    const Measured measured = measure(*rig.engine, audio.data(), audio.size(), kSizes);
    if (!measured.trapped) return skip("no heap call, no lock", "the trap needs Linux, and no sanitizer");
    uint64_t calls = 0;
    for (const uint64_t count : measured.calls) calls += count;
    const std::string in = " in " + std::to_string(measured.blocks) + " blocks";
    tell(calls == 0, "no heap call, no lock: " + std::to_string(calls) + in);
    tell(measured.page_faults == 0, "no page fault: " + std::to_string(measured.page_faults) + in);
}

uint32_t percentile(std::vector<uint32_t> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void show_costs(const std::vector<float>& audio) {
    rig::Rig rig(rig::settings(kRate, 2 * kCostBlock));
    const Costs costs = cost(*rig.engine, audio.data(), audio.size(), kCostBlock, kCostRounds);
    std::vector<uint32_t> all;
    for (const auto& durations : costs) all.insert(all.end(), durations.begin(), durations.end());
    const double median = percentile(all, 0.5), p99 = percentile(costs[0], 0.99);
    std::printf("cost by input, %d frames; median of all %.1f us, p99 of music %.1f us\n", kCostBlock,
                median / 1e3, p99 / 1e3);
    for (int kind = 0; kind < kInputs; ++kind) {
        const auto& durations = costs[static_cast<std::size_t>(kind)];
        std::printf("      %-14s median %.2f, p99 %.2f times that\n", kInputNames[kind],
                    percentile(durations, 0.5) / median, percentile(durations, 0.99) / p99);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const uint64_t blocks = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000;
    if (argc > 2 || blocks == 0) {
        std::fprintf(stderr, "usage: prove [BLOCKS]   (blocks under seccomp; default 1000000)\n");
        return 2;
    }
    const std::vector<float> audio = rig::music(kRate, 30.0);
    const std::string unlocked = rt::lock_memory();
    if (unlocked.empty())
        tell(true, "memory locked");
    else
        skip("memory locked", unlocked);
    prove_no_system_call(audio, blocks);
    prove_no_allocation(audio);
    show_costs(audio);
    return failed ? 1 : 0;
}
