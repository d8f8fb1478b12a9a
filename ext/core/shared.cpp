#include "core/shared.h"

#include <cstring>
#include <initializer_list>

namespace emohost {

namespace {

bool aligned(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % alignof(Shared) == 0; }

}  // namespace

bool Shared::valid(const void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < sizeof(Shared) || !aligned(memory)) return false;
    const Shared* shared = static_cast<const Shared*>(memory);
    return shared->magic == kSharedMagic && shared->version == kSharedVersion &&
           shared->size == sizeof(Shared);
}

Shared* Shared::format(void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < sizeof(Shared) || !aligned(memory)) return nullptr;
    std::memset(memory, 0, sizeof(Shared));
    Shared* shared = new (memory) Shared;
    shared->clear();
    shared->version = kSharedVersion;
    shared->size = sizeof(Shared);
    shared->magic = kSharedMagic;
    return shared;
}

void Shared::clear() noexcept {
    blocks.store(0, std::memory_order_relaxed);
    first_sound_frame.store(kNoFrame, std::memory_order_relaxed);
    time.clear();
    for (std::atomic<uint64_t>* count :
         {&emotion_taken, &emotion_lost, &emotion_torn, &emotion_stale, &input_taken, &input_refused}) {
        count->store(0, std::memory_order_relaxed);
    }
    emotion_share.store(0.0f, std::memory_order_relaxed);
    continuation.clear();
    emotion.clear();
    command.clear();
    input.clear();
    event.clear();
    telemetry.clear();
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace emohost
