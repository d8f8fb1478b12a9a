// The musician's random numbers: PCG32 (M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient
// Statistically Good Algorithms for Random Number Generation", 2014), the same on every machine and compiler.
// One stream per part, so that what one part draws does not move another. Real-time safe.
#pragma once

#include <cstdint>

namespace emohost::music {

class Rng {
  public:
    Rng(uint64_t seed, uint64_t stream) noexcept : increment_(stream << 1 | 1) {
        next();
        state_ += seed;
        next();
    }

    uint32_t next() noexcept {
        const uint64_t old = state_;
        state_ = old * 6364136223846793005ull + increment_;
        const uint32_t shifted = static_cast<uint32_t>((old >> 18 ^ old) >> 27);
        const uint32_t turn = static_cast<uint32_t>(old >> 59);
        return shifted >> turn | shifted << (-turn & 31u);
    }

    // [0, 1), 24 bits: exact in float.
    float unit() noexcept { return static_cast<float>(next() >> 8) * (1.0f / 16777216.0f); }

    // Bell-shaped around 0 with standard deviation 1, within -3 and 3: three draws.
    float bell() noexcept {
        const float sum = unit() + unit() + unit();
        return 2.0f * sum - 3.0f;
    }

    bool chance(float probability) noexcept { return unit() < probability; }

    // An index drawn in proportion to weights[0..count), which are >= 0 and finite; -1 if all are 0.
    int pick(const float* weights, int count) noexcept {
        double total = 0.0;
        for (int i = 0; i < count; ++i) total += weights[i];
        double left = unit() * total;
        int last = -1;
        for (int i = 0; i < count; ++i) {
            if (!(weights[i] > 0.0f)) continue;
            last = i;
            left -= weights[i];
            if (left < 0.0) break;
        }
        return last;
    }

  private:
    uint64_t state_ = 0;
    uint64_t increment_;
};

}  // namespace emohost::music
