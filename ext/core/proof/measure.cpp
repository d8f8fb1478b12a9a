#include "core/proof/measure.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include "core/rt/clock.h"

#if defined(__linux__)
#include <dlfcn.h>
#include <sys/resource.h>
#endif

namespace emohost::proof {

namespace {

// The trap's functions, where it is preloaded or linked.
struct Trap {
    void (*arm)() = nullptr;
    void (*disarm)() = nullptr;
    uint64_t (*count)(int) = nullptr;

    static Trap find() {
        Trap trap;
#if defined(__linux__)
        trap.arm = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "emohost_trap_arm"));
        trap.disarm = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "emohost_trap_disarm"));
        trap.count = reinterpret_cast<uint64_t (*)(int)>(dlsym(RTLD_DEFAULT, "emohost_trap_count"));
#endif
        return trap;
    }
    bool loaded() const { return arm && disarm && count; }
};

// Page faults of this thread so far.
bool page_faults(uint64_t* faults) {
#if defined(__linux__)
    rusage usage{};
    if (getrusage(RUSAGE_THREAD, &usage) != 0) return false;
    *faults = static_cast<uint64_t>(usage.ru_minflt) + static_cast<uint64_t>(usage.ru_majflt);
    return true;
#else
    static_cast<void>(faults);
    return false;
#endif
}

// Processor time of this thread, so that other processes count little; elsewhere the time on the wall.
uint64_t cpu_ns() {
#if defined(_WIN32)
    return rt::monotonic_ns();
#else
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
#endif
}

void drain(Shared& shared, std::vector<uint32_t>* durations) {
    MidiEvent event;
    while (shared.event.pop(&event)) {
    }
    BlockReport report;
    while (shared.telemetry.pop(&report)) durations->push_back(report.duration_ns);
}

}  // namespace

Measured measure(Engine& engine, const float* audio, uint64_t frames, const std::vector<int>& block_sizes) {
    const EngineSettings& settings = engine.settings();
    const auto channels = static_cast<std::size_t>(settings.channels_in);
    const Trap trap = Trap::find();
    std::vector<float> in(static_cast<std::size_t>(settings.max_block) * channels);
    std::vector<float> out(static_cast<std::size_t>(settings.max_block) *
                           static_cast<std::size_t>(settings.channels_out));
    Measured measured;
    measured.trapped = trap.loaded();
    uint64_t before = 0, after = 0;
    measured.faults_known = page_faults(&before);

    for (uint64_t done = 0, block = 0; done < frames; ++block) {
        const int size = std::min(block_sizes[block % block_sizes.size()], settings.max_block);
        const uint64_t n = std::min<uint64_t>(static_cast<uint64_t>(size), frames - done);
        std::copy_n(audio + done * channels, n * channels, in.data());
        if (block % 89 == 7) in[0] = std::numeric_limits<float>::quiet_NaN();
        if (block % 89 == 8) in[0] = std::numeric_limits<float>::infinity();
        if (block % 89 == 9) in[0] = std::numeric_limits<float>::denorm_min();
        const float* input = block % 97 == 11 ? nullptr : in.data();
        disturb(engine.shared(), block);

        page_faults(&before);
        if (trap.loaded()) trap.arm();
        engine.process(input, out.empty() ? nullptr : out.data(), static_cast<int>(n));
        if (trap.loaded()) trap.disarm();
        page_faults(&after);

        if (block > 0) measured.page_faults += after - before;
        for (int kind = 0; trap.loaded() && kind < kTrapKinds; ++kind)
            measured.calls[kind] += trap.count(kind);
        drain(engine.shared(), &measured.durations_ns);
        ++measured.blocks;
        done += n;
    }
    return measured;
}

Costs cost(Engine& engine, const float* audio, uint64_t frames, int block_size, int rounds) {
    const EngineSettings& settings = engine.settings();
    Stimulus stimulus(audio, frames, settings.channels_in, 2 * block_size);
    std::vector<float> out(2 * static_cast<std::size_t>(block_size) *
                           static_cast<std::size_t>(settings.channels_out));
    const int blocks = std::max(1, static_cast<int>(settings.sample_rate / block_size));
    Costs costs;
    std::vector<uint32_t> unread;
    for (int round = 0; round < rounds; ++round) {
        for (int kind = 0; kind < kInputs; ++kind) {
            for (int block = 0; block < blocks; ++block) {
                const Block given = stimulus.next(static_cast<Input>(kind), block_size);
                const uint64_t before = cpu_ns();
                engine.process(given.in, out.empty() ? nullptr : out.data(), given.frames);
                costs[static_cast<std::size_t>(kind)].push_back(static_cast<uint32_t>(cpu_ns() - before));
                unread.clear();
                drain(engine.shared(), &unread);
            }
        }
    }
    return costs;
}

}  // namespace emohost::proof
