// What listener.h promises, in one piece: built and freed by listener_setup.cpp, played by listener.cpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/hearing/attacks.h"
#include "core/hearing/beat/bar_pointer.h"
#include "core/hearing/beat/beat_features.h"
#include "core/hearing/density.h"
#include "core/hearing/falls.h"
#include "core/hearing/level.h"
#include "core/hearing/listener.h"
#include "core/hearing/modulation.h"
#include "core/hearing/onset.h"
#include "core/hearing/sound/sound_classifier.h"
#include "core/hearing/sound/sound_cues.h"
#include "core/hearing/spectrum.h"
#include "core/hearing/tonality.h"
#include "core/signal/resample.h"
#include "core/signal/sliding.h"

namespace emohost::hearing {

using namespace signal;

constexpr int kMostShortTicks = 32;
constexpr int kTicksPerHop = 4;

class Hearing final : public Listener {
  public:
    explicit Hearing(const ListenerSettings& settings);
    ~Hearing() override;

    int until_tick() const noexcept override { return static_cast<int>(tick_frame(ticks_ + 1) - frame_); }
    Tick push(const float* mono, int n) noexcept override;
    void spare(bool on) noexcept override { spared_ = on; }
    const Heard& heard() const noexcept override { return heard_; }
    void hear_beat(const float* activations) noexcept override;
    void reset() noexcept override;
    void resume(float reference_db, bool sounding, Sound lately) noexcept override;
    float reference_db() const noexcept override { return level_.reference_db(); }
    std::size_t memory_bytes() const noexcept override;

  private:
    int64_t tick_frame(int64_t tick) const noexcept {
        return std::llround(tick * tick_s_ * settings_.sample_rate);
    }
    Tick take_tick() noexcept;
    enum SearchStep : int { kFindSpectrum, kFindPeaks, kFindNotes, kConclude, kSearchSteps };
    int begin_search(PitchFinder& finder) noexcept;
    void begin_searches() noexcept;
    void search() noexcept;
    void take_step(PitchFinder& finder, int step) noexcept;
    void measure_tick(int n) noexcept;
    double window_power() const noexcept;
    void take_hop() noexcept;
    void classify_sound() noexcept;
    void write_mel128() noexcept;
    void write_emohost1() noexcept;
    void write_tonality() noexcept;
    void write_chroma(FeatureRun run, const float* chroma) noexcept;
    void write_descriptors() noexcept;
    void write_motion() noexcept;

    ListenerSettings settings_;
    double tick_s_, offset_share_;
    int window_, tonality_hops_, short_ticks_;
    int64_t frame_ = 0, ticks_ = 0;
    bool spared_ = false;                      // no search for notes begins
    int whole_step_, fresh_step_;              // of the searches through either window, that are next
    float strongest_ = 0;                      // onset strength since the last hop
    double offset_ = 0;                        // slow mean of the signal
    double tick_power_[kMostShortTicks] = {};  // ring
    SlidingBuffer signal_;
    Resampler resampler_;
    Decimator decimator_;
    LevelMeter level_;
    OnsetDetector onsets_;
    Density density_;
    Attacks attacks_;
    Modulation modulation_;
    Falls falls_;
    Tonality tonality_;
    MelSpectrum<float> bands_;
    Shape shape_;
    std::unique_ptr<MelSpectrum<float>> beat_bands_;  // where `bands_` are others than the beat network's
    BeatFeatures beat_features_;
    BarPointer bar_pointer_;
    SoundCues sound_cues_;
    SoundClassifier sound_classifier_;
    std::unique_ptr<MelSpectrum<double>> mel128_;
    Heard heard_;
};

}  // namespace emohost::hearing
