// How loud, against what is usual for this player; whether anything sounds; how detached the notes are.
#pragma once

namespace emohost::hearing {

struct LevelSettings {
    double tick_s, hop_s;
    float gate_db;
    float reference_db;  // 0: found by calibration
    float usual_db;      // what an input usually has: stands for the reference until the player is known
    double calibration_s;
};

class LevelMeter {
  public:
    explicit LevelMeter(const LevelSettings& settings);

    // Mean square of the last 20 ms or so. Every tick. Real-time safe.
    void tick(double power) noexcept;
    // Mean square over the window. Every hop. Real-time safe.
    void hop(double power) noexcept;
    void reset() noexcept;
    void resume(float reference_db, bool sounding) noexcept;

    bool sounding() const noexcept { return sounding_; }
    float level_db() const noexcept { return level_db_; }
    float short_db() const noexcept { return short_db_; }  // of the last 20 ms or so, dBFS
    float level() const noexcept { return level_; }        // [0, 1], 0.5 at the reference
    float reference_db() const noexcept { return reference_db_; }
    float reference_power() const noexcept { return reference_power_; }
    float articulation() const noexcept { return articulation_; }  // [0, 1]

  private:
    void update_articulation(float db) noexcept;
    void calibrate(double power) noexcept;

    LevelSettings settings_;
    float articulation_share_, level_share_, loudness_share_, calibration_share_;
    bool sounding_ = false;
    float below_s_ = 0, since_loud_s_ = 0, heard_s_ = 0, known_s_ = 0;
    double loudness_power_ = 0;
    float level_db_ = 0, level_ = 0, usual_db_ = 0, reference_db_ = 0, reference_power_ = 0;
    float short_db_ = 0, envelope_db_ = 0, articulation_ = 0;
};

}  // namespace emohost::hearing
