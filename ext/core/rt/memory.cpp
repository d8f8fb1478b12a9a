#include "core/rt/memory.h"

#include <atomic>
#include <cstdint>
#if defined(_MSC_VER)
#include <intrin.h>
#elif defined(__linux__)
#include <link.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__GNUC__)
#define EMOHOST_NOT_SANITIZED __attribute__((no_sanitize("address", "thread")))
#else
#define EMOHOST_NOT_SANITIZED
#endif

namespace emohost::rt {

namespace {

constexpr std::size_t kPage =
    4096;  // the smallest of any system; touching more often than needed is harmless

void touch(unsigned char* byte) noexcept {
#if defined(_MSC_VER)
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

// Pages are read wherever they begin, which may be between two variables: the sanitizers watch over those gaps.
EMOHOST_NOT_SANITIZED void prefault_read(const void* memory, std::size_t bytes) noexcept {
    const auto* first = static_cast<const volatile unsigned char*>(memory);
    for (std::size_t at = 0; at < bytes; at += kPage) static_cast<void>(first[at]);
    if (bytes > 0) static_cast<void>(first[bytes - 1]);
}

#if defined(__linux__)

namespace {

// Called for each program and library that is loaded; ends with the one that holds the address.
int map_if_it_holds(dl_phdr_info* object, std::size_t, void* inside) {
    const auto address = reinterpret_cast<std::uintptr_t>(inside);
    const auto begins = [&](const ElfW(Phdr) & part) { return object->dlpi_addr + part.p_vaddr; };
    bool holds = false;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr) & part = object->dlpi_phdr[i];
        holds |= part.p_type == PT_LOAD && address >= begins(part) && address < begins(part) + part.p_memsz;
    }
    if (!holds) return 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr) & part = object->dlpi_phdr[i];
        if (part.p_type == PT_LOAD && (part.p_flags & PF_R) != 0)
            prefault_read(reinterpret_cast<const void*>(begins(part)), part.p_filesz);
    }
    return 1;
}

}  // namespace

void prefault_code(const void* inside) noexcept {
    dl_iterate_phdr(map_if_it_holds, const_cast<void*>(inside));
}

#else

void prefault_code(const void*) noexcept {}

#endif

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
