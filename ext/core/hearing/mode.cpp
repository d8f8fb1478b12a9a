#include "core/hearing/mode.h"

#include <algorithm>
#include <cmath>

#include "core/hearing/profile.h"

namespace emohost::hearing {

namespace {

constexpr float kClear = 0.25f;  // a difference that counts as wholly clear
constexpr float kShape = 0.75f;  // of the chroma: keeps the notes that sound most from drowning the third

constexpr float kMajorProfile[12] = {0.748f, 0.060f, 0.488f, 0.082f, 0.670f, 0.460f,
                                     0.096f, 0.715f, 0.104f, 0.366f, 0.057f, 0.400f};
constexpr float kMinorProfile[12] = {0.712f, 0.084f, 0.474f, 0.618f, 0.049f, 0.460f,
                                     0.105f, 0.747f, 0.404f, 0.067f, 0.133f, 0.330f};

}  // namespace

float mode_of_chroma(const float* chroma) noexcept {
    float shaped[12];
    for (int p = 0; p < 12; ++p) shaped[p] = std::pow(std::max(chroma[p], 0.0f), kShape);
    float major = -1, minor = -1;
    for (int tonic = 0; tonic < 12; ++tonic) {
        major = std::max(major, profile_correlation(shaped, kMajorProfile, tonic));
        minor = std::max(minor, profile_correlation(shaped, kMinorProfile, tonic));
    }
    return std::clamp((major - minor) / kClear, -1.0f, 1.0f);
}

}  // namespace emohost::hearing
