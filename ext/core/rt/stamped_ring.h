// Single-producer ring of plain structs for a writer that may die at any instruction and be replaced. The writer never
// waits and never looks at its readers: a message that nobody has read in time is overwritten by a newer one. Readers
// write nothing, so that they may map the ring read-only; each keeps its own place and its own counts.
//
// Messages are numbered 1, 2, 3 ... Message n lies in slot n mod Capacity, under the stamp 2n; while it is being
// written the stamp is 2n - 1. `head` is the newest that is complete. A writer that dies half-way leaves `head` where
// it was, so its half is never looked at, and the next writer begins with the same number. The digest tells what
// stamps cannot: that two writers were at one slot, or that somebody else wrote there.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace emohost::rt {

template <typename T, uint32_t Capacity>
class StampedRing {
    static_assert((Capacity & (Capacity - 1)) == 0, "capacity is a power of two");
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(uint64_t) == 0, "whole 64-bit words");
    static_assert(std::atomic<uint64_t>::is_always_lock_free, "64-bit atomics are lock-free");
    static constexpr int kWords = sizeof(T) / sizeof(uint64_t);

  public:
    static constexpr uint32_t capacity() noexcept { return Capacity; }

    // Writer. Wait-free. Returns the message's number.
    uint64_t write(const T& item) noexcept {
        uint64_t words[kWords];
        std::memcpy(words, &item, sizeof(T));
        const uint64_t number = head_.load(std::memory_order_relaxed) + 1;
        Slot& slot = slots_[number & (Capacity - 1)];
        slot.stamp.store(2 * number - 1, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        for (int i = 0; i < kWords; ++i) slot.words[i].store(words[i], std::memory_order_relaxed);
        slot.digest.store(digest(words, number), std::memory_order_relaxed);
        slot.stamp.store(2 * number, std::memory_order_release);
        head_.store(number, std::memory_order_release);
        return number;
    }

    // Any side. Messages so far.
    uint64_t written() const noexcept { return head_.load(std::memory_order_acquire); }

    // Only while neither side is running.
    void clear() noexcept {
        for (Slot& slot : slots_) slot.stamp.store(0, std::memory_order_relaxed);
        head_.store(0, std::memory_order_release);
    }

    // One thread. Wait-free, real-time safe. taken + lost + torn is the number of the last message looked at, less
    // those that were overwritten before the reader came.
    class Reader {
      public:
        // Begins with the oldest message that is still there.
        explicit Reader(const StampedRing* ring = nullptr) noexcept : ring_(ring) {
            if (ring && ring->written() >= Capacity) next_ = ring->written() - Capacity + 1;
        }

        // The next whole message. False when there is none.
        bool take(T* item) noexcept {
            for (uint32_t tries = 0; ring_ && tries <= Capacity; ++tries) {
                const uint64_t head = ring_->written();
                if (next_ > head) {
                    next_ = head + 1;  // it can only be further back if the ring began anew
                    return false;
                }
                if (head - next_ >= Capacity) {
                    lost_ += head - Capacity + 1 - next_;
                    next_ = head - Capacity + 1;
                }
                const uint64_t number = next_++;
                if (read(number, item)) {
                    ++taken_;
                    return true;
                }
            }
            return false;
        }

        uint64_t next() const noexcept { return next_; }    // number of the message to be taken next
        uint64_t taken() const noexcept { return taken_; }  // given out
        uint64_t lost() const noexcept { return lost_; }    // overwritten before they could be read
        uint64_t torn() const noexcept { return torn_; }    // not what one writer wrote; not given out

      private:
        bool read(uint64_t number, T* item) noexcept {
            const Slot& slot = ring_->slots_[number & (Capacity - 1)];
            uint64_t words[kWords];
            const uint64_t before = slot.stamp.load(std::memory_order_acquire);
            for (int i = 0; i < kWords; ++i) words[i] = slot.words[i].load(std::memory_order_relaxed);
            const uint64_t expected = slot.digest.load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (before != 2 * number || slot.stamp.load(std::memory_order_relaxed) != before) {
                ++lost_;
                return false;
            }
            if (digest(words, number) != expected) {
                ++torn_;
                return false;
            }
            std::memcpy(item, words, sizeof(T));
            return true;
        }

        const StampedRing* ring_;
        uint64_t next_ = 1;
        uint64_t taken_ = 0;
        uint64_t lost_ = 0;
        uint64_t torn_ = 0;
    };

  private:
    struct alignas(64) Slot {
        std::atomic<uint64_t> stamp;
        std::atomic<uint64_t> digest;
        std::atomic<uint64_t> words[kWords];
    };

    // Multiply and fold, word by word; `number` is part of it, so that an old message is not taken for a new one.
    static uint64_t digest(const uint64_t* words, uint64_t number) noexcept {
        uint64_t sum = number ^ 0x9e3779b97f4a7c15u;
        for (int i = 0; i < kWords; ++i) {
            sum = (sum ^ words[i]) * 0xff51afd7ed558ccdu;
            sum ^= sum >> 32;
        }
        return sum;
    }

    alignas(64) std::atomic<uint64_t> head_;
    Slot slots_[Capacity];
};

}  // namespace emohost::rt
