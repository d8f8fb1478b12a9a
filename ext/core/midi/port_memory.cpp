#include "core/midi/port_memory.h"

#include <cstring>
#include <new>

namespace emohost::midi {

namespace {

bool aligned(const void* memory) {
    return reinterpret_cast<std::uintptr_t>(memory) % alignof(PortMemory) == 0;
}

}  // namespace

bool PortMemory::valid(const void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < sizeof(PortMemory) || !aligned(memory)) return false;
    const auto* port = static_cast<const PortMemory*>(memory);
    return port->magic == kPortMagic && port->version == kPortVersion && port->size == sizeof(PortMemory);
}

PortMemory* PortMemory::format(void* memory, std::size_t bytes) noexcept {
    if (!memory || bytes < sizeof(PortMemory) || !aligned(memory)) return nullptr;
    std::memset(memory, 0, sizeof(PortMemory));  // zero is the empty ring, and the start of every count
    auto* port = new (memory) PortMemory;
    port->version = kPortVersion;
    port->size = sizeof(PortMemory);
    port->magic = kPortMagic;
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return port;
}

}  // namespace emohost::midi
