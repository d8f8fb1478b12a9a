// The trap fires: without this, a count of zero would prove nothing.
#include <pthread.h>

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
    while (elsewhere == 1) std::this_thread::yield();
    emohost_trap_disarm();
    other.join();
    CHECK_EQ(elsewhere.load(), 0u);
    CHECK_EQ(all(), 0u);
}
