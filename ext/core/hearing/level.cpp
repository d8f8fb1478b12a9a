#include "core/hearing/level.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::hearing {

using namespace signal;

namespace {

constexpr float kFloor_db = -120;
constexpr float kHysteresis_db = 6;  // the gate closes so far below where it opens ...
constexpr float kHold_s = 0.3f;      // ... after so long
constexpr float kKnown_s = 120;      // of sound, until a player's level is known
constexpr float kSpan_db = 40;       // of level: 20 dB to each side of the reference
constexpr double kLevel_s = 0.1;
constexpr double kLoudness_s = 3;
constexpr float kDecay_db_per_s = 12;  // of a note held on: what a piano does, and no gap
constexpr float kGapFrom_db = 3, kGapTo_db = 18;
constexpr float kPhrase_s = 1;  // longer gaps are rests, not articulation
constexpr double kArticulation_s = 3;

}  // namespace

LevelMeter::LevelMeter(const LevelSettings& settings)
    : settings_(settings),
      articulation_share_(smoothing(settings.tick_s, kArticulation_s)),
      level_share_(smoothing(settings.hop_s, kLevel_s)),
      loudness_share_(smoothing(settings.hop_s, kLoudness_s)),
      calibration_share_(smoothing(settings.hop_s, settings.calibration_s / 2)) {
    reset();
}

void LevelMeter::reset() noexcept {
    sounding_ = false;
    below_s_ = heard_s_ = known_s_ = level_ = articulation_ = 0;
    loudness_power_ = 0;
    since_loud_s_ = kPhrase_s;
    level_db_ = short_db_ = envelope_db_ = kFloor_db;
    usual_db_ = reference_db_ = settings_.reference_db != 0 ? settings_.reference_db : settings_.usual_db;
    reference_power_ = std::pow(10.0f, reference_db_ / 10);
}

void LevelMeter::resume(float reference_db, bool sounding) noexcept {
    sounding_ = sounding;
    below_s_ = 0;
    if (settings_.reference_db != 0) return;
    usual_db_ = reference_db_ = std::clamp(reference_db, kFloor_db, -kFloor_db);
    known_s_ = kKnown_s;
    reference_power_ = std::pow(10.0f, reference_db_ / 10);
}

void LevelMeter::tick(double power) noexcept {
    const float db = short_db_ = static_cast<float>(decibel(power, kFloor_db));
    if (db > settings_.gate_db) {
        sounding_ = true;
        below_s_ = 0;
    } else if (db > settings_.gate_db - kHysteresis_db) {
        below_s_ = 0;
    } else {
        below_s_ = std::min(below_s_ + static_cast<float>(settings_.tick_s), kHold_s);
        if (below_s_ >= kHold_s) sounding_ = false;
    }
    update_articulation(db);
}

// How far and for how long the sound falls away below the last note's loudness.
void LevelMeter::update_articulation(float db) noexcept {
    const float tick = static_cast<float>(settings_.tick_s);
    envelope_db_ = std::max(std::max(db, kFloor_db), envelope_db_ - kDecay_db_per_s * tick);
    const float below = envelope_db_ - db;
    since_loud_s_ = below < kGapFrom_db && sounding_ ? 0 : std::min(since_loud_s_ + tick, kPhrase_s);
    if (since_loud_s_ >= kPhrase_s) return;
    const float gap = clamp01((below - kGapFrom_db) / (kGapTo_db - kGapFrom_db));
    articulation_ = settle(articulation_ + articulation_share_ * (gap - articulation_));
}

// Two averages in a row, so that soft music stays soft for the quarter of a minute that it is soft, and a gain is
// forgotten within a minute. What is averaged is the loudness over some seconds, which gaps between notes hardly move.
// At first the averages hardly move: to compare a player with the player's own first seconds would tell nothing.
void LevelMeter::calibrate(double power) noexcept {
    heard_s_ = std::min(heard_s_ + static_cast<float>(settings_.hop_s), static_cast<float>(kLoudness_s));
    const double share = std::max<double>(loudness_share_, settings_.hop_s / heard_s_);
    loudness_power_ += share * (power - loudness_power_);
    const float loudness_db =
        std::max(static_cast<float>(decibel(loudness_power_, kFloor_db)), settings_.gate_db);
    known_s_ = std::min(known_s_ + static_cast<float>(settings_.hop_s), kKnown_s);
    const float trust = calibration_share_ * known_s_ / kKnown_s;
    usual_db_ += trust * (loudness_db - usual_db_);
    reference_db_ += trust * (usual_db_ - reference_db_);
    reference_power_ = std::pow(10.0f, reference_db_ / 10);
}

void LevelMeter::hop(double power) noexcept {
    level_db_ = static_cast<float>(decibel(power, kFloor_db));
    if (sounding_ && settings_.reference_db == 0) calibrate(power);
    const float target = sounding_ ? clamp01(0.5f + (level_db_ - reference_db_) / kSpan_db) : 0.0f;
    level_ = settle(level_ + level_share_ * (target - level_));
}

}  // namespace emohost::hearing
