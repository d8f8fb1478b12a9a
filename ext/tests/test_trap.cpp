// The trap fires: without this, a count of zero would prove nothing.
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <threads.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

#include "check.h"
#include "trap/trap.h"

namespace {

uint64_t all() {
    uint64_t sum = 0;
    for (int kind = 0; kind < EMOHOST_TRAP_KINDS; ++kind) sum += emohost_trap_count(kind);
    return sum;
}

void* volatile kept = nullptr;  // keeps the compiler from dropping an allocation that nobody uses

}  // namespace

TEST("each way to allocate or free is counted") {
    emohost_trap_arm();
    kept = std::malloc(16);
    kept = std::realloc(kept, 64);
    std::free(kept);
    kept = std::calloc(4, 4);
    std::free(kept);
    void* aligned = nullptr;
    const int failed = posix_memalign(&aligned, 64, 64);
    std::free(aligned);
    kept = std::aligned_alloc(64, 64);
    std::free(kept);
    emohost_trap_disarm();
    CHECK_EQ(failed, 0);
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_ALLOCATE), 5u);
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_FREE), 4u);
    CHECK_EQ(all(), 9u);
}

TEST("operator new and delete are counted, over-aligned and of arrays, too") {
    struct alignas(128) Wide {
        char bytes[128];
    };
    emohost_trap_arm();
    kept = ::operator new(16);
    ::operator delete(kept);
    kept = ::operator new[](16, std::nothrow);
    ::operator delete[](kept);
    Wide* wide = new Wide;
    kept = wide;
    delete wide;
    emohost_trap_disarm();
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_NEW), 3u);
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_DELETE), 3u);
    CHECK_EQ(all(), 6u);
}

TEST("mutexes, read-write locks and condition variables are counted") {
    std::mutex mutex;
    pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
    std::condition_variable condition;
    emohost_trap_arm();
    mutex.lock();
    mutex.unlock();
    const bool got = mutex.try_lock();
    mutex.unlock();
    pthread_rwlock_rdlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
    condition.notify_one();
    {
        std::unique_lock<std::mutex> lock(mutex);
        condition.wait_for(lock, std::chrono::milliseconds(0));
    }
    emohost_trap_disarm();
    CHECK(got);
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_LOCK), 4u);
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_UNLOCK), 4u);
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_SIGNAL), 1u);
    // wait_for() may use pthread_cond_clockwait, which is counted alike.
    CHECK_EQ(emohost_trap_count(EMOHOST_TRAP_WAIT), 1u);
}

