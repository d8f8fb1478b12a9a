// The rings under two real threads and two real processes: in order, complete, overflow counted, nothing
// torn.
#include <atomic>
#include <memory>
#include <thread>

#include "check.h"
#include "core/rt/latest.h"
#include "core/rt/ring.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

using emohost::rt::Latest;
using emohost::rt::Ring;

// Larger than a word, and its parts tell when it is torn.
struct Item {
    uint64_t number;
    uint64_t copies[6];
    uint64_t check;
};

Item make(uint64_t number) {
    Item item{number, {}, ~number};
    for (uint64_t& copy : item.copies) copy = number;
    return item;
}

bool whole(const Item& item) {
    for (uint64_t copy : item.copies) {
        if (copy != item.number) return false;
    }
    return item.check == ~item.number;
}

using Small = Ring<Item, 8>;
constexpr uint64_t kItems = 200000;

// Pushes kItems, each once, or again and again until there is room.
void produce(Small& ring, bool insist) {
    for (uint64_t i = 0; i < kItems; ++i) {
        while (!ring.push(make(i)) && insist) std::this_thread::yield();
    }
}

struct Consumed {
    uint64_t count = 0;
    uint64_t out_of_order = 0;
    uint64_t torn = 0;
};

// Pops until `done` was seen and the ring is empty.
template <typename Done>
Consumed consume(Small& ring, Done done) {
    Consumed seen;
    uint64_t next = 0;
    for (bool last = false;;) {
        Item item;
        if (ring.pop(&item)) {
            ++seen.count;
            seen.torn += whole(item) ? 0 : 1;
            seen.out_of_order += item.number < next ? 1 : 0;
            next = item.number + 1;
        } else if (last) {
            return seen;
        } else {
            last = done();
            if (!last) std::this_thread::yield();
        }
    }
}

}  // namespace

TEST("a ring gives back what was pushed, in order, through many turns") {
    Ring<int, 4> ring{};
    ring.clear();
    int value = 0;
    CHECK(!ring.pop(&value));
    for (int i = 0; i < 1000; ++i) {
        CHECK(ring.push(2 * i));
        CHECK(ring.push(2 * i + 1));
        CHECK_EQ(ring.size(), 2u);
        CHECK(ring.pop(&value));
        CHECK_EQ(value, 2 * i);
        CHECK(ring.pop(&value));
        CHECK_EQ(value, 2 * i + 1);
    }
    CHECK_EQ(ring.dropped(), 0u);
}

TEST("a full ring drops the new item, counts it, and keeps the old ones") {
    Ring<int, 4> ring{};
    ring.clear();
    for (int i = 0; i < 4; ++i) CHECK(ring.push(i));
    CHECK(ring.full());
    CHECK(!ring.push(99));
    CHECK(!ring.push(99));
    CHECK_EQ(ring.dropped(), 2u);
    int value = -1;
    for (int i = 0; i < 4; ++i) {
        CHECK(ring.pop(&value));
        CHECK_EQ(value, i);
    }
    CHECK(!ring.pop(&value));
    CHECK(!ring.full());
}

TEST("two threads: everything arrives whole and in order when the producer insists") {
    auto ring = std::make_unique<Small>();
    ring->clear();
    std::atomic<bool> done{false};
    std::thread producer([&] {
        produce(*ring, true);
        done.store(true, std::memory_order_release);
    });
    const Consumed seen = consume(*ring, [&] { return done.load(std::memory_order_acquire); });
    producer.join();
    CHECK_EQ(seen.count, kItems);
    CHECK_EQ(seen.out_of_order, 0u);
    CHECK_EQ(seen.torn, 0u);
}

TEST("two threads: what a full ring refuses is counted, and arrived + dropped = sent") {
    auto ring = std::make_unique<Small>();
    ring->clear();
    std::atomic<bool> done{false};
    std::thread producer([&] {
        produce(*ring, false);
        done.store(true, std::memory_order_release);
    });
    const Consumed seen = consume(*ring, [&] { return done.load(std::memory_order_acquire); });
    producer.join();
    CHECK_EQ(seen.count + ring->dropped(), kItems);
    CHECK_EQ(seen.out_of_order, 0u);
    CHECK_EQ(seen.torn, 0u);
}

TEST("two threads that come in bursts of any length: all is whole, in order, and accounted for") {
    for (uint32_t seed = 1; seed <= 4; ++seed) {
        auto ring = std::make_unique<Small>();
        ring->clear();
        std::atomic<bool> done{false};
        constexpr uint64_t kSent = kItems / 16;
        std::thread producer([&] {
            uint32_t random = seed;
            for (uint64_t i = 0; i < kSent;) {
                random = random * 1664525u + 1013904223u;
                for (uint32_t burst = random >> 28; burst > 0 && i < kSent; --burst) ring->push(make(i++));
                if (random >> 24 & 1) std::this_thread::yield();
            }
            done.store(true, std::memory_order_release);
        });
        uint64_t count = 0, torn = 0, back = 0, next = 0;
        uint32_t random = ~seed;
        for (bool last = false; !last;) {
            last = done.load(std::memory_order_acquire);
            random = random * 1664525u + 1013904223u;
            Item item;
            for (uint32_t burst = last ? ring->capacity() : random >> 28; burst > 0 && ring->pop(&item);
                 --burst) {
                ++count;
                torn += whole(item) ? 0 : 1;
                back += item.number < next ? 1 : 0;
                next = item.number + 1;
            }
            if (random >> 24 & 1) std::this_thread::yield();
        }
        producer.join();
        CHECK_EQ(count + ring->dropped(), kSent);
        CHECK_EQ(torn, 0u);
        CHECK_EQ(back, 0u);
    }
}

TEST("two threads: the latest value is never torn and never goes back") {
    auto latest = std::make_unique<Latest<Item>>();
    latest->clear();
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (uint64_t i = 0; i < kItems; ++i) latest->store(make(i));
        done.store(true, std::memory_order_release);
    });
    uint64_t newest = 0, torn = 0, back = 0;
    while (!done.load(std::memory_order_acquire)) {
        Item item;
        if (!latest->load(&item)) continue;
        torn += whole(item) ? 0 : 1;
        back += item.number < newest ? 1 : 0;
        newest = item.number;
    }
    writer.join();
    Item item{};
    CHECK(latest->load(&item));
    CHECK_EQ(item.number, kItems - 1);
    CHECK_EQ(torn, 0u);
    CHECK_EQ(back, 0u);
}

#if !defined(_WIN32)
TEST("two processes share one ring: everything arrives whole and in order") {
    struct Both {
        Small ring;
        std::atomic<bool> done;
    };
    void* memory = mmap(nullptr, sizeof(Both), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    if (memory == MAP_FAILED) return;
    Both* both = new (memory) Both;
    both->ring.clear();
    both->done.store(false);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        produce(both->ring, true);
        both->done.store(true, std::memory_order_release);
        _exit(0);
    }
    int status = 0;
    bool ended = false;  // the child may be killed: then nobody sets `done`
    const Consumed seen = consume(both->ring, [&] {
        if (!ended && waitpid(child, &status, WNOHANG) == child) ended = true;
        return both->done.load(std::memory_order_acquire) || ended;
    });
    if (!ended) waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    CHECK_EQ(seen.count, kItems);
    CHECK_EQ(seen.out_of_order, 0u);
    CHECK_EQ(seen.torn, 0u);
    munmap(memory, sizeof(Both));
}
#endif
