// The musician of musician.h, in one piece: built and freed by musician_setup.cpp, played by musician.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/music/accents.h"
#include "core/music/bass.h"
#include "core/music/chord_memory.h"
#include "core/music/clock.h"
#include "core/music/comping.h"
#include "core/music/control_changes.h"
#include "core/music/drums.h"
#include "core/music/melody.h"
#include "core/music/moment.h"
#include "core/music/musician.h"
#include "core/music/rng.h"
#include "core/music/stage.h"
#include "core/music/tonality.h"

namespace emohost::music {

class Band final : public Musician {
  public:
    explicit Band(const MusicianSettings& settings) noexcept;
    ~Band() override;

    uint64_t next_plan_frame() const noexcept override { return clock_.plan_frame(); }

    void describe_step(const dsp::Heard& heard, float* harmony_context,
                       float* dynamics_context) const noexcept override;
    void plan(const dsp::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept override;
    void onset(uint64_t frame, const dsp::Heard& heard, Emotion emotion) noexcept override;
    void controls(uint64_t frame, const dsp::Heard& heard, Emotion emotion,
                  const Outputs& outputs) noexcept override;
    bool next_event(uint64_t until, MidiEvent* event) noexcept override;
    void taken() noexcept override { stage_.schedule().taken(); }

    void set(Parameter parameter, float value) noexcept override;
    void panic(uint64_t frame) noexcept override;
    void start(uint64_t frame) noexcept override;
    void stop(uint64_t frame) noexcept override;

    int chord_played() const noexcept override;
    int step_in_bar() const noexcept override { return clock_.step_in_bar(); }
    double tempo() const noexcept override { return clock_.tempo(); }
    uint32_t notes() const noexcept override { return stage_.schedule().notes(); }
    uint32_t dropped() const noexcept override { return stage_.schedule().dropped(); }
    uint16_t sounding() const noexcept override { return stage_.schedule().sounding(); }
    std::size_t memory_bytes() const noexcept override { return sizeof *this; }

  private:
    void begin(uint64_t frame) noexcept;
    void rest(uint64_t now) noexcept;  // what sounds ends; the next step that plays begins afresh
    void listen(const Advice& advice, bool fresh) noexcept;
    Moment describe(uint64_t now, const dsp::Heard& heard, Emotion emotion,
                    const Advice& advice) const noexcept;
    void choose(Moment& moment) noexcept;
    void perform(const Moment& moment, uint64_t now) noexcept;
    template <typename Player>
    void perform(Part part, Player& player, Moment moment, uint64_t now) noexcept;
    void describe_harmony(const dsp::Heard& heard, float* context) const noexcept;
    void describe_dynamics(const dsp::Heard& heard, float* context) const noexcept;

    bool when_heard_;
    Clock clock_;
    Tonality tonality_;
    ChordMemory memory_;
    Stage stage_;
    ControlChanges controls_;
    Rng chord_rng_;
    Melody melody_;
    Comping comping_;
    Bass bass_;
    Drums drums_;
    Accents accents_;
    double humanise_;        // 1: as much as drummers
    Rng hands_[kDrums + 1];  // of the parts that keep time, each its own
    int chord_ = kNoChord;   // in force, before transposition
    bool resumes_ = true;    // nothing was played at the last step: a chord is chosen at once
    int by_network_ = -1;    // chord heard, by the harmony network when last asked, absolute; -1: not sure
    float valence_ = 0.0f;
};

}  // namespace emohost::music
