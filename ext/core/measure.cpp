#include "core/measure.h"

#include <algorithm>
#include <limits>

#if defined(__linux__)
#include <dlfcn.h>
#include <sys/resource.h>
#endif

namespace emohost {

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

// Something from the other sides of the rings every few blocks, so that those paths are watched, too.
void disturb(Shared& shared, uint64_t block) {
    if (block % 5 == 1) {
        const auto parameter = static_cast<Parameter>(block / 5 % static_cast<uint64_t>(Parameter::count));
        const float value = parameter == Parameter::tempo ? 60.0f + static_cast<float>(block % 120) : 1.0f;
        shared.command.push({CommandKind::set_parameter, parameter, value, 0});
    }
    if (block % 211 == 60) shared.command.push({CommandKind::panic, Parameter::tempo, 0.0f, 0});
    if (block % 211 == 120) shared.command.push({CommandKind::transport_stop, Parameter::tempo, 0.0f, 0});
    if (block % 211 == 124) shared.command.push({CommandKind::transport_start, Parameter::tempo, 0.0f, 0});
    if (block % 7 == 3) {
        EmotionMessage message{};
        encode({block % 2 ? 0.9f : -0.9f, block % 3 ? 0.9f : -0.9f}, message.embedding);
        message.weight = 0.7f;
        message.ttl_s = 0.1f;
        shared.emotion.write(message);
    }
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

}  // namespace emohost
