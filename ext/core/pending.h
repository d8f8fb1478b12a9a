// Messages of frames to come (their `frame`), in order of it; of one frame in the order in which they came. Bounded,
// real-time safe.
#pragma once

#include <cstdint>

namespace emohost {

template <typename T, int Capacity>
class Pending {
  public:
    static constexpr int kCapacity = Capacity;
    static constexpr uint64_t kNone = ~uint64_t{0};

    bool full() const noexcept { return count_ == kCapacity; }
    // Not when full.
    void add(const T& message) noexcept {
        int at = count_++;
        for (; at > 0 && messages_[at - 1].frame <= message.frame; --at) messages_[at] = messages_[at - 1];
        messages_[at] = message;
    }
    uint64_t next_frame() const noexcept { return count_ > 0 ? messages_[count_ - 1].frame : kNone; }
    // Forgets those of which `revoked` is true.
    template <typename Revoked>
    void forget(Revoked revoked) noexcept {
        int kept = 0;
        for (int i = 0; i < count_; ++i)
            if (!revoked(messages_[i])) messages_[kept++] = messages_[i];
        count_ = kept;
    }
    // The earliest, if its frame has come.
    bool take(uint64_t frame, T* message) noexcept {
        if (next_frame() > frame || count_ == 0) return false;
        *message = messages_[--count_];
        return true;
    }

  private:
    T messages_[kCapacity];  // the earliest last
    int count_ = 0;
};

}  // namespace emohost
