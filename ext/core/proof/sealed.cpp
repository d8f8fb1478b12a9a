#include "core/proof/sealed.h"

#include "core/proof/stimulus.h"

#if defined(__linux__)
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#endif

namespace emohost::proof {

#if defined(__linux__)

namespace {

constexpr int kNoSeal = 98, kFault = 99;  // exit statuses
constexpr uint64_t kBlocksOfAKind = 512;

[[noreturn]] void leave(int status) {
    syscall(SYS_exit, status);  // the C library's exit would call exit_group, which the seal forbids
    __builtin_unreachable();
}

volatile uint64_t counter_reads = 0;

#if defined(__x86_64__)
// Strict mode also forbids user mode to read the processor's time stamp counter, on which the kernel's clock page
// relies. Each read arrives here as a fault; it is answered with a counter that stands (almost) still.
uint64_t counter = 0;

void answer_counter(int, siginfo_t*, void* context) {
    greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const auto* code = reinterpret_cast<const unsigned char*>(registers[REG_RIP]);
    const bool rdtsc = code[0] == 0x0f && code[1] == 0x31;
    const bool rdtscp = code[0] == 0x0f && code[1] == 0x01 && code[2] == 0xf9;
    if (!rdtsc && !rdtscp) leave(kFault);
    counter_reads = counter_reads + 1;
    ++counter;
    registers[REG_RAX] = static_cast<greg_t>(counter & 0xffffffffu);
    registers[REG_RDX] = static_cast<greg_t>(counter >> 32);
    if (rdtscp) registers[REG_RCX] = 0;
    registers[REG_RIP] += rdtscp ? 3 : 2;
}

void emulate_counter() {
    counter = __builtin_ia32_rdtsc();
    struct sigaction action{};
    action.sa_sigaction = answer_counter;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, nullptr);
}
#else
void emulate_counter() {}  // other processors' counters stay readable
#endif

}  // namespace

bool Outcome::was_killed() const { return why_not.empty() && signal == SIGKILL; }

Outcome sealed(void (*work)(void*), void* with) {
    Outcome outcome;
    const pid_t child = fork();
    if (child < 0) {
        outcome.why_not = "no process could be started";
        return outcome;
    }
    if (child == 0) {
        emulate_counter();
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) leave(kNoSeal);
        work(with);
        leave(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) {
        outcome.why_not = "the sealed process was not to be waited for";
    } else if (WIFSIGNALED(status)) {
        outcome.signal = WTERMSIG(status);
    } else if (WEXITSTATUS(status) == kNoSeal) {
        outcome.why_not = "the system refuses seccomp's strict mode (a container that has a filter already?)";
    } else {
        outcome.status = WEXITSTATUS(status);
    }
    return outcome;
}

void call_the_clock(void*) {
    timespec time;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
}

void grow_the_heap(void*) {
    // More than any heap has to spare: 64 MB were sometimes found in what Python had freed, without a call.
    void* volatile memory = std::malloc(std::size_t{1} << 30);
    static_cast<void>(memory);
}  // NOLINT(clang-analyzer-unix.Malloc): the process is killed before, or ends after

namespace {

struct Play {
    Engine& engine;
    Stimulus& stimulus;
    const std::vector<int>& block_sizes;
    uint64_t blocks;
    float* out;
    volatile uint64_t* seen;  // memory that both processes see: blocks, notes, clock reads
};

void play(void* with) {
    Play& play = *static_cast<Play*>(with);
    Shared& shared = play.engine.shared();
    double times[3] = {};
    for (uint64_t block = 0; block < play.blocks; ++block) {
        disturb(shared, block);
        const auto kind = static_cast<Input>(block / kBlocksOfAKind % kInputs);
        const Block given = play.stimulus.next(kind, play.block_sizes[block % play.block_sizes.size()]);
        times[0] += given.frames / play.engine.settings().sample_rate;
        Engine::portaudio_callback(given.in, play.out, static_cast<unsigned long>(given.frames), times,
                                   block % 1000 == 999 ? uint32_t{kInputOverflow} : 0u, &play.engine);
        MidiEvent event;
        while (shared.event.pop(&event)) {
        }
        BlockReport report{};
        while (shared.telemetry.pop(&report)) play.seen[1] = report.notes;
        play.seen[0] = block + 1;
        play.seen[2] = counter_reads;
    }
}

}  // namespace

SealedRun play_sealed(Engine& engine, const float* audio, uint64_t frames,
                      const std::vector<int>& block_sizes, uint64_t blocks) {
    const EngineSettings& settings = engine.settings();
    Stimulus stimulus(audio, frames, settings.channels_in, 2 * settings.max_block);
    std::vector<float> out(2 * static_cast<std::size_t>(settings.max_block) *
                           static_cast<std::size_t>(settings.channels_out));
    SealedRun run;
    constexpr std::size_t kBytes = 4096;
    void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        run.outcome.why_not = "no memory could be shared";
        return run;
    }
    auto* seen = static_cast<volatile uint64_t*>(memory);
    Play with{engine, stimulus, block_sizes, blocks, out.empty() ? nullptr : out.data(), seen};
    run.outcome = sealed(play, &with);
    run.blocks = seen[0];
    run.notes = seen[1];
    run.clock_reads = seen[2];
    munmap(memory, kBytes);
    return run;
}

#else

namespace {

constexpr const char* kElsewhere = "seccomp is Linux's";

}  // namespace

bool Outcome::was_killed() const { return false; }
Outcome sealed(void (*)(void*), void*) {
    Outcome outcome;
    outcome.why_not = kElsewhere;
    return outcome;
}
void call_the_clock(void*) {}
void grow_the_heap(void*) {}
SealedRun play_sealed(Engine&, const float*, uint64_t, const std::vector<int>&, uint64_t) {
    SealedRun run;
    run.outcome.why_not = kElsewhere;
    return run;
}

#endif

}  // namespace emohost::proof
