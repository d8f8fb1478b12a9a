// Side B -> A: the ring of emotions, and the block of shared memory that holds one for a writer in another process.
// The writer's side is emohost.bridge.EmotionRing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/messages.h"
#include "core/rt/latest.h"
#include "core/rt/stamped_ring.h"

namespace emohost {

using EmotionRing = rt::StampedRing<EmotionMessage, 64>;

constexpr uint32_t kQueueMagic = 0x454d4f4c;  // "EMOL"
constexpr uint32_t kQueueVersion = 2;

// Who writes, for people.
struct QueueWriter {
    uint64_t process;  // its number
    char about[120];   // UTF-8, zero-terminated
};

// One writer at a time, kept so by a lock on the file that holds it (emohost/bridge/queues.py); any readers.
struct EmotionQueue {
    uint32_t magic;
    uint32_t version;
    uint64_t size;
    rt::Latest<QueueWriter> writer;
    EmotionRing ring;

    // Null where the memory holds a queue of this version; otherwise what is wrong, a static text.
    static const char* mistake(const void* memory, std::size_t bytes) noexcept;
    static EmotionQueue* format(void* memory, std::size_t bytes) noexcept;  // null if too small or misaligned
};

}  // namespace emohost
