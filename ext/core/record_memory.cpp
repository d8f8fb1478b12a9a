// The memory of a recording, and its reader's side.
#include <algorithm>
#include <cstring>
#include <new>

#include "core/record.h"

namespace emohost {

RecordMemory* RecordMemory::valid(void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < sizeof(RecordMemory) || reinterpret_cast<std::uintptr_t>(memory) % 64)
        return nullptr;
    auto* record = static_cast<RecordMemory*>(memory);
    const bool fits = record->capacity > 0 && record->capacity <= bytes - sizeof(RecordMemory);
    return record->magic == kRecordMagic && record->version == kRecordVersion && fits ? record : nullptr;
}

RecordMemory* RecordMemory::format(void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < sizeof(RecordMemory) + 4096 || reinterpret_cast<std::uintptr_t>(memory) % 64)
        return nullptr;
    auto* record = new (memory) RecordMemory;
    record->capacity = (bytes - sizeof(RecordMemory)) & ~uint64_t{7};
    record->stopped.store(0, std::memory_order_relaxed);
    record->head.store(0, std::memory_order_relaxed);
    record->lost.store(0, std::memory_order_relaxed);
    record->tail.store(0, std::memory_order_relaxed);
    record->version = kRecordVersion;
    record->magic = kRecordMagic;
    return record;
}

std::size_t RecordMemory::read(unsigned char* to, std::size_t room) noexcept {
    const uint64_t from = tail.load(std::memory_order_relaxed);
    const uint64_t until = head.load(std::memory_order_acquire);
    const uint64_t there = until - from;
    if (there == 0 || there > room || there > capacity) return 0;
    const uint64_t place = from % capacity, first = std::min<uint64_t>(there, capacity - place);
    std::memcpy(to, ring() + place, first);
    std::memcpy(to + first, ring(), there - first);
    tail.store(until, std::memory_order_release);
    return static_cast<std::size_t>(there);
}

}  // namespace emohost
