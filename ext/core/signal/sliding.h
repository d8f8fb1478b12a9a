// The newest samples of a signal, contiguous in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace emohost::signal {

class SlidingBuffer {
  public:
    // Always holds the last `keep` samples (zeros before the first), and takes up to `most` at once.
    SlidingBuffer(int keep, int most)
        : keep_(keep), samples_(2 * static_cast<std::size_t>(keep) + most, 0.0f), end_(keep) {}

    // Room for n <= most new samples, to be written at once. Real-time safe.
    float* append(int n) noexcept {
        if (end_ + n > static_cast<int>(samples_.size())) {
            std::memmove(samples_.data(), samples_.data() + end_ - keep_, keep_ * sizeof(float));
            end_ = keep_;
        }
        end_ += n;
        count_ += n;
        return samples_.data() + end_ - n;
    }
    // One past the newest sample; the last `keep` before it may be read.
    const float* end() const noexcept { return samples_.data() + end_; }
    int64_t count() const noexcept { return count_; }
    void reset() noexcept {
        std::fill(samples_.begin(), samples_.end(), 0.0f);
        end_ = keep_;
        count_ = 0;
    }
    std::size_t memory_bytes() const noexcept { return samples_.size() * sizeof(float); }

  private:
    int keep_;
    std::vector<float> samples_;
    int end_;
    int64_t count_ = 0;
};

}  // namespace emohost::signal
