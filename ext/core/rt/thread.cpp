#include "core/rt/thread.h"

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/rt/clock.h"

#if !defined(_WIN32)
#include <pthread.h>
#include <sched.h>
#endif

namespace emohost::rt {

bool raise_priority() noexcept {
#if defined(_WIN32)
    return SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_TIME_CRITICAL) != 0;
#else
    sched_param param{};
    param.sched_priority = sched_get_priority_min(SCHED_FIFO) + 9;
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &param) == 0;
#endif
}

void sleep_until(uint64_t deadline_ns) noexcept {
#if defined(__linux__)
    timespec deadline;
    deadline.tv_sec = static_cast<time_t>(deadline_ns / 1000000000u);
    deadline.tv_nsec = static_cast<long>(deadline_ns % 1000000000u);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) == EINTR) {
    }
#else
    for (uint64_t now = monotonic_ns(); now < deadline_ns; now = monotonic_ns()) {
        std::this_thread::sleep_for(std::chrono::nanoseconds(deadline_ns - now));
    }
#endif
}

}  // namespace emohost::rt
