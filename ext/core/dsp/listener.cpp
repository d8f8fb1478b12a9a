// The audio thread's side of hearing. Nothing here allocates.
#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"
#include "core/dsp/hearing.h"

namespace emohost::dsp {

namespace {

// The search for notes looks at the signal on this tick of a hop. Its steps follow between ticks, in ticks of
// that hop, so that a block carries little besides its own tick; the hop that reports it ends at 4.
constexpr int kLookTick = 1;
enum SearchStep : int { kFindSpectrum, kFindPeaks, kFindNotes, kConclude, kSearchSteps };
constexpr double kStepAt[kSearchSteps] = {4 / 3.0, 8 / 3.0, 10 / 3.0, 11 / 3.0};
constexpr double kLeastPower = 1e-11;  // per hertz: floor of mel128
constexpr float kMostSample = 1000;    // 60 dB above full scale; beyond it squares would overflow
constexpr float kChromaScale = 3;
constexpr float kRare = 0.25f;  // onsets per second that read as 1 / 6, none as 0 ...
constexpr float kOctaves = 6;   // ... and 16 as 1
constexpr float kLeastShare = 1e-4f, kShareDecades = 4;  // of a rate

}  // namespace

void Hearing::reset() noexcept {
    frame_ = ticks_ = 0;
    search_step_ = kSearchSteps;
    offset_ = 0;
    std::fill(tick_power_, tick_power_ + kMostShortTicks, 0.0);
    signal_.reset();
    resampler_.reset();
    decimator_.reset();
    level_.reset();
    onsets_.reset();
    density_.reset();
    attacks_.reset();
    modulation_.reset();
    falls_.reset();
    strongest_ = 0;
    tonality_.reset();
    shape_.reset();
    heard_ = Heard{};
}

std::size_t Hearing::memory_bytes() const noexcept {
    return sizeof *this + signal_.memory_bytes() + resampler_.memory_bytes() + decimator_.memory_bytes() +
           onsets_.memory_bytes() + tonality_.memory_bytes() + bands_.memory_bytes() +
           (mel128_ ? mel128_->memory_bytes() : 0);
}

Tick Hearing::push(const float* mono, int n) noexcept {
    float* fresh = signal_.append(n);
    for (int i = 0; i < n; ++i) fresh[i] = std::min(std::max(mono[i], -kMostSample), kMostSample);
    frame_ += n;
    search();
    return frame_ == tick_frame(ticks_ + 1) ? take_tick() : Tick{};
}

Tick Hearing::take_tick() noexcept {
    ++ticks_;
    const int fresh = resampler_.produce(resampler_.outputs_at(frame_));
    decimator_.feed(resampler_.output().end(), fresh);
    measure_tick(static_cast<int>(frame_ - tick_frame(ticks_ - 1)));

    const OnsetAnswer answer = onsets_.tick(level_.sounding());
    density_.tick(answer.onset);
    heard_.onset_strength = level_.sounding() ? answer.strength : 0.0f;
    attacks_.tick(heard_.onset_strength);
    strongest_ = std::max(strongest_, heard_.onset_strength);
    heard_.sounding = level_.sounding();

    const int place = static_cast<int>(ticks_ % kTicksPerHop);
    if (place == kLookTick) begin_search();
    if (place == 0) take_hop();
    return {true, place == 0, answer.onset};
}

// In silence there is nothing to look at: the search is then only concluded, unless sound begins meanwhile.
void Hearing::begin_search() noexcept {
    if (spared_ || ticks_ / kTicksPerHop % tonality_hops_ != 0) return;
    if (level_.sounding()) tonality_.look();
    search_step_ = level_.sounding() ? kFindSpectrum : kFindNotes;
}

// Takes the steps whose time has come; how the frames were fed changes when that is, but no answer.
void Hearing::search() noexcept {
    if (search_step_ == kSearchSteps) return;
    const int64_t begun = tick_frame(ticks_), length = tick_frame(ticks_ + 1) - begun;
    const double now = static_cast<double>(ticks_ % kTicksPerHop) +
                       static_cast<double>(frame_ - begun) / static_cast<double>(length);
    for (; search_step_ < kSearchSteps && kStepAt[search_step_] <= now; ++search_step_) {
        switch (search_step_) {
            case kFindSpectrum:
                tonality_.find_spectrum();
                break;
            case kFindPeaks:
                tonality_.find_peaks();
                break;
            case kFindNotes:
                if (level_.sounding()) tonality_.find_notes();
                break;
            default:
                tonality_.conclude(level_.sounding());
        }
    }
}

// Mean square of the last ticks, without the constant part of the signal.
void Hearing::measure_tick(int n) noexcept {
    const float* samples = signal_.end() - n;
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += samples[i];
    const double share = std::max<double>(offset_share_, 1.0 / static_cast<double>(ticks_));
    offset_ += share * (sum / n - offset_);
    if (std::fabs(offset_) < 1e-20) offset_ = 0;
    tick_power_[ticks_ % short_ticks_] = energy(samples, n, offset_) / n;
    double power = 0;
    for (int i = 0; i < short_ticks_; ++i) power += tick_power_[i] / short_ticks_;
    level_.tick(power);
}

double Hearing::window_power() const noexcept {
    return energy(signal_.end() - window_, window_, offset_) / window_;
}

void Hearing::take_hop() noexcept {
    level_.hop(window_power());
    density_.hop();
    attacks_.hop();
    modulation_.hop(strongest_);
    strongest_ = 0;
    falls_.hop(level_.short_db(), level_.sounding());
    shape_.hop(bands_.power(resampler_.output().end(), static_cast<float>(offset_)), level_.reference_power(),
               level_.sounding());

    ++heard_.hops;
    std::copy(tonality_.chroma(), tonality_.chroma() + 12, heard_.chroma);
    std::copy(tonality_.chroma_long(), tonality_.chroma_long() + 12, heard_.chroma_long);
    heard_.tuning_cents = tonality_.tuning_cents();
    heard_.tonic = tonality_.key().tonic();
    heard_.minor = tonality_.key().minor();
    heard_.key_clarity = tonality_.key().clarity();
    heard_.mode = tonality_.mode();
    heard_.chord = tonality_.chord().chord();
    heard_.level_db = level_.level_db();
    heard_.level = level_.level();
    heard_.onset_density = density_.per_second();
    heard_.brightness = shape_.brightness();
    heard_.flatness = shape_.flatness();
    heard_.articulation = level_.articulation();
    heard_.pitch_register = tonality_.pitch_register();
    if (mel128_)
        write_mel128();
    else
        write_emohost1();
}

void Hearing::write_mel128() noexcept {
    const double* mel = mel128_->power(signal_.end(), 0.0f);
    for (int b = 0; b < kFeatures; ++b)
        heard_.features[b] = static_cast<float>(std::log10(std::max(mel[b], kLeastPower)));
}

void Hearing::write_emohost1() noexcept {
    std::copy(shape_.bands(), shape_.bands() + kShapeBands, heard_.features);
    float* out = heard_.features + kShapeBands;
    out = write_tonality(out);
    out = write_descriptors(out);
    write_motion(out);
}

float* Hearing::write_tonality(float* out) const noexcept {
    for (const float* chroma : {heard_.chroma_long, tonality_.chroma_middle()})
        for (int p = 0; p < 12; ++p) {
            const bool known = heard_.tonic >= 0;
            *out++ = known ? std::min(1.0f, kChromaScale * chroma[(p + heard_.tonic) % 12]) : 0.0f;
        }
    return out;
}

float* Hearing::write_descriptors(float* out) const noexcept {
    for (float each : {heard_.level, heard_.brightness, heard_.flatness, heard_.articulation,
                       heard_.pitch_register, heard_.mode, tonality_.mode_middle(), tonality_.mode_recent()})
        *out++ = each;
    return out;
}

// How notes follow each other.
float* Hearing::write_motion(float* out) const noexcept {
    for (int i = 0; i < kAttackHeights; ++i)
        *out++ = clamp01(std::log2(1 + attacks_.density()[i] / kRare) / kOctaves);
    for (int i = 0; i < kFallDepths; ++i) *out++ = falls_.shares()[i];
    for (int i = 0; i < kModulationRates; ++i)
        *out++ = clamp01(1 + std::log10(modulation_.shares()[i] + kLeastShare) / kShareDecades);
    return out;
}

}  // namespace emohost::dsp
