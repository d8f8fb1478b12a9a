// Single-producer single-consumer ring of plain structs, wait-free on both sides, fit for shared memory.
// A full ring drops and counts; it never waits. One thread (or process) may push, one may pop.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace emohost::rt {

template <typename T, uint32_t Capacity>
class Ring {
    static_assert((Capacity & (Capacity - 1)) == 0, "capacity is a power of two");
    static_assert(std::is_trivially_copyable_v<T>, "slots are plain structs");
    static_assert(std::atomic<uint64_t>::is_always_lock_free, "64-bit atomics are lock-free");

  public:
    static constexpr uint32_t capacity() noexcept { return Capacity; }

    // Producer. False, and one more in dropped(), when the ring is full.
    bool push(const T& item) noexcept {
        const uint64_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_.load(std::memory_order_acquire) >= Capacity) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        slots_[head & (Capacity - 1)] = item;
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

    // Producer. True when push() would drop.
    bool full() const noexcept {
        return head_.load(std::memory_order_relaxed) - tail_.load(std::memory_order_acquire) >= Capacity;
    }

    // Consumer. False when the ring is empty.
    bool pop(T* item) noexcept {
        const uint64_t tail = tail_.load(std::memory_order_relaxed);
        if (tail == head_.load(std::memory_order_acquire)) return false;
        *item = slots_[tail & (Capacity - 1)];
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

    // Consumer. The oldest, which stays until it is popped; null when the ring is empty.
    const T* front() const noexcept {
        const uint64_t tail = tail_.load(std::memory_order_relaxed);
        return tail == head_.load(std::memory_order_acquire) ? nullptr : &slots_[tail & (Capacity - 1)];
    }

    // Either side: how many were pushed and popped so far; exact only for its own.
    uint64_t pushed() const noexcept { return head_.load(std::memory_order_acquire); }
    uint64_t popped() const noexcept { return tail_.load(std::memory_order_acquire); }

    // Either side; exact only for its own index.
    uint32_t size() const noexcept {
        const uint64_t tail = tail_.load(std::memory_order_acquire);
        return static_cast<uint32_t>(head_.load(std::memory_order_acquire) - tail);
    }
    uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

    // Only while neither side is running.
    void clear() noexcept {
        head_.store(0, std::memory_order_relaxed);
        tail_.store(0, std::memory_order_relaxed);
        dropped_.store(0, std::memory_order_release);
    }

  private:
    alignas(64) std::atomic<uint64_t> head_;
    std::atomic<uint64_t> dropped_;
    alignas(64) std::atomic<uint64_t> tail_;
    alignas(64) T slots_[Capacity];
};

}  // namespace emohost::rt
