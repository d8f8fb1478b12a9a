// The musician of musician.h, in one piece: built and freed by band_setup.cpp, played by band.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/music/chord_memory.h"
#include "core/music/clock_out.h"
#include "core/music/entrance.h"
#include "core/music/following/along.h"
#include "core/music/following/chart.h"
#include "core/music/following/chord_follower.h"
#include "core/music/following/company.h"
#include "core/music/following/ending.h"
#include "core/music/following/held_music.h"
#include "core/music/following/player_notes.h"
#include "core/music/form.h"
#include "core/music/moment.h"
#include "core/music/musician.h"
#include "core/music/parts/control_changes.h"
#include "core/music/players.h"
#include "core/music/rng.h"
#include "core/music/stage.h"
#include "core/music/styles/styles.h"
#include "core/music/tonality.h"
#include "core/music/transport.h"

namespace emohost::music {

class Band final : public Musician {
  public:
    explicit Band(const MusicianSettings& settings) noexcept;
    ~Band() override;

    uint64_t next_plan_frame() const noexcept override { return transport_.plan_frame(); }

    StepMoment step_moment(const hearing::Heard& heard) const noexcept override;
    void plan(const hearing::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept override;
    void hear(uint64_t frame, const hearing::Heard& heard) noexcept override;
    void onset(uint64_t frame, const hearing::Heard& heard, Emotion emotion) noexcept override;
    void controls(uint64_t frame, const hearing::Heard& heard, Emotion emotion,
                  const Outputs& outputs) noexcept override;
    bool next_event(uint64_t until, MidiEvent* event) noexcept override;
    void taken() noexcept override { stage_.schedule().taken(); }

    void set(Parameter parameter, float value) noexcept override;
    void own_style(const Style& style) noexcept override { styles_.give_own(style); }
    void panic(uint64_t frame) noexcept override;
    void start(uint64_t frame) noexcept override;
    void stop(uint64_t frame) noexcept override;
    void resume(const Continuation& from, uint64_t now, double ahead) noexcept override;
    void tell(Continuation* to) const noexcept override;
    void tap(uint64_t frame) noexcept override { transport_.tap(frame); }
    void midi(const InputEvent& event, uint64_t now) noexcept override;
    void anchor(const Anchor& anchor) noexcept override { transport_.anchor(anchor); }
    void lead(ClockSource source) noexcept override { transport_.lead(source); }
    void downbeat(uint64_t frame) noexcept override { transport_.downbeat(frame); }

    int chart_bar() const noexcept override { return chart_.bar(); }
    int chord_held() const noexcept override { return held_chord_; }
    Key key_held() const noexcept override { return held_.key(); }
    int chord_played() const noexcept override;
    int step_in_bar() const noexcept override { return transport_.step_in_bar(); }
    double tempo() const noexcept override { return transport_.tempo(); }
    const Transport& transport() const noexcept override { return transport_; }
    Playing playing() const noexcept override;
    const Place& place() const noexcept override { return form_.place(); }
    StyleName style() const noexcept override { return styles_.name(); }
    const PlannedBar& planned(int bar) const noexcept override { return planned_[bar]; }
    const PlannedBeat& planned_beat() const noexcept override { return planned_beat_; }
    uint32_t notes() const noexcept override { return stage_.schedule().notes(); }
    uint32_t dropped() const noexcept override { return stage_.schedule().dropped(); }
    uint16_t sounding() const noexcept override { return stage_.schedule().sounding(); }
    std::size_t memory_bytes() const noexcept override { return sizeof *this; }

  private:
    void begin(uint64_t frame) noexcept;
    void silence(uint64_t frame) noexcept;  // every note ends, what was planned is forgotten
    void rest(uint64_t now) noexcept;       // what sounds ends; the next step that plays begins afresh
    void listen(const Advice& advice, bool fresh) noexcept;
    Along along(const hearing::Heard& heard) const noexcept;
    double beat_frames() const noexcept { return kStepsPerBeat * transport_.step_frames(); }
    Moment moment_of(uint64_t now, const hearing::Heard& heard, Emotion emotion,
                     const Advice& advice) const noexcept;
    void play(Moment& moment, Along along, uint64_t now) noexcept;  // as the player goes on, rests or ends
    void choose(Moment& moment) noexcept;
    void choose_fifth(Moment& moment, int root) noexcept;
    void perform(const Moment& moment, Along along, uint64_t now) noexcept;
    void go_with_player() noexcept;
    void forget_plan() noexcept { planned_[0].flags = planned_[1].flags = 0; }
    void plan_beat(bool plays) noexcept;
    void look_ahead(const Moment& moment, Along along) noexcept;
    PlannedBar planned_bar(const Moment& bar, Along along) noexcept;
    bool may_play(Needs needs, const Moment& moment, Along along) const noexcept;
    void keep_time(const Moment& moment, uint64_t now) noexcept;
    bool sings(const Moment& moment) const noexcept;
    bool off_chord() const noexcept;
    void hold(Moment& moment, bool begins, uint64_t now) noexcept;
    void close(Moment& moment, bool fresh) noexcept;
    void count_in() noexcept;
    template <typename Player>
    void perform(Part part, Player& player, Moment moment, uint64_t now) noexcept;

    Play play_;
    uint64_t output_delay_;  // frames
    Transport transport_;
    Entrance entrance_;
    Ending ending_;
    Company company_;
    PlayerNotes player_notes_;
    HeldMusic held_;
    int held_chord_ = -1;  // at the step in hand
    bool minor_heard_ = false;
    bool halted_ = false;  // the clock that leads was lost, and it stopped for it
    Tonality tonality_;
    ChordMemory memory_;
    ChordFollower follower_;
    Chart chart_;
    Form form_;
    Styles styles_;
    Stage stage_;
    ControlChanges controls_;
    ClockOut clock_out_;
    Rng chord_rng_;
    Players players_;
    double humanise_;       // 1: as much as drummers
    int chord_ = kNoChord;  // in force, before transposition
    bool resumes_ = true;   // nothing was played at the last step: a chord begins at once
    int followed_ = -1;     // what the player is on, absolute; -1: not known
    int by_network_ = -1;   // chord heard, by the harmony network when last asked, absolute; -1: not sure
    float valence_ = 0.0f;
    PlannedBar planned_[2] = {};
    PlannedBeat planned_beat_ = {};
};

}  // namespace emohost::music
