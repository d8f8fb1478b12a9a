#include "core/emotion_ring.h"

#include <cstring>
#include <new>

namespace emohost {

namespace {

bool fits(const void* memory, std::size_t bytes) {
    return memory && bytes >= sizeof(EmotionQueue) &&
           reinterpret_cast<std::uintptr_t>(memory) % alignof(EmotionQueue) == 0;
}

}  // namespace

const char* EmotionQueue::mistake(const void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < offsetof(EmotionQueue, writer)) return "too short to hold a ring of emotions";
    const EmotionQueue* queue = static_cast<const EmotionQueue*>(memory);
    if (queue->magic != kQueueMagic) return "no ring of emotions";
    if (queue->version != kQueueVersion) return "a ring of emotions of another version of emohost";
    if (queue->size != sizeof(EmotionQueue) || bytes != queue->size)
        return "a ring of emotions of another size";
    return fits(memory, bytes) ? nullptr : "at an address that is no multiple of 64";
}

EmotionQueue* EmotionQueue::format(void* memory, std::size_t bytes) noexcept {
    if (!fits(memory, bytes)) return nullptr;
    std::memset(memory, 0, sizeof(EmotionQueue));
    EmotionQueue* queue = new (memory) EmotionQueue;
    queue->writer.clear();
    queue->ring.clear();
    queue->version = kQueueVersion;
    queue->size = sizeof(EmotionQueue);
    queue->magic = kQueueMagic;
    return queue;
}

}  // namespace emohost
