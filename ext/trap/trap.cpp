// Interposes the C library's and the C++ run time's functions; see trap.h.
#include "trap/trap.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

#include <new>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

// Initial-exec: no lazy allocation when a thread first touches them. Needs loading at start, as LD_PRELOAD
// does.
#define THREAD_STATE thread_local __attribute__((tls_model("initial-exec")))
THREAD_STATE bool armed = false;
THREAD_STATE uint64_t counts[EMOHOST_TRAP_KINDS];

void count(emohost_trap_kind kind) {
    if (armed) ++counts[kind];
}

// dlsym itself allocates while the real functions are being looked up: it is served from here. Never reused.
alignas(16) char bootstrap[16384];
size_t bootstrap_used = 0;

void* bootstrap_allocate(size_t size) {
    const size_t at = bootstrap_used;
    bootstrap_used += (size + 15) & ~size_t{15};
    if (bootstrap_used > sizeof bootstrap) __builtin_trap();
    return bootstrap + at;
}

bool in_bootstrap(const void* memory) { return memory >= bootstrap && memory < bootstrap + sizeof bootstrap; }

struct Real {
    void* (*malloc)(size_t);
    void* (*calloc)(size_t, size_t);
    void* (*realloc)(void*, size_t);
    void (*free)(void*);
    int (*posix_memalign)(void**, size_t, size_t);
    void* (*aligned_alloc)(size_t, size_t);
    void* (*memalign)(size_t, size_t);
};
Real real;
bool looking_up = false;

template <typename Function>
void find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// True when the real functions are known. Before main() there is one thread, so that this needs no lock.
bool ready() {
    if (real.free) return true;
    if (looking_up) return false;
    looking_up = true;
    find(real.malloc, "malloc");
    find(real.calloc, "calloc");
    find(real.realloc, "realloc");
    find(real.posix_memalign, "posix_memalign");
    find(real.aligned_alloc, "aligned_alloc");
    find(real.memalign, "memalign");
    find(real.free, "free");
    looking_up = false;
    return true;
}

// The version that programs are linked against: where the C library keeps an older one, dlsym may find that.
void* next(const char* name) {
    void* found = nullptr;
#if defined(__GLIBC__) && defined(__x86_64__)
    if (strncmp(name, "pthread_cond_", 13) == 0) found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
#endif
    return found ? found : dlsym(RTLD_NEXT, name);
}

}  // namespace

EXPORTED void emohost_trap_arm(void) {
    memset(counts, 0, sizeof counts);
    armed = true;
}
EXPORTED void emohost_trap_disarm(void) { armed = false; }
EXPORTED uint64_t emohost_trap_count(int kind) {
    return kind >= 0 && kind < EMOHOST_TRAP_KINDS ? counts[kind] : 0;
}

// --- the heap
// ------------------------------------------------------------------------------------------------------

EXPORTED void* malloc(size_t size) {
    if (!ready()) return bootstrap_allocate(size);
    count(EMOHOST_TRAP_ALLOCATE);
    return real.malloc(size);
}

EXPORTED void* calloc(size_t items, size_t size) {
    if (!ready()) return bootstrap_allocate(items * size);  // static memory: zero, and handed out once
    count(EMOHOST_TRAP_ALLOCATE);
    return real.calloc(items, size);
}

EXPORTED void* realloc(void* memory, size_t size) {
    if (!ready() || in_bootstrap(memory)) {
        void* moved = malloc(size);
        const size_t left =
            in_bootstrap(memory)
                ? static_cast<size_t>(bootstrap + sizeof bootstrap - static_cast<char*>(memory))
                : 0;
        if (moved) memcpy(moved, memory, size < left ? size : left);
        return moved;
    }
    count(EMOHOST_TRAP_ALLOCATE);
    return real.realloc(memory, size);
}

EXPORTED void free(void* memory) {
    if (in_bootstrap(memory) || !ready()) return;
    count(EMOHOST_TRAP_FREE);
    real.free(memory);
}

EXPORTED int posix_memalign(void** memory, size_t alignment, size_t size) {
    if (!ready()) return ENOMEM;
    count(EMOHOST_TRAP_ALLOCATE);
    return real.posix_memalign(memory, alignment, size);
}

EXPORTED void* aligned_alloc(size_t alignment, size_t size) {
    if (!ready()) return nullptr;
    count(EMOHOST_TRAP_ALLOCATE);
    return real.aligned_alloc(alignment, size);
}

