// The newest value of a plain struct, one writer, any readers, no waiting for the writer (a sequence lock
// whose payload is atomic words, so that a torn read is defined and detected).
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace emohost::rt {

template <typename T>
class Latest {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(uint64_t) == 0, "whole 64-bit words");
    static constexpr int kWords = sizeof(T) / sizeof(uint64_t);

  public:
    // Writer. Wait-free.
    void store(const T& value) noexcept {
        uint64_t words[kWords];
        std::memcpy(words, &value, sizeof(T));
        // Even, also after a writer that died in the middle and left it odd.
        const uint64_t sequence = sequence_.load(std::memory_order_relaxed) & ~uint64_t{1};
        sequence_.store(sequence + 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        for (int i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_relaxed);
        sequence_.store(sequence + 2, std::memory_order_release);
    }

    // Reader. False when nothing was stored yet, or the writer was (or died) in the middle for all of the
    // tries.
    bool load(T* value, int tries = 8) const noexcept {
        for (; tries > 0; --tries) {
            const uint64_t before = sequence_.load(std::memory_order_acquire);
            if (before == 0) return false;
            if (before & 1) continue;
            uint64_t words[kWords];
            for (int i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (sequence_.load(std::memory_order_relaxed) != before) continue;
            std::memcpy(value, words, sizeof(T));
            return true;
        }
        return false;
    }

    // Only while no writer is running.
    void clear() noexcept { sequence_.store(0, std::memory_order_release); }

  private:
    alignas(64) std::atomic<uint64_t> sequence_;
    std::atomic<uint64_t> words_[kWords];
};

}  // namespace emohost::rt
