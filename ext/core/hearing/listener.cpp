// The audio thread's side of hearing. Nothing here allocates.
#include <algorithm>
#include <cmath>

#include "core/hearing/hearing.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

// The search for notes looks at the signal on this tick of a hop. Its steps follow between ticks, in ticks of
// that hop, so that a block carries little besides its own tick; the hop that reports it ends at 4.
constexpr int kLookTick = 1;
constexpr double kStepAt[] = {4 / 3.0, 8 / 3.0, 10 / 3.0, 11 / 3.0};
constexpr double kLeastPower = 1e-11;  // per hertz: floor of mel128
constexpr float kMostSample = 1000;    // 60 dB above full scale; beyond it squares would overflow
constexpr float kChromaScale = 3;
constexpr float kRare = 0.25f;  // onsets per second that read as 1 / 6, none as 0 ...
constexpr float kOctaves = 6;   // ... and 16 as 1
constexpr float kLeastShare = 1e-4f, kShareDecades = 4;  // of a rate
static_assert(kFeatureBands.count == kShapeBands && kFeatureAttacks.count == kAttackHeights &&
                  kFeatureFalls.count == kFallDepths && kFeatureModulation.count == kModulationRates,
              "each run has its place");

}  // namespace

void Hearing::reset() noexcept {
    frame_ = ticks_ = 0;
    whole_step_ = fresh_step_ = kSearchSteps;
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
    beat_features_.reset();
    bar_pointer_.reset();
    sound_cues_.reset();
    sound_classifier_.reset();
    heard_ = Heard{};
}

void Hearing::resume(float reference_db, bool sounding, Sound lately) noexcept {
    level_.resume(reference_db, sounding);
    sound_classifier_.resume(lately);
    heard_.sounding = level_.sounding();
    heard_.lately = sound_classifier_.lately();
    heard_.sound = sounding ? heard_.lately : Sound::nothing;
}

std::size_t Hearing::memory_bytes() const noexcept {
    return sizeof *this + signal_.memory_bytes() + resampler_.memory_bytes() + decimator_.memory_bytes() +
           onsets_.memory_bytes() + tonality_.memory_bytes() + bands_.memory_bytes() +
           bar_pointer_.memory_bytes() + (beat_bands_ ? beat_bands_->memory_bytes() : 0) +
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
    if (place == kLookTick) begin_searches();
    if (place == 0) take_hop();
    return {true, place == 0, answer.onset};
}

// In silence there is nothing to look at: the search is then only concluded, unless sound begins meanwhile.
int Hearing::begin_search(PitchFinder& finder) noexcept {
    if (level_.sounding()) finder.look();
    return level_.sounding() ? kFindSpectrum : kFindNotes;
}

// Both windows are looked through equally often, in different hops if they are short.
void Hearing::begin_searches() noexcept {
    if (spared_) return;
    const int64_t hop = ticks_ / kTicksPerHop % tonality_hops_;
    if (hop == 0) whole_step_ = begin_search(tonality_.whole());
    if (hop == tonality_hops_ / 2) fresh_step_ = begin_search(tonality_.fresh());
}

// Takes the steps whose time has come; how the frames were fed changes when that is, but no answer.
void Hearing::search() noexcept {
    if (whole_step_ == kSearchSteps && fresh_step_ == kSearchSteps) return;
    const int64_t begun = tick_frame(ticks_), length = tick_frame(ticks_ + 1) - begun;
    const double now = static_cast<double>(ticks_ % kTicksPerHop) +
                       static_cast<double>(frame_ - begun) / static_cast<double>(length);
    for (; whole_step_ < kSearchSteps && kStepAt[whole_step_] <= now; ++whole_step_) {
        take_step(tonality_.whole(), whole_step_);
        if (whole_step_ == kConclude) {
            tonality_.conclude(level_.sounding());
            if (level_.sounding()) sound_cues_.notes(tonality_);
        }
    }
    for (; fresh_step_ < kSearchSteps && kStepAt[fresh_step_] <= now; ++fresh_step_) {
        take_step(tonality_.fresh(), fresh_step_);
        if (fresh_step_ == kConclude) tonality_.name_chord(level_.sounding());
    }
}

