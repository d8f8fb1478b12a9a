// Building and freeing what hears. Never on the audio thread.
#include <algorithm>
#include <cmath>

#include "core/hearing/hearing.h"
#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr double kTonality_s = 0.04;  // about so often are notes looked for
constexpr double kOffset_s = 0.5;     // over which a constant offset (DC) is learnt
constexpr double kShortLevel_s = 0.02;

constexpr double kBeatWindow_s = 0.04, kBeatLowest_hz = 30,
                 kBeatHighest_hz = 11025;  // of the beat network's bands

bool own_bands(const ListenerSettings& s) {
    return s.window_s != kBeatWindow_s || s.fmin_hz != kBeatLowest_hz || s.fmax_hz != kBeatHighest_hz;
}

int most_samples(double seconds, double rate) { return static_cast<int>(std::ceil(seconds * rate)) + 2; }

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
    if (!(s.usual_db >= -80 && s.usual_db <= 0)) return "usual_db must be from -80 to 0 dBFS";
    if (!(s.slowest_bpm >= kLeastBeat && s.fastest_bpm <= kMostBeat &&
          s.fastest_bpm >= kLeastRange * s.slowest_bpm))
        return "slowest_bpm and fastest_bpm must be from 40 to 240, the fastest at least 1.25 times the "
               "slowest";
    if (!(s.calibration_s >= 1 && s.calibration_s <= 3600)) return "calibration_s must be from 1 to 3600 s";
    return nullptr;
}

}  // namespace

Hearing::Hearing(const ListenerSettings& settings)
    : settings_(settings),
      tick_s_(settings.hop_s / kTicksPerHop),
      offset_share_(smoothing(tick_s_, kOffset_s)),
      window_(static_cast<int>(std::lround(settings.window_s * settings.sample_rate))),
      tonality_hops_(std::max(1, static_cast<int>(std::lround(kTonality_s / settings.hop_s)))),
      short_ticks_(std::clamp(static_cast<int>(std::lround(kShortLevel_s / tick_s_)), 1, kMostShortTicks)),
      signal_(std::max(most_samples(std::max(settings.window_s, kBeatWindow_s), settings.sample_rate),
                       Resampler::history(settings.sample_rate, most_samples(tick_s_, settings.sample_rate))),
              most_samples(tick_s_, settings.sample_rate)),
      resampler_(settings.sample_rate, signal_,
                 most_samples(std::max(settings.window_s, kBeatWindow_s), kRate),
                 most_samples(tick_s_, kRate)),
      decimator_(kPitchFactor, kPitchPassband, kPitchWindow, most_samples(tick_s_, kRate)),
      level_({tick_s_, settings.hop_s, settings.gate_db, settings.reference_db, settings.usual_db,
              settings.calibration_s}),
      onsets_(tick_s_, resampler_.output()),
      density_(settings.hop_s),
      attacks_(tick_s_, settings.hop_s),
      modulation_(settings.hop_s),
      falls_(settings.hop_s),
      tonality_(tonality_hops_ * settings.hop_s, decimator_.output()),
      bands_(kRate, settings.window_s, kShapeBands, settings.fmin_hz, std::min(settings.fmax_hz, kRate / 2)),
      shape_(settings.hop_s),
      beat_bands_(own_bands(settings) ? std::make_unique<MelSpectrum<float>>(kRate, kBeatWindow_s, kBeatBands,
                                                                             kBeatLowest_hz, kBeatHighest_hz)
                                      : nullptr),
      beat_features_(settings.hop_s),
      bar_pointer_(kBeatHop_s, settings.slowest_bpm, settings.fastest_bpm),
      sound_cues_(settings.hop_s, tonality_hops_ * settings.hop_s),
      sound_classifier_(settings.hop_s) {
    static_assert(kBeatBands == kShapeBands, "they share one filter bank where they can");
    if (settings.layout == Layout::mel128)
        mel128_ = std::make_unique<MelSpectrum<double>>(settings.sample_rate, settings.window_s, kFeatures,
                                                        settings.fmin_hz, settings.fmax_hz);
    reset();
}

Hearing::~Hearing() = default;

std::unique_ptr<Listener> make_listener(const ListenerSettings& settings, const char** error) {
    const char* wrong = fault(settings);
    if (error) *error = wrong;
    if (wrong) return nullptr;
    return std::make_unique<Hearing>(settings);
}

}  // namespace emohost::hearing
