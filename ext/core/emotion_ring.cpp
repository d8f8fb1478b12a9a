#include "core/emotion_ring.h"

#include <cstring>
#include <new>

namespace emohost {

namespace {

bool fits(const void* memory, std::size_t bytes) {
    return memory && bytes >= sizeof(EmotionLane) &&
           reinterpret_cast<std::uintptr_t>(memory) % alignof(EmotionLane) == 0;
}

}  // namespace

const char* EmotionLane::mistake(const void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < offsetof(EmotionLane, writer)) return "too short to hold a ring of emotions";
    const EmotionLane* lane = static_cast<const EmotionLane*>(memory);
    if (lane->magic != kLaneMagic) return "no ring of emotions";
    if (lane->version != kLaneVersion) return "a ring of emotions of another version of emohost";
    if (lane->size != sizeof(EmotionLane) || bytes != lane->size) return "a ring of emotions of another size";
    return fits(memory, bytes) ? nullptr : "at an address that is no multiple of 64";
}

EmotionLane* EmotionLane::format(void* memory, std::size_t bytes) noexcept {
    if (!fits(memory, bytes)) return nullptr;
    std::memset(memory, 0, sizeof(EmotionLane));
    EmotionLane* lane = new (memory) EmotionLane;
    lane->writer.clear();
    lane->ring.clear();
    lane->version = kLaneVersion;
    lane->size = sizeof(EmotionLane);
    lane->magic = kLaneMagic;
    return lane;
}

}  // namespace emohost
