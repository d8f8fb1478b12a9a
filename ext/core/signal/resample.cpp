#include "core/signal/resample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/signal/arithmetic.h"

namespace emohost::signal {

int64_t Resampler::outputs_at(int64_t frame) const noexcept {
    return (2 * frame * up_ + down_) / (2 * down_) - kResampleDelay;
}

int Resampler::produce(int64_t count) noexcept {
    const int n = static_cast<int>(count - output_.count());
    if (n <= 0) return 0;
    int64_t index = output_.count();
    float* out = output_.append(n);
    for (int i = 0; i < n; ++i, ++index) {
        const int64_t position = index * down_;
        const int64_t first = position / up_ - earlier_;
        const int64_t phase = (position % up_) * phases_ / up_;
        out[i] = dot(input_.end() + (first - input_.count()), kernel_.data() + phase * taps_, taps_);
    }
    return n;
}

void Resampler::reset() noexcept { output_.reset(); }

std::size_t Resampler::memory_bytes() const noexcept {
    return kernel_.size() * sizeof(float) + output_.memory_bytes();
}

void Decimator::feed(const float* end, int n) noexcept {
    std::copy(end - n, end, input_.append(n));
    // Output m needs input up to m * factor + kTaps / 2.
    const int64_t ready = (input_.count() - 1 - kTaps / 2) / factor_ + 1;
    if (input_.count() <= kTaps / 2 || ready <= output_.count()) return;
    const int fresh = static_cast<int>(ready - output_.count());
    int64_t index = output_.count();
    float* out = output_.append(fresh);
    for (int i = 0; i < fresh; ++i, ++index) {
        const int64_t first = index * factor_ - kTaps / 2 + 1;
        out[i] = dot(input_.end() + (first - input_.count()), kernel_.data(), kTaps);
    }
}

void Decimator::reset() noexcept {
    input_.reset();
    output_.reset();
}

std::size_t Decimator::memory_bytes() const noexcept {
    return kernel_.size() * sizeof(float) + input_.memory_bytes() + output_.memory_bytes();
}

}  // namespace emohost::signal
