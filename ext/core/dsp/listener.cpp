#include "core/dsp/listener.h"

#include <algorithm>
#include <cmath>

#include "core/dsp/arithmetic.h"
#include "core/dsp/level.h"
#include "core/dsp/onset.h"
#include "core/dsp/resample.h"
#include "core/dsp/rhythm.h"
#include "core/dsp/spectrum.h"
#include "core/dsp/tonality.h"

namespace emohost::dsp {

namespace {

constexpr int kTicksPerHop = 4;
constexpr double kTonality_s = 0.04;               // about so often are notes looked for
constexpr int kListenTick = 1, kConcludeTick = 3;  // of a hop; the mel bands are computed at 0
constexpr double kOffset_s = 0.5;                  // over which a constant offset (DC) is learnt
constexpr double kShortLevel_s = 0.02;
constexpr int kMostShortTicks = 32;
constexpr double kLeastPower = 1e-11;  // per hertz: floor of mel128
constexpr float kMostSample = 1000;    // 60 dB above full scale; beyond it squares would overflow
constexpr float kChromaScale = 3;
constexpr float kDensityScale = 10;  // onsets per second that read as 1

int most_samples(double seconds, double rate) { return static_cast<int>(std::ceil(seconds * rate)) + 2; }

class Hearing final : public Listener {
  public:
    explicit Hearing(const ListenerSettings& settings);

    int until_tick() const noexcept override { return static_cast<int>(tick_frame(ticks_ + 1) - frame_); }
    Tick push(const float* mono, int n) noexcept override;
    const Heard& heard() const noexcept override { return heard_; }
    void reset() noexcept override;
    std::size_t memory_bytes() const noexcept override;

  private:
    int64_t tick_frame(int64_t tick) const noexcept {
        return std::llround(tick * tick_s_ * settings_.sample_rate);
    }
    Tick take_tick() noexcept;
    void measure_tick(int n) noexcept;
    double window_power() const noexcept;
    void take_hop() noexcept;
    void write_mel128() noexcept;
    void write_emohost1() noexcept;

