// Pitch classes against the profile of a key.
#pragma once

#include <cmath>

namespace emohost::hearing {

// Pearson's correlation of 12 pitch classes (0 = C) with a profile (0 = tonic) on this tonic; 0 where the pitch classes
// are all alike. Real-time safe.
inline float profile_correlation(const float* chroma, const float* profile, int tonic) noexcept {
    float mean_c = 0, mean_p = 0;
    for (int i = 0; i < 12; ++i) {
        mean_c += chroma[i] / 12;
        mean_p += profile[i] / 12;
    }
    float cp = 0, cc = 0, pp = 0;
    for (int i = 0; i < 12; ++i) {
        const float c = chroma[(i + tonic) % 12] - mean_c, p = profile[i] - mean_p;
        cp += c * p;
        cc += c * c;
        pp += p * p;
    }
    return cc > 0 ? cp / std::sqrt(cc * pp) : 0.0f;
}

}  // namespace emohost::hearing
