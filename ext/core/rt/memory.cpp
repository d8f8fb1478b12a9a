#include "core/rt/memory.h"

#include <atomic>
#if defined(_WIN32)
#include <intrin.h>
#elif defined(__linux__)
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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

#if defined(__linux__) && defined(MCL_ONFAULT)

namespace {

constexpr int kMayLock = 14;  // CAP_IPC_LOCK

// The process may lock without limit. (A container's root may not.)
bool has_capability() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    if (syscall(SYS_capget, &header, data) != 0) return false;
    return data[0].effective >> kMayLock & 1;
}

}  // namespace

std::string lock_memory() {
    rlimit limit{};
    const bool known = getrlimit(RLIMIT_MEMLOCK, &limit) == 0;
    const bool unlimited = has_capability() || (known && limit.rlim_cur == RLIM_INFINITY);
    // Without MCL_FUTURE under a finite limit: there, a later allocation would fail rather than stay
    // unlocked.
    const int what = unlimited ? MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT : MCL_CURRENT | MCL_ONFAULT;
    if (mlockall(what) == 0) return "";
    const std::string most = known && !unlimited ? std::to_string(limit.rlim_cur / 1024) + " kB" : "nothing";
    return "memory is not locked: this process may lock " + most +
           " (ulimit -l), so that a page may have to be fetched back while it plays. To allow it, one of: "
           "'@audio - memlock unlimited' in /etc/security/limits.d/audio.conf, the group audio and a new "
           "login; "
           "LimitMEMLOCK=infinity in a systemd unit; docker run --ulimit memlock=-1";
}

#else

std::string lock_memory() {
    return "memory is not locked: this system has no call for it that spares untouched pages";
}

#endif

}  // namespace emohost::rt
