// Side B's ring against a real reader: nothing torn, order kept, losses counted, whatever becomes of the writer.
// EMOHOST_WRITES sets how many messages the long tests send (`make ring`: ten million).
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

#include "check.h"
#include "core/emotion_ring.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#endif

namespace {

using emohost::EmotionMessage;
using emohost::EmotionQueue;
using emohost::EmotionRing;
using emohost::kEmbedding;

uint64_t writes() {
    const char* asked = std::getenv("EMOHOST_WRITES");
    return asked ? std::strtoull(asked, nullptr, 10) : 100000;
}

// Every word tells which message it belongs to.
EmotionMessage make(uint64_t number) {
    EmotionMessage message;
    for (int i = 0; i < kEmbedding; ++i) message.embedding[i] = static_cast<float>((number + i) % 8388608);
    message.weight = static_cast<float>(number % 8388593);
    message.ttl_s = static_cast<float>(number % 8388587);
    message.written_ns = number;
    message.withheld = static_cast<uint32_t>(3 * number);
    message.unused = static_cast<uint32_t>(5 * number);
    return message;
}

bool whole(const EmotionMessage& message) {
    const EmotionMessage expected = make(message.written_ns);
    return std::memcmp(&expected, &message, sizeof message) == 0;
}

struct Seen {
    uint64_t count = 0;
    uint64_t wrong = 0;         // not what was written
    uint64_t out_of_order = 0;  // not newer than the one before
    uint64_t last = 0;

    void look(const EmotionMessage& message) {
        ++count;
        wrong += whole(message) ? 0 : 1;
        out_of_order += message.written_ns > last ? 0 : 1;
        last = message.written_ns;
    }
};

std::unique_ptr<EmotionRing> new_ring() {
    auto ring = std::make_unique<EmotionRing>();
    ring->clear();
    return ring;
}

}  // namespace

TEST("a reader gets what was written, in order, through many turns") {
    auto ring = new_ring();
    EmotionRing::Reader reader(ring.get());
    EmotionMessage message;
    CHECK(!reader.take(&message));
    Seen seen;
    for (uint64_t n = 1; n <= 1000; ++n) {
        CHECK_EQ(ring->write(make(n)), n);
        CHECK(reader.take(&message));
        seen.look(message);
        CHECK(!reader.take(&message));
    }
    CHECK_EQ(seen.count, 1000u);
    CHECK_EQ(seen.wrong + seen.out_of_order, 0u);
    CHECK_EQ(reader.lost() + reader.torn(), 0u);
}

TEST("the newest overwrite the oldest, and the reader counts what it lost") {
    auto ring = new_ring();
    EmotionRing::Reader reader(ring.get());
    const uint64_t many = 3 * EmotionRing::capacity() + 5;
    for (uint64_t n = 1; n <= many; ++n) ring->write(make(n));
    EmotionMessage message;
    Seen seen;
    while (reader.take(&message)) seen.look(message);
    CHECK_EQ(seen.count, static_cast<uint64_t>(EmotionRing::capacity()));
    CHECK_EQ(seen.last, many);
    CHECK_EQ(reader.lost(), many - EmotionRing::capacity());
    CHECK_EQ(seen.wrong + seen.out_of_order, 0u);
}

TEST("a reader that comes late begins with what is still there, and two readers do not disturb each other") {
    auto ring = new_ring();
    for (uint64_t n = 1; n <= 100; ++n) ring->write(make(n));
    EmotionRing::Reader first(ring.get()), second(ring.get());
    EmotionMessage message;
    CHECK(first.take(&message));
    CHECK_EQ(message.written_ns, 100 - EmotionRing::capacity() + 1u);
    while (first.take(&message)) {
    }
    CHECK(second.take(&message));
    CHECK_EQ(message.written_ns, 100 - EmotionRing::capacity() + 1u);
    CHECK_EQ(first.lost() + second.lost(), 0u);
}

TEST("a writer that died half-way left nothing to read, and the next one goes on where it was") {
    for (std::size_t cut = 0; cut < sizeof(EmotionRing); cut += 64) {
        // Its half, at whatever place: the message after the last complete one with only part of it written.
        auto half = new_ring();
        for (uint64_t n = 1; n <= 70; ++n) half->write(make(n));
        auto next = new_ring();
        std::memcpy(static_cast<void*>(next.get()), half.get(), sizeof(EmotionRing));
        next->write(make(71));
        // All of the slot up to `cut`, but not the head, which is written last.
        constexpr std::size_t kHead = 64;
        if (cut > kHead)
            std::memcpy(reinterpret_cast<char*>(half.get()) + kHead,
                        reinterpret_cast<char*>(next.get()) + kHead, cut - kHead);
        EmotionRing::Reader reader(half.get());
        EmotionMessage message;
        Seen seen;
        while (reader.take(&message)) seen.look(message);
        CHECK_EQ(seen.last, 70u);
        CHECK_EQ(half->write(make(71)), 71u);
        CHECK(reader.take(&message));
        seen.look(message);
        CHECK_EQ(seen.last, 71u);
        CHECK_EQ(seen.wrong + seen.out_of_order, 0u);
    }
}

TEST("what somebody else scribbled into a slot is counted, not given out") {
    auto ring = new_ring();
    for (uint64_t n = 1; n <= 3; ++n) ring->write(make(n));
    char* bytes = reinterpret_cast<char*>(ring.get());
    constexpr std::size_t kSlot = (sizeof(EmotionRing) - 64) / EmotionRing::capacity();
    bytes[64 + 2 * kSlot + 40] ^= 1;  // one bit of message 2
    EmotionRing::Reader reader(ring.get());
    EmotionMessage message;
    Seen seen;
    while (reader.take(&message)) seen.look(message);
    CHECK_EQ(seen.count, 2u);
    CHECK_EQ(seen.wrong, 0u);
    CHECK_EQ(reader.torn(), 1u);
}