    ListenerSettings settings_;
    double tick_s_, offset_share_;
    int window_, tonality_hops_, short_ticks_;
    int64_t frame_ = 0, ticks_ = 0;
    double offset_ = 0;                        // slow mean of the signal
    double tick_power_[kMostShortTicks] = {};  // ring
    SlidingBuffer signal_;
    Resampler resampler_;
    Decimator decimator_;
    LevelMeter level_;
    OnsetDetector onsets_;
    Rhythm rhythm_;
    Tonality tonality_;
    MelSpectrum<float> bands_;
    Shape shape_;
    std::unique_ptr<MelSpectrum<double>> mel128_;
    Heard heard_;
};

Hearing::Hearing(const ListenerSettings& settings)
    : settings_(settings),
      tick_s_(settings.hop_s / kTicksPerHop),
      offset_share_(smoothing(tick_s_, kOffset_s)),
      window_(static_cast<int>(std::lround(settings.window_s * settings.sample_rate))),
      tonality_hops_(std::max(1, static_cast<int>(std::lround(kTonality_s / settings.hop_s)))),
      short_ticks_(std::clamp(static_cast<int>(std::lround(kShortLevel_s / tick_s_)), 1, kMostShortTicks)),
      signal_(std::max(most_samples(settings.window_s, settings.sample_rate),
                       Resampler::history(settings.sample_rate, most_samples(tick_s_, settings.sample_rate))),
              most_samples(tick_s_, settings.sample_rate)),
      resampler_(settings.sample_rate, signal_, most_samples(settings.window_s, kRate),
                 most_samples(tick_s_, kRate)),
      decimator_(kPitchFactor, kPitchPassband, kPitchWindow, most_samples(tick_s_, kRate)),
      level_({tick_s_, settings.hop_s, settings.gate_db, settings.reference_db, settings.calibration_s}),
      onsets_(tick_s_, resampler_.output()),
      rhythm_(settings.hop_s),
      tonality_(tonality_hops_ * settings.hop_s, decimator_.output()),
      bands_(kRate, settings.window_s, kShapeBands, settings.fmin_hz, std::min(settings.fmax_hz, kRate / 2)),
      shape_(settings.hop_s) {
    if (settings.layout == Layout::mel128)
        mel128_ = std::make_unique<MelSpectrum<double>>(settings.sample_rate, settings.window_s, kFeatures,
                                                        settings.fmin_hz, settings.fmax_hz);
    reset();
}

void Hearing::reset() noexcept {
    frame_ = ticks_ = 0;
    offset_ = 0;
    std::fill(tick_power_, tick_power_ + kMostShortTicks, 0.0);
    signal_.reset();
    resampler_.reset();
    decimator_.reset();
    level_.reset();
    onsets_.reset();
    rhythm_.reset();
    tonality_.reset();
    shape_.reset();
    heard_ = Heard{};
}

std::size_t Hearing::memory_bytes() const noexcept {
    return sizeof *this + signal_.memory_bytes() + resampler_.memory_bytes() + decimator_.memory_bytes() +
           onsets_.memory_bytes() + rhythm_.memory_bytes() + tonality_.memory_bytes() +
           bands_.memory_bytes() + (mel128_ ? mel128_->memory_bytes() : 0);
}

Tick Hearing::push(const float* mono, int n) noexcept {
    float* fresh = signal_.append(n);
    for (int i = 0; i < n; ++i) fresh[i] = std::min(std::max(mono[i], -kMostSample), kMostSample);
    frame_ += n;
    return frame_ == tick_frame(ticks_ + 1) ? take_tick() : Tick{};
}

Tick Hearing::take_tick() noexcept {
    ++ticks_;
    const int fresh = resampler_.produce(resampler_.outputs_at(frame_));
    decimator_.feed(resampler_.output().end(), fresh);
    measure_tick(static_cast<int>(frame_ - tick_frame(ticks_ - 1)));

    const OnsetAnswer answer = onsets_.tick(level_.sounding());
    rhythm_.tick(answer.strength, answer.weight);
    heard_.onset_strength = level_.sounding() ? answer.strength : 0.0f;
    heard_.sounding = level_.sounding();

    const int place = static_cast<int>(ticks_ % kTicksPerHop);
    const bool tonality_due = ticks_ / kTicksPerHop % tonality_hops_ == 0;
    if (tonality_due && place == kListenTick && level_.sounding()) tonality_.listen();
    if (tonality_due && place == kConcludeTick) tonality_.conclude(level_.sounding());
    if (place == 0) take_hop();
    return {true, place == 0, answer.onset};
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
    rhythm_.hop();
    shape_.hop(bands_.power(resampler_.output().end(), static_cast<float>(offset_)), level_.reference_power(),
               level_.sounding());

    ++heard_.hops;
    std::copy(tonality_.chroma(), tonality_.chroma() + 12, heard_.chroma);
    std::copy(tonality_.chroma_long(), tonality_.chroma_long() + 12, heard_.chroma_long);
    heard_.tuning_cents = tonality_.tuning_cents();
    heard_.tonic = tonality_.key().tonic();
    heard_.minor = tonality_.key().minor();
    heard_.key_clarity = tonality_.key().clarity();
    heard_.chord = tonality_.chord().chord();
    heard_.level_db = level_.level_db();
    heard_.level = level_.level();
    heard_.onset_density = rhythm_.density();
    heard_.brightness = shape_.brightness();
    heard_.flatness = shape_.flatness();
    heard_.articulation = level_.articulation();
    heard_.pitch_register = tonality_.pitch_register();
    heard_.pulse = rhythm_.pulse();
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
    float* chroma_long = heard_.features + kShapeBands;
    float* chroma = chroma_long + 12;
    for (int p = 0; p < 12; ++p) {
        const bool known = heard_.tonic >= 0;
        const int from = known ? (p + heard_.tonic) % 12 : 0;
        chroma_long[p] = known ? std::min(1.0f, kChromaScale * heard_.chroma_long[from]) : 0.0f;
        chroma[p] = known ? std::min(1.0f, kChromaScale * heard_.chroma[from]) : 0.0f;
    }
    const float descriptors[] = {heard_.level,        clamp01(heard_.onset_density / kDensityScale),
                                 heard_.brightness,   heard_.flatness,
                                 heard_.articulation, heard_.pitch_register,
                                 heard_.key_clarity,  heard_.pulse};
    std::copy(std::begin(descriptors), std::end(descriptors), chroma + 12);
}

// The first thing that is wrong, or null. Written so that NaN is wrong, too.
const char* fault(const ListenerSettings& s) {
    if (!(s.sample_rate >= 8000 && s.sample_rate <= 384000))
        return "sample_rate must be from 8000 to 384000 Hz";
    if (!(s.hop_s >= 0.004 && s.hop_s <= 0.2)) return "hop_s must be from 0.004 to 0.2 s";
    if (!(s.window_s >= 0.005 && s.window_s <= 0.5)) return "window_s must be from 0.005 to 0.5 s";
    if (!(s.fmin_hz >= 0)) return "fmin_hz must be at least 0";
    if (!(s.fmax_hz > s.fmin_hz + 100 && s.fmax_hz <= 192000))
        return "fmax_hz must be from fmin_hz + 100 to 192000 Hz";
    if (s.layout == Layout::emohost1 && !(s.fmax_hz <= kRate / 2))
        return "fmax_hz must be at most 12000 Hz with layout emohost1";
    if (!(s.gate_db >= -120 && s.gate_db <= 0)) return "gate_db must be from -120 to 0 dBFS";
    if (!(s.reference_db >= -80 && s.reference_db <= 0))
        return "reference_db must be from -80 to 0 dBFS (0: automatic)";
    if (!(s.calibration_s >= 1 && s.calibration_s <= 3600)) return "calibration_s must be from 1 to 3600 s";
    return nullptr;
}

}  // namespace

std::unique_ptr<Listener> make_listener(const ListenerSettings& settings, const char** error) {
    const char* wrong = fault(settings);
    if (error) *error = wrong;
    if (wrong) return nullptr;
    return std::make_unique<Hearing>(settings);
}

}  // namespace emohost::dsp