void Hearing::take_step(PitchFinder& finder, int step) noexcept {
    if (step == kFindSpectrum) finder.find_spectrum();
    if (step == kFindPeaks) finder.find_peaks();
    if (step == kFindNotes && level_.sounding()) finder.find_notes();
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
    falls_.hop(level_.short_db(), level_.sounding());
    const float* bands = bands_.power(resampler_.output().end(), static_cast<float>(offset_));
    shape_.hop(bands, level_.reference_power(), level_.sounding());
    if (beat_bands_) bands = beat_bands_->power(resampler_.output().end(), static_cast<float>(offset_));
    beat_features_.hop(bands);
    std::copy_n(beat_features_.features(), kBeatFeatures, heard_.beat_features);
    classify_sound();
    strongest_ = 0;

    ++heard_.hops;
    std::copy(tonality_.chroma(), tonality_.chroma() + 12, heard_.chroma);
    std::copy(tonality_.chroma_long(), tonality_.chroma_long() + 12, heard_.chroma_long);
    heard_.tuning_cents = tonality_.tuning_cents();
    heard_.tonic = tonality_.key().tonic();
    heard_.minor = tonality_.key().minor();
    heard_.key_clarity = tonality_.key().clarity();
    heard_.mode = tonality_.mode();
    heard_.chord = tonality_.chord().chord();
    heard_.chord_more = tonality_.chord().more();
    heard_.level_db = level_.level_db();
    heard_.level = level_.level();
    heard_.onset_density = density_.per_second();
    heard_.attacks = attacks_.of_hop()[kWeakAttack];
    heard_.brightness = shape_.brightness();
    heard_.flatness = shape_.flatness();
    heard_.articulation = level_.articulation();
    heard_.pitch_register = tonality_.pitch_register();
    std::copy_n(tonality_.notes(), kNotes, heard_.notes);
    if (mel128_)
        write_mel128();
    else
        write_emohost1();
}

void Hearing::classify_sound() noexcept {
    if (level_.sounding())
        sound_cues_.hop(
            {shape_.flatness(), level_.articulation(), level_.short_db(), strongest_, density_.per_second()},
            attacks_, falls_, modulation_, beat_features_.features());
    std::copy_n(sound_cues_.values(), kSoundCues, heard_.sound_cues);
    sound_classifier_.hop(sound_cues_.values(), level_.sounding());
    heard_.sound = sound_classifier_.sound();
    heard_.lately = sound_classifier_.lately();
    heard_.sound_confidence = sound_classifier_.confidence();
}

void Hearing::hear_beat(const float* activations) noexcept {
    if (std::fabs(settings_.hop_s - kBeatHop_s) > 1e-9) return;
    bar_pointer_.hop(activations[0], activations[1], static_cast<uint64_t>(frame_));
    heard_.beat = bar_pointer_.beat();
}

void Hearing::write_mel128() noexcept {
    const double* mel = mel128_->power(signal_.end(), 0.0f);
    for (int b = 0; b < kFeatures; ++b)
        heard_.features[b] = static_cast<float>(std::log10(std::max(mel[b], kLeastPower)));
}

void Hearing::write_emohost1() noexcept {
    std::copy(shape_.bands(), shape_.bands() + kShapeBands, heard_.features + kFeatureBands.first);
    write_tonality();
    write_descriptors();
    write_motion();
}

void Hearing::write_tonality() noexcept {
    write_chroma(kFeatureChromaLong, heard_.chroma_long);
    write_chroma(kFeatureChromaMiddle, tonality_.chroma_middle());
}

void Hearing::write_chroma(FeatureRun run, const float* chroma) noexcept {
    for (int p = 0; p < 12; ++p) {
        const bool known = heard_.tonic >= 0;
        heard_.features[run.first + p] =
            known ? std::min(1.0f, kChromaScale * chroma[(p + heard_.tonic) % 12]) : 0.0f;
    }
}

void Hearing::write_descriptors() noexcept {
    heard_.features[kFeatureLevel.first] = heard_.level;
    heard_.features[kFeatureBrightness.first] = heard_.brightness;
    heard_.features[kFeatureFlatness.first] = heard_.flatness;
    heard_.features[kFeatureArticulation.first] = heard_.articulation;
    heard_.features[kFeaturePitchRegister.first] = heard_.pitch_register;
    heard_.features[kFeatureMode.first] = heard_.mode;
    heard_.features[kFeatureModeMiddle.first] = tonality_.mode_middle();
    heard_.features[kFeatureModeRecent.first] = tonality_.mode_recent();
}

// How notes follow each other.
void Hearing::write_motion() noexcept {
    for (int i = 0; i < kAttackHeights; ++i)
        heard_.features[kFeatureAttacks.first + i] =
            clamp01(std::log2(1 + attacks_.density()[i] / kRare) / kOctaves);
    for (int i = 0; i < kFallDepths; ++i) heard_.features[kFeatureFalls.first + i] = falls_.shares()[i];
    for (int i = 0; i < kModulationRates; ++i)
        heard_.features[kFeatureModulation.first + i] =
            clamp01(1 + std::log10(modulation_.shares()[i] + kLeastShare) / kShareDecades);
}

}  // namespace emohost::hearing
