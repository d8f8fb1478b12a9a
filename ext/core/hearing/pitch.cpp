#include "core/hearing/pitch.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"
#include "core/signal/resample.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kBin_hz = kRate / kPitchFactor / kPitchWindow;
constexpr int kFirstBin = 26;  // 38 Hz
constexpr int kLastBin = static_cast<int>(2520 / kBin_hz);
constexpr int kNeighbourhood = 32;               // bins to each side that a peak is compared with
constexpr float kNoiseRatio = 1.6f;              // peak over mean magnitude around it: up to here it is noise
constexpr float kTonalRatio = 3.2f;              // from here on it is a tone
constexpr float kNoisy = 0.11f, kTonal = 0.17f;  // tonalness of noise (at most), and of music (at least)
constexpr float kLeastPower = 3e-11f;            // of a peak, mean square (-105 dBFS)
constexpr float kRange = 1e-6f;                  // peaks 60 dB below the strongest are left out
constexpr float kCompression = 0.3f;             // salience = power ^ this
constexpr int kIterations = 14;
constexpr float kSparsity = 0.02f;                 // times the largest salience
constexpr float kNegligible = 3e-4f;               // likewise: what a note adds to the spectrum
constexpr float kTuningFrom = 52, kTuningTo = 96;  // MIDI notes whose peaks tell the tuning

}  // namespace

void PitchFinder::reset() noexcept {
    peak_count_ = 0;
    std::fill(spectrum_, spectrum_ + kNotes, 0.0f);
    std::fill(notes_, notes_ + kNotes, 0.0f);
    tuning_re_ = tuning_im_ = tuning_ = tonalness_ = 0;
}

std::size_t PitchFinder::memory_bytes() const noexcept {
    return sizeof *this + fft_.memory_bytes() +
           sizeof(float) * (window_.size() + frame_.size() + power_.size() + running_.size() +
                            overtones_.size() + gram_.size());
}

void PitchFinder::look() noexcept {
    const float* signal = signal_.end() - kPitchWindow;
    for (int i = 0; i < kPitchWindow; ++i) frame_[i] = signal[i] * window_[i];
}

void PitchFinder::find_spectrum() noexcept { fft_.power(frame_.data(), power_.data()); }

void PitchFinder::find_peaks() noexcept {
    constexpr int kFrom = std::max(kFirstBin - kNeighbourhood, 1), kTo = kLastBin + kNeighbourhood;
    float* magnitude = frame_.data();
    for (int k = kFrom; k <= kTo; ++k) magnitude[k] = std::sqrt(power_[k]);
    float sum = 0, strongest = 0;
    for (int k = kFrom; k <= kTo; ++k) {
        running_[k] = sum;  // of magnitudes below bin k
        sum += magnitude[k];
        strongest = std::max(strongest, power_[k]);
    }
    running_[kTo + 1] = sum;

    peak_count_ = 0;
    const float least = std::max(kLeastPower, kRange * strongest);
    float all = 0, tones = 0;
    for (int k = kFirstBin; k <= kLastBin && peak_count_ < kMostPeaks; ++k) {
        const float here = power_[k];
        if (here < least || here <= power_[k - 1] || here < power_[k + 1]) continue;
        const int low = std::max(k - kNeighbourhood, kFrom), high = k + kNeighbourhood + 1;
        const float around = (running_[high] - running_[low]) / static_cast<float>(high - low);
        const float tonal = clamp01((magnitude[k] / around - kNoiseRatio) / (kTonalRatio - kNoiseRatio));
        const float weight = std::sqrt(magnitude[k]);
        all += weight;
        tones += weight * tonal;
        if (tonal <= 0) continue;
        // A parabola through the logarithms of three bins (Smith & Serra, 1987).
        const float left = std::log(power_[k - 1] + 1e-20f), centre = std::log(here),
                    right = std::log(power_[k + 1] + 1e-20f);
        const float bend = left - 2 * centre + right;
        const float shift = bend < 0 ? 0.5f * (left - right) / bend : 0.0f;
        const float log_power = centre - 0.25f * (left - right) * shift;
        Peak& peak = peaks_[peak_count_++];
        peak.note =
            69.0f + 12.0f * std::log2((static_cast<float>(k) + shift) * static_cast<float>(kBin_hz / 440.0));
        peak.salience = std::exp(kCompression * log_power);
        peak.tonal = tonal;
    }
    tonalness_ = all > 0 ? tones / all : 0.0f;
    update_tuning();
}

// Mean direction of the peaks' distances from equal temperament, on the circle of a semitone; leaky, and from
// the first peaks on an average over all that was heard.
void PitchFinder::update_tuning() noexcept {
    float re = 0, im = 0;
    for (int i = 0; i < peak_count_; ++i) {
        const Peak& peak = peaks_[i];
        if (peak.note < kTuningFrom || peak.note > kTuningTo) continue;
        const float angle = static_cast<float>(kTau) * (peak.note - std::floor(peak.note));
        re += peak.salience * peak.tonal * std::cos(angle);
        im += peak.salience * peak.tonal * std::sin(angle);
    }
    tuning_re_ = settle(tuning_re_ + tuning_share_ * (re - tuning_re_));
    tuning_im_ = settle(tuning_im_ + tuning_share_ * (im - tuning_im_));
    if (tuning_re_ != 0 || tuning_im_ != 0)
        tuning_ = std::atan2(tuning_im_, tuning_re_) / static_cast<float>(kTau);
}

void PitchFinder::find_notes() noexcept {
    std::fill(spectrum_, spectrum_ + kNotes, 0.0f);
    float largest = 0;
    const float trust = clamp01((tonalness_ - kNoisy) / (kTonal - kNoisy));
    for (int i = 0; i < peak_count_; ++i) {
        const float note = peaks_[i].note - tuning_ - kLowestNote;
        const float nearest = std::floor(note + 0.5f);
        const int index = static_cast<int>(nearest);
        if (index < 0 || index >= kNotes) continue;
        const float off = std::cos(static_cast<float>(kTau / 2) * (note - nearest));
        spectrum_[index] =
            std::max(spectrum_[index], trust * peaks_[i].salience * peaks_[i].tonal * off * off);
        largest = std::max(largest, spectrum_[index]);
    }
    if (largest == 0) {
        std::fill(notes_, notes_ + kNotes, 0.0f);
        return;
    }
    float target[kNotes] = {};
    for (int note = 0; note < kNotes; ++note)
        target[note] = dot(&overtones_[note * kNotes], spectrum_, kNotes);
    for (int note = 0; note < kNotes; ++note)
        notes_[note] = 0.5f * notes_[note] + 0.1f * spectrum_[note] + 1e-3f * largest;
    // Multiplicative updates (Lee & Seung, 2001) from where the last analysis ended.
    const float negligible = kNegligible * largest;
    for (int round = 0; round < kIterations; ++round) {
        float explained[kNotes] = {};
        for (int a = 0; a < kNotes; ++a) {
            const float x = notes_[a];
            if (x < negligible) continue;
            const float* row = &gram_[a * kNotes];
            for (int b = 0; b < kNotes; ++b) explained[b] += row[b] * x;
        }
        for (int note = 0; note < kNotes; ++note)
            notes_[note] = settle(notes_[note] * target[note] / (explained[note] + kSparsity * largest));
    }
}

}  // namespace emohost::hearing