EXPORTED void* memalign(size_t alignment, size_t size) {
    if (!ready()) return nullptr;
    count(EMOHOST_TRAP_ALLOCATE);
    return real.memalign(alignment, size);
}

EXPORTED void* reallocarray(void* memory, size_t items, size_t size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(items, size, &bytes)) {
        errno = ENOMEM;
        return nullptr;
    }
    return realloc(memory, bytes);
}

EXPORTED void* valloc(size_t size) { return memalign(static_cast<size_t>(sysconf(_SC_PAGESIZE)), size); }

EXPORTED void* pvalloc(size_t size) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return memalign(page, (size + page - 1) / page * page);
}

// --- operator new and delete: every form ends in one of these two
// ---------------------------------------------------

namespace {

void* allocate(size_t size, size_t alignment) {
    count(EMOHOST_TRAP_NEW);
    if (!ready()) return bootstrap_allocate(size);
    if (size == 0) size = 1;
    if (alignment <= alignof(max_align_t)) return real.malloc(size);
    void* memory = nullptr;
    return real.posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

void* allocate_or_throw(size_t size, size_t alignment) {
    void* memory = allocate(size, alignment);
    if (!memory) throw std::bad_alloc();
    return memory;
}

void release(void* memory) {
    count(EMOHOST_TRAP_DELETE);
    if (!in_bootstrap(memory) && ready()) real.free(memory);
}

}  // namespace

#define VISIBLE __attribute__((visibility("default")))
#define ALIGNED(a) static_cast<size_t>(a)
VISIBLE void* operator new(size_t n) { return allocate_or_throw(n, 1); }
VISIBLE void* operator new[](size_t n) { return allocate_or_throw(n, 1); }
VISIBLE void* operator new(size_t n, const std::nothrow_t&) noexcept { return allocate(n, 1); }
VISIBLE void* operator new[](size_t n, const std::nothrow_t&) noexcept { return allocate(n, 1); }
VISIBLE void* operator new(size_t n, std::align_val_t a) { return allocate_or_throw(n, ALIGNED(a)); }
VISIBLE void* operator new[](size_t n, std::align_val_t a) { return allocate_or_throw(n, ALIGNED(a)); }
VISIBLE void* operator new(size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate(n, ALIGNED(a));
}
VISIBLE void* operator new[](size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate(n, ALIGNED(a));
}
VISIBLE void operator delete(void* p) noexcept { release(p); }
VISIBLE void operator delete[](void* p) noexcept { release(p); }
VISIBLE void operator delete(void* p, size_t) noexcept { release(p); }
VISIBLE void operator delete[](void* p, size_t) noexcept { release(p); }
VISIBLE void operator delete(void* p, const std::nothrow_t&) noexcept { release(p); }
VISIBLE void operator delete[](void* p, const std::nothrow_t&) noexcept { release(p); }
VISIBLE void operator delete(void* p, std::align_val_t) noexcept { release(p); }
VISIBLE void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
VISIBLE void operator delete(void* p, size_t, std::align_val_t) noexcept { release(p); }
VISIBLE void operator delete[](void* p, size_t, std::align_val_t) noexcept { release(p); }
VISIBLE void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept { release(p); }
VISIBLE void operator delete[](void* p, std::align_val_t, const std::nothrow_t&) noexcept { release(p); }

// --- locks and waits
// -----------------------------------------------------------------------------------------------

// Defines `name` to count and to call the real one.
#define PASS_ON(kind, name, parameters, ...)                                                \
    EXPORTED int name parameters {                                                          \
        using Function = int(*) parameters;                                                 \
        static Function function = nullptr; /* a plain word: a guarded static would lock */ \
        if (!function) function = reinterpret_cast<Function>(next(#name));                  \
        count(kind);                                                                        \
        return function(__VA_ARGS__);                                                       \
    }

PASS_ON(EMOHOST_TRAP_LOCK, pthread_mutex_lock, (pthread_mutex_t * m), m)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_mutex_trylock, (pthread_mutex_t * m), m)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_mutex_timedlock, (pthread_mutex_t * m, const timespec* t), m, t)
PASS_ON(EMOHOST_TRAP_UNLOCK, pthread_mutex_unlock, (pthread_mutex_t * m), m)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_rdlock, (pthread_rwlock_t * l), l)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_wrlock, (pthread_rwlock_t * l), l)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_tryrdlock, (pthread_rwlock_t * l), l)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_trywrlock, (pthread_rwlock_t * l), l)
PASS_ON(EMOHOST_TRAP_UNLOCK, pthread_rwlock_unlock, (pthread_rwlock_t * l), l)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_spin_lock, (pthread_spinlock_t * l), l)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_spin_trylock, (pthread_spinlock_t * l), l)
PASS_ON(EMOHOST_TRAP_WAIT, pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t* m), c, m)
PASS_ON(EMOHOST_TRAP_WAIT, pthread_cond_timedwait,
        (pthread_cond_t * c, pthread_mutex_t* m, const timespec* t), c, m, t)
