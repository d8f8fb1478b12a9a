#include "core/rt/memory.h"

#include <atomic>
#include <cerrno>

#if defined(_WIN32)
#include <intrin.h>
#else
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace emohost::rt {

namespace {

constexpr std::size_t kPage =
    4096;  // the smallest of any system; touching more often than needed is harmless

void touch(unsigned char* byte) noexcept {
#if defined(_WIN32)
    _InterlockedOr8(reinterpret_cast<volatile char*>(byte), 0);
#else
    __atomic_fetch_or(byte, 0, __ATOMIC_RELAXED);
#endif
}

}  // namespace

void prefault(void* memory, std::size_t bytes) noexcept {
    if (bytes == 0) return;
    unsigned char* first = static_cast<unsigned char*>(memory);
    for (std::size_t at = 0; at < bytes; at += kPage) touch(first + at);
    touch(first + bytes - 1);
}

void prefault_read(const void* memory, std::size_t bytes) noexcept {
    const auto* first = static_cast<const volatile unsigned char*>(memory);
    for (std::size_t at = 0; at < bytes; at += kPage) static_cast<void>(first[at]);
    if (bytes > 0) static_cast<void>(first[bytes - 1]);
}

const char* lock_memory() noexcept {
#if defined(__linux__) && defined(MCL_ONFAULT)
    rlimit limit{};
    const bool unlimited =
        geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
    // Without MCL_FUTURE under a finite limit: there, a later allocation would fail rather than stay
    // unlocked.
    const int what = unlimited ? MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT : MCL_CURRENT | MCL_ONFAULT;
    if (mlockall(what) == 0) return nullptr;
    return "memory is not locked: the limit on locked memory is too low. Raise it: put '@audio - memlock "
           "unlimited' "
           "into /etc/security/limits.d/audio.conf, join the group audio and log in again (now: ulimit -l)";
#else
    return "memory is not locked: this system has no call for it that spares untouched pages";
#endif
}

}  // namespace emohost::rt