namespace {

// What each of the calls is counted as, made one by one: the whole list of the trap.
struct Call {
    const char* name;
    emohost_trap_kind kind;
    void (*make)();
};

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
pthread_spinlock_t spin;
pthread_barrier_t barrier;
sem_t semaphore;
mtx_t c_mutex;
cnd_t c_condition;
const timespec kPast = {0, 0};
int with_guard();

const Call kCalls[] = {
    {"reallocarray", EMOHOST_TRAP_ALLOCATE, [] { kept = reallocarray(nullptr, 4, 4); }},
    {"memalign", EMOHOST_TRAP_ALLOCATE, [] { kept = memalign(64, 64); }},
    {"valloc", EMOHOST_TRAP_ALLOCATE, [] { kept = valloc(64); }},
    {"pvalloc", EMOHOST_TRAP_ALLOCATE, [] { kept = pvalloc(64); }},
    {"mutex_lock", EMOHOST_TRAP_LOCK, [] { pthread_mutex_lock(&mutex); }},
    {"mutex_trylock", EMOHOST_TRAP_LOCK, [] { pthread_mutex_trylock(&mutex); }},
    {"mutex_timedlock", EMOHOST_TRAP_LOCK, [] { pthread_mutex_timedlock(&mutex, &kPast); }},
    {"mutex_clocklock", EMOHOST_TRAP_LOCK, [] { pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &kPast); }},
    {"cond_timedwait", EMOHOST_TRAP_WAIT, [] { pthread_cond_timedwait(&condition, &mutex, &kPast); }},
    {"cond_clockwait", EMOHOST_TRAP_WAIT,
     [] { pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &kPast); }},
    {"cond_signal", EMOHOST_TRAP_SIGNAL, [] { pthread_cond_signal(&condition); }},
    {"cond_broadcast", EMOHOST_TRAP_SIGNAL, [] { pthread_cond_broadcast(&condition); }},
    {"mutex_unlock", EMOHOST_TRAP_UNLOCK, [] { pthread_mutex_unlock(&mutex); }},
    {"rwlock_rdlock", EMOHOST_TRAP_LOCK, [] { pthread_rwlock_rdlock(&rwlock); }},
    {"rwlock_tryrdlock", EMOHOST_TRAP_LOCK, [] { pthread_rwlock_tryrdlock(&rwlock); }},
    {"rwlock_unlock", EMOHOST_TRAP_UNLOCK, [] { pthread_rwlock_unlock(&rwlock); }},
    {"rwlock_timedrdlock", EMOHOST_TRAP_LOCK, [] { pthread_rwlock_timedrdlock(&rwlock, &kPast); }},
    {"rwlock_timedwrlock", EMOHOST_TRAP_LOCK, [] { pthread_rwlock_timedwrlock(&rwlock, &kPast); }},
    {"rwlock_clockrdlock", EMOHOST_TRAP_LOCK,
     [] { pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &kPast); }},
    {"rwlock_clockwrlock", EMOHOST_TRAP_LOCK,
     [] { pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &kPast); }},
    {"rwlock_trywrlock", EMOHOST_TRAP_LOCK, [] { pthread_rwlock_trywrlock(&rwlock); }},
    {"spin_lock", EMOHOST_TRAP_LOCK, [] { pthread_spin_lock(&spin); }},
    {"spin_trylock", EMOHOST_TRAP_LOCK, [] { pthread_spin_trylock(&spin); }},
    {"spin_unlock", EMOHOST_TRAP_UNLOCK, [] { pthread_spin_unlock(&spin); }},
    {"barrier_wait", EMOHOST_TRAP_WAIT, [] { pthread_barrier_wait(&barrier); }},
    {"sem_post", EMOHOST_TRAP_SIGNAL, [] { sem_post(&semaphore); }},
    {"sem_wait", EMOHOST_TRAP_WAIT, [] { sem_wait(&semaphore); }},
    {"sem_trywait", EMOHOST_TRAP_WAIT, [] { sem_trywait(&semaphore); }},
    {"sem_timedwait", EMOHOST_TRAP_WAIT, [] { sem_timedwait(&semaphore, &kPast); }},
    {"sem_clockwait", EMOHOST_TRAP_WAIT, [] { sem_clockwait(&semaphore, CLOCK_MONOTONIC, &kPast); }},
    {"mtx_lock", EMOHOST_TRAP_LOCK, [] { mtx_lock(&c_mutex); }},
    {"mtx_trylock", EMOHOST_TRAP_LOCK, [] { mtx_trylock(&c_mutex); }},
    {"mtx_timedlock", EMOHOST_TRAP_LOCK, [] { mtx_timedlock(&c_mutex, &kPast); }},
    {"cnd_timedwait", EMOHOST_TRAP_WAIT, [] { cnd_timedwait(&c_condition, &c_mutex, &kPast); }},
    {"cnd_signal", EMOHOST_TRAP_SIGNAL, [] { cnd_signal(&c_condition); }},
    {"cnd_broadcast", EMOHOST_TRAP_SIGNAL, [] { cnd_broadcast(&c_condition); }},
    {"mtx_unlock", EMOHOST_TRAP_UNLOCK, [] { mtx_unlock(&c_mutex); }},
    {"once", EMOHOST_TRAP_LOCK,
     [] {
         static pthread_once_t once = PTHREAD_ONCE_INIT;
         pthread_once(&once, [] {});
     }},
    {"guard of a static", EMOHOST_TRAP_LOCK, [] { with_guard(); }},
    {"nanosleep", EMOHOST_TRAP_WAIT, [] { nanosleep(&kPast, nullptr); }},
    {"clock_nanosleep", EMOHOST_TRAP_WAIT, [] { clock_nanosleep(CLOCK_MONOTONIC, 0, &kPast, nullptr); }},
    {"usleep", EMOHOST_TRAP_WAIT, [] { usleep(0); }},
    {"sched_yield", EMOHOST_TRAP_WAIT, [] { sched_yield(); }},
};

int with_guard() {
    static const int once =
        static_cast<int>(std::strlen(kCalls[0].name) + static_cast<std::size_t>(getpid()));
    return once;
}

}  // namespace

TEST("every call of the list is counted once, as what it is") {
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    pthread_barrier_init(&barrier, nullptr, 1);
    sem_init(&semaphore, 0, 0);
    mtx_init(&c_mutex, mtx_timed);
    cnd_init(&c_condition);
    for (const Call& call : kCalls) {
        emohost_trap_arm();
        call.make();
        emohost_trap_disarm();
        if (emohost_trap_count(call.kind) != 1 || all() != 1) std::printf("    %s\n", call.name);
        CHECK_EQ(emohost_trap_count(call.kind), 1u);
        CHECK_EQ(all(), 1u);
        if (call.kind == EMOHOST_TRAP_ALLOCATE) std::free(kept);
    }
}

TEST("an exception that is thrown is a heap call") {
    emohost_trap_arm();
    try {
        throw 1;
    } catch (int) {
    }
    emohost_trap_disarm();
    CHECK(emohost_trap_count(EMOHOST_TRAP_ALLOCATE) >= 1u);
}

TEST("nothing is counted while disarmed, nor what another thread does") {
    emohost_trap_arm();
    emohost_trap_disarm();
    kept = std::malloc(16);
    std::free(kept);
    CHECK_EQ(all(), 0u);
    std::atomic<uint64_t> elsewhere{1};
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) {
            kept = std::malloc(16);
            std::free(kept);
        }
        elsewhere = all();
    });
    emohost_trap_arm();
    while (elsewhere == 1) {  // a yield would be counted
    }
    emohost_trap_disarm();
    other.join();
    CHECK_EQ(elsewhere.load(), 0u);
    CHECK_EQ(all(), 0u);
}
