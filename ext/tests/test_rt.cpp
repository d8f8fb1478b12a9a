// The helpers of the real-time side: denormals, clock, memory, thread.
#include <limits>
#include <vector>

#include "check.h"
#include "core/rt/clock.h"
#include "core/rt/denormals.h"
#include "core/rt/memory.h"
#include "core/rt/stack.h"
#include "core/rt/thread.h"

using namespace emohost;

namespace {

// What the processor makes of half the smallest normal number, computed here and now.
float half_of_the_smallest() {
    volatile float smallest = std::numeric_limits<float>::min();
    volatile float half = smallest * 0.5f;
    return half;
}

}  // namespace

TEST("denormals are zero under the guard, and numbers again after it") {
    CHECK(half_of_the_smallest() > 0.0f);
    {
        const rt::FlushDenormals outer;
        CHECK_EQ(half_of_the_smallest(), 0.0f);
        {
            const rt::FlushDenormals inner;
        }
        CHECK_EQ(half_of_the_smallest(), 0.0f);
    }
    CHECK(half_of_the_smallest() > 0.0f);
}

TEST("the clock never goes back, and a sleep ends at its deadline or after") {
    uint64_t last = rt::monotonic_ns();
    for (int i = 0; i < 100000; ++i) {
        const uint64_t now = rt::monotonic_ns();
        CHECK(now >= last);
        last = now;
    }
    const uint64_t deadline = rt::monotonic_ns() + 2000000;
    rt::sleep_until(deadline);
    CHECK(rt::monotonic_ns() >= deadline);
    rt::sleep_until(deadline);  // over: returns at once
}

TEST("prefaulting changes no byte, and nothing beside the block") {
    std::vector<unsigned char> memory(20000);
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<unsigned char>(i * 31);
    rt::prefault(memory.data() + 1, memory.size() - 2);
    rt::prefault(memory.data(), 0);
    for (std::size_t i = 0; i < memory.size(); ++i) CHECK_EQ(memory[i], static_cast<unsigned char>(i * 31));
    rt::touch_stack();
}

TEST("locking memory succeeds, or says why not and what to do") {
    const std::string unlocked = rt::lock_memory();
#if defined(__linux__)
    CHECK(unlocked.empty() || unlocked.find("limits.d") != std::string::npos);
#else
    CHECK(!unlocked.empty());
#endif
}
