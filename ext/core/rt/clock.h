// The monotonic clock, read without a system call: the same clock as Python's time.monotonic_ns().
#pragma once

#include <cstdint>

#if defined(_WIN32)
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#elif defined(__APPLE__)
#include <mach/mach_time.h>
#else
#include <ctime>
#endif

namespace emohost::rt {

// Nanoseconds. Any thread. Real-time safe. (Linux: through the vDSO; macOS: the commpage; Windows: shared
// page.)
inline uint64_t monotonic_ns() noexcept {
#if defined(_WIN32)
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    const uint64_t count = static_cast<uint64_t>(ticks.QuadPart),
                   rate = static_cast<uint64_t>(per_second.QuadPart);
    return count / rate * 1000000000u + count % rate * 1000000000u / rate;
#elif defined(__APPLE__)
    static const mach_timebase_info_data_t base = [] {
        mach_timebase_info_data_t info;
        mach_timebase_info(&info);
        return info;
    }();
    const uint64_t ticks = mach_absolute_time();
    return ticks / base.denom * base.numer + ticks % base.denom * base.numer / base.denom;
#else
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
#endif
}

constexpr const char* monotonic_clock_name() noexcept {
#if defined(_WIN32)
    return "QueryPerformanceCounter()";
#elif defined(__APPLE__)
    return "mach_absolute_time()";
#else
    return "clock_gettime(CLOCK_MONOTONIC)";
#endif
}

}  // namespace emohost::rt