TEST("a ring of noise gives nothing and never hangs, and one that begins anew is followed") {
    auto ring = new_ring();
    uint32_t random = 7;
    for (int turn = 0; turn < 200; ++turn) {
        EmotionRing::Reader reader(ring.get());
        auto* bytes = reinterpret_cast<unsigned char*>(ring.get());
        for (std::size_t i = 0; i < sizeof(EmotionRing); ++i) {
            random = random * 1664525u + 1013904223u;
            bytes[i] = static_cast<unsigned char>(random >> 24);
        }
        EmotionMessage message;
        int taken = 0;
        for (int i = 0; i < 10; ++i) taken += reader.take(&message) ? 1 : 0;
        CHECK_EQ(taken, 0);
        ring->clear();
        CHECK(!reader.take(&message));
        ring->write(make(1));
        ring->write(make(2));
        CHECK(reader.take(&message) && whole(message));
    }
}

TEST("a queue says what is wrong with it") {
    struct Memory {
        alignas(64) unsigned char bytes[sizeof(EmotionQueue) + 64];
    };
    auto memory = std::make_unique<Memory>();
    std::memset(memory->bytes, 0, sizeof memory->bytes);
    const auto mistake = [&](std::size_t size) {
        const char* text = EmotionQueue::mistake(memory->bytes, size);
        return std::string(text ? text : "");
    };
    CHECK_EQ(mistake(8), "too short to hold a ring of emotions");
    CHECK_EQ(mistake(sizeof(EmotionQueue)), "no ring of emotions");
    CHECK(EmotionQueue::format(memory->bytes, sizeof(EmotionQueue) - 1) == nullptr);
    EmotionQueue* queue = EmotionQueue::format(memory->bytes, sizeof(EmotionQueue));
    CHECK(queue != nullptr);
    CHECK_EQ(mistake(sizeof(EmotionQueue)), "");
    CHECK_EQ(mistake(sizeof(EmotionQueue) + 64), "a ring of emotions of another size");
    queue->version += 1;
    CHECK_EQ(mistake(sizeof(EmotionQueue)), "a ring of emotions of another version of emohost");
}

TEST("two threads: none torn, order kept, taken and lost are all that was written") {
    auto ring = new_ring();
    const uint64_t many = writes();
    std::atomic<bool> done{false};
    EmotionRing::Reader reader(
        ring.get());  // before the first: one that comes later begins with what is left
    std::thread writer([&] {
        for (uint64_t n = 1; n <= many; ++n) {
            ring->write(make(n));
            if (n % 16 == 0)
                std::this_thread::yield();  // else a reader on the same core would see next to nothing
        }
        done.store(true, std::memory_order_release);
    });
    Seen seen;
    EmotionMessage message;
    for (bool last = false;;) {
        if (reader.take(&message)) {
            seen.look(message);
        } else if (last) {
            break;
        } else {
            last = done.load(std::memory_order_acquire);
            if (!last) std::this_thread::yield();
        }
    }
    writer.join();
    CHECK_EQ(seen.wrong, 0u);
    CHECK_EQ(seen.out_of_order, 0u);
    CHECK_EQ(reader.torn(), 0u);
    CHECK_EQ(seen.last, many);
    CHECK_EQ(reader.taken() + reader.lost(), many);
    CHECK(reader.taken() > EmotionRing::capacity());
    std::printf("      %llu written, %llu taken, %llu lost\n", static_cast<unsigned long long>(many),
                static_cast<unsigned long long>(reader.taken()),
                static_cast<unsigned long long>(reader.lost()));
}

#if !defined(_WIN32)
TEST("writers killed at random and replaced: none torn, order kept, all accounted for") {
    void* memory =
        mmap(nullptr, sizeof(EmotionRing), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    if (memory == MAP_FAILED) return;
    EmotionRing* ring = new (memory) EmotionRing;
    ring->clear();
    EmotionRing::Reader reader(ring);
    const uint64_t many = writes();
    Seen seen;
    EmotionMessage message;
    uint32_t random = 1;
    constexpr int kLeastKilled = 5;
    int killed = 0;
    // One alone may write them all before it is seen.
    while (ring->written() < many || killed < kLeastKilled) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child < 0) break;
        if (child == 0) {
            for (uint64_t n = 1;; ++n) {
                ring->write(make(ring->written() + 1));
                if (n % 256 == 0) std::this_thread::yield();
            }
        }
        random = random * 1664525u + 1013904223u;
        const uint64_t until = ring->written() + 1 + (random >> 8) % std::max<uint64_t>(many / 40, 1);
        while (ring->written() < until) {
            while (reader.take(&message)) seen.look(message);
            std::this_thread::yield();
        }
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        ++killed;
        while (reader.take(&message)) seen.look(message);
    }
    CHECK_EQ(seen.wrong, 0u);
    CHECK_EQ(seen.out_of_order, 0u);
    CHECK_EQ(reader.torn(), 0u);
    CHECK_EQ(seen.last, ring->written());
    CHECK_EQ(reader.taken() + reader.lost(), ring->written());
    std::printf("      %d writers killed; %llu written, %llu taken, %llu lost\n", killed,
                static_cast<unsigned long long>(ring->written()),
                static_cast<unsigned long long>(reader.taken()),
                static_cast<unsigned long long>(reader.lost()));
    munmap(memory, sizeof(EmotionRing));
}
#endif
