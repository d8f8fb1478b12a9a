#include "core/emotion.h"

#include <algorithm>
#include <cmath>

namespace emohost {

namespace {

constexpr int kMaxIterations = 60;  // bisection alone halves [-1, 1] to the last bit of a double within these

// Values that are not finite count as 0, the neutral point: the audio thread has nobody to complain to.
double clamped(double value, double low, double high) noexcept {
    return std::isfinite(value) ? std::clamp(value, low, high) : 0.0;
}

double centre(int i) noexcept { return -1.0 + 2.0 * i / (kAxis - 1); }

void encode_axis(double value, float* code) noexcept {
    const double point = clamped(value, -1.0, 1.0);
    for (int i = 0; i < kAxis; ++i) code[i] = static_cast<float>(std::tanh(kSlope * (point - centre(i))));
}

struct Mean {
    double value, slope;
};

// Mean of the code of `point` and its derivative, from one exponential per centre that does not depend on
// `point`.
class Code {
  public:
    Code() noexcept {
        for (int i = 0; i < kAxis; ++i) offset_[i] = std::exp(-2.0 * kSlope * centre(i));
    }
    Mean mean(double point) const noexcept {
        const double raised = std::exp(2.0 * kSlope * point);
        double sum = 0.0, squares = 0.0;
        for (const double offset : offset_) {
            const double entry = 1.0 - 2.0 / (raised * offset + 1.0);  // tanh
            sum += entry;
            squares += entry * entry;
        }
        return {sum / kAxis, kSlope * (1.0 - squares / kAxis)};
    }

  private:
    double offset_[kAxis];
};

const Code kCode;  // filled when the library is loaded, long before any audio thread

// Newton's method kept inside a shrinking bracket.
double decode_axis(const float* code) noexcept {
    double sum = 0.0;
    for (int i = 0; i < kAxis; ++i) sum += code[i];
    const double wanted = clamped(sum / kAxis, -1.0, 1.0);
    double low = -1.0, high = 1.0;
    if (wanted <= kCode.mean(low).value) return low;
    if (wanted >= kCode.mean(high).value) return high;
    double point = wanted;
    for (int i = 0; i < kMaxIterations; ++i) {
        const Mean mean = kCode.mean(point);
        (mean.value < wanted ? low : high) = point;
        double next = point - (mean.value - wanted) / mean.slope;
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        const bool settled = std::abs(next - point) < 1e-12;
        point = next;
        if (settled) break;
    }
    return point;
}

}  // namespace

void encode(Emotion emotion, float* embedding) noexcept {
    encode_axis(emotion.valence, embedding);
    encode_axis(emotion.arousal, embedding + kAxis);
}

Emotion decode(const float* embedding) noexcept {
    return {static_cast<float>(decode_axis(embedding)), static_cast<float>(decode_axis(embedding + kAxis))};
}

void blend(const float* a, const float* b, float weight, float* out) noexcept {
    const float share = static_cast<float>(clamped(weight, 0.0, 1.0));
    for (int i = 0; i < kEmbedding; ++i) out[i] = (1.0f - share) * a[i] + share * b[i];
}

}  // namespace emohost