PASS_ON(EMOHOST_TRAP_WAIT, pthread_cond_clockwait,
        (pthread_cond_t * c, pthread_mutex_t* m, clockid_t k, const timespec* t), c, m, k, t)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_mutex_clocklock, (pthread_mutex_t * m, clockid_t k, const timespec* t), m,
        k, t)
PASS_ON(EMOHOST_TRAP_SIGNAL, pthread_cond_signal, (pthread_cond_t * c), c)
PASS_ON(EMOHOST_TRAP_SIGNAL, pthread_cond_broadcast, (pthread_cond_t * c), c)
PASS_ON(EMOHOST_TRAP_WAIT, sem_wait, (sem_t * s), s)
PASS_ON(EMOHOST_TRAP_WAIT, sem_trywait, (sem_t * s), s)
PASS_ON(EMOHOST_TRAP_SIGNAL, sem_post, (sem_t * s), s)
PASS_ON(EMOHOST_TRAP_WAIT, sem_timedwait, (sem_t * s, const timespec* t), s, t)
PASS_ON(EMOHOST_TRAP_WAIT, sem_clockwait, (sem_t * s, clockid_t k, const timespec* t), s, k, t)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_timedrdlock, (pthread_rwlock_t * l, const timespec* t), l, t)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_timedwrlock, (pthread_rwlock_t * l, const timespec* t), l, t)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_clockrdlock, (pthread_rwlock_t * l, clockid_t k, const timespec* t),
        l, k, t)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_rwlock_clockwrlock, (pthread_rwlock_t * l, clockid_t k, const timespec* t),
        l, k, t)
PASS_ON(EMOHOST_TRAP_UNLOCK, pthread_spin_unlock, (pthread_spinlock_t * l), l)
PASS_ON(EMOHOST_TRAP_WAIT, pthread_barrier_wait, (pthread_barrier_t * b), b)
PASS_ON(EMOHOST_TRAP_WAIT, pthread_join, (pthread_t t, void** result), t, result)
PASS_ON(EMOHOST_TRAP_LOCK, pthread_once, (pthread_once_t * o, void (*f)()), o, f)
PASS_ON(EMOHOST_TRAP_LOCK, mtx_lock, (mtx_t * m), m)
PASS_ON(EMOHOST_TRAP_LOCK, mtx_trylock, (mtx_t * m), m)
PASS_ON(EMOHOST_TRAP_LOCK, mtx_timedlock, (mtx_t * m, const timespec* t), m, t)
PASS_ON(EMOHOST_TRAP_UNLOCK, mtx_unlock, (mtx_t * m), m)
PASS_ON(EMOHOST_TRAP_WAIT, cnd_wait, (cnd_t * c, mtx_t* m), c, m)
PASS_ON(EMOHOST_TRAP_WAIT, cnd_timedwait, (cnd_t * c, mtx_t* m, const timespec* t), c, m, t)
PASS_ON(EMOHOST_TRAP_SIGNAL, cnd_signal, (cnd_t * c), c)
PASS_ON(EMOHOST_TRAP_SIGNAL, cnd_broadcast, (cnd_t * c), c)
// The first use of a static variable that is not constant.
PASS_ON(EMOHOST_TRAP_LOCK, __cxa_guard_acquire, (long long* guard), guard)
// Waits without an object.
PASS_ON(EMOHOST_TRAP_WAIT, nanosleep, (const timespec* t, timespec* left), t, left)
PASS_ON(EMOHOST_TRAP_WAIT, clock_nanosleep, (clockid_t k, int flags, const timespec* t, timespec* left), k,
        flags, t, left)
PASS_ON(EMOHOST_TRAP_WAIT, usleep, (useconds_t u), u)
PASS_ON(EMOHOST_TRAP_WAIT, sched_yield, ())
