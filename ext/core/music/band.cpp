// The audio thread's side of the musician. Nothing here allocates.
#include "core/music/band.h"

#include <algorithm>
#include <cmath>

#include "core/music/harmony.h"
#include "core/music/moment.h"
#include "core/music/musician.h"
#include "core/music/parts/last_chord.h"
#include "core/music/planned.h"

namespace emohost::music {

namespace {

// Standard deviation, in steps, of a drummer's hits around the usual place of their sixteenth: Groove MIDI
// Dataset, training split, 1.48 times the median distance within four bars (training/groove/data.py).
constexpr double kDrummersSpread = 0.107;
constexpr int kArcBars = 4;        // of a phrase, over which it swells and fades
constexpr float kArcSpan = 0.1f;   // of a velocity
constexpr double kHeldSteps = 2;   // that what is held may last
constexpr double kRingBars = 2;    // that the last chord rings
constexpr double kSingsBars = 2;   // after its last note that the melody still belongs to a last chord
constexpr float kKeptTime = 0.5f;  // of the density, while the player rests

}  // namespace

StepMoment Band::step_moment(const hearing::Heard& heard) const noexcept {
    Tonality next = tonality_;
    next.hold(held_.key());
    next.update(transport_.step_in_bar() == 0, along(heard) != Along::music, heard, valence_);
    StepMoment moment{};
    moment.tonic = std::max(0, next.key().tonic);
    std::copy_n(heard.chroma, 12, moment.chroma_heard);
    const int held = held_.chord(transport_.plan_frame(), beat_frames());
    moment.chord_heard = held >= 0 && held < kChordClasses ? held : heard.chord;
    stage_.chroma_played(moment.chroma_played);
    moment.chord_in_force = chord_;
    memory_.recall(transport_.step(), transport_.steps_per_bar(), moment.tonic, moment.remembered,
                   moment.remembered + 12);
    moment.dynamics = {heard.level,
                       heard.onset_strength,
                       heard.onset_density,
                       heard.articulation,
                       heard.key_clarity,
                       transport_.step_in_bar(),
                       transport_.steps_per_bar(),
                       static_cast<float>(transport_.tempo())};
    return moment;
}

void Band::plan(const hearing::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept {
    if (transport_.state() == TransportState::stopped) return;
    const uint64_t now = transport_.plan_frame();
    held_chord_ = held_.chord(now, beat_frames());
    minor_heard_ = heard.mode < 0.0f;
    const Along along = this->along(heard);
    const bool rests = along == Along::nothing;
    stage_.apply(now);
    entrance_.step(transport_, play_ != Play::always && !heard.sounding, rests);
    transport_.free(!entrance_.plays());
    stage_.set_share(entrance_.share());
    go_with_player();
    stage_.fade_chroma();
    valence_ = std::isfinite(emotion.valence) ? std::clamp(emotion.valence, -1.0f, 1.0f) : 0.0f;
    tonality_.hold(held_.key());
    tonality_.update(transport_.step_in_bar() == 0, along != Along::music, heard, valence_);
    memory_.note(transport_.step(), held_chord_ >= 0 ? held_chord_ : heard.chord);
    follower_.hear(now, heard);
    followed_ =
        follower_.follow(transport_.step(), now, transport_.frame(), transport_.step_frames(), chord_);
    const int charted =
        chart_.step(transport_.step_in_bar(), transport_.steps_per_bar(), follower_.settled());
    if (charted >= 0) followed_ = charted;
    if (held_chord_ >= 0) followed_ = held_chord_;
    if (!entrance_.plays()) ending_.begin();
    // Silence may be the player's rest or end. Applause and talk are neither: all but a last chord stops for them.
    const bool interrupted = rests && (heard.sounding || !ending_.follows());
    const bool silent = !entrance_.plays() || (interrupted && !ending_.ended());
    if (silent) {
        rest(now);
        if (entrance_.counts()) count_in();
    } else {
        const Advice advice(outputs);
        listen(advice, outputs.fresh);
        form_.step(transport_.bar(), transport_.step_in_bar(), transport_.steps_per_bar(), heard,
                   tonality_.key(), activity_of(emotion), advice.emphasis, follower_.loop());
        styles_.step(form_.place(), transport_.step_in_bar(), transport_.tempo(), transport_.beats_per_bar(),
                     heard, valence_, activity_of(emotion));
        const hearing::Heard player = of_player(along, heard);
        Moment moment = moment_of(now, player, emotion, advice);
        play(moment, along, now);
    }
    plan_beat(!silent);
    clock_out_.step(transport_, stage_.schedule());
    transport_.advance();
}

// A chord that is held is something to play along to in full, whatever kind of sound is heard beside it.
Along Band::along(const hearing::Heard& heard) const noexcept {
    const Along heard_alone = along_to(play_, heard);
    const bool holds = held_.chord(transport_.plan_frame(), beat_frames()) >= 0;
    return holds && heard_alone != Along::nothing ? Along::music : heard_alone;
}

void Band::hear(uint64_t frame, const hearing::Heard& heard) noexcept {
    transport_.listen(frame, heard.beat);
    follower_.hear(frame, heard);
    const hearing::Heard player = of_player(along_to(play_, heard), heard);
    ending_.hear(frame, player);
    company_.hear(player);
    player_notes_.hear(player);
    if (transport_.halts() && transport_.state() == TransportState::running) {
        stop(frame);
        halted_ = true;
    } else if (halted_ && !transport_.lost()) {
        halted_ = false;
        start(frame);
    }
}

void Band::onset(uint64_t frame, const hearing::Heard& heard, Emotion emotion) noexcept {
    follower_.onset(frame);
    const Along along = this->along(heard);
    if (along != Along::nothing) {
        ending_.onset(frame, heard);
        company_.onset(frame, heard);
        if (!company_.leaves_room(kMelody))
            stage_.schedule().end_part(kMelody, frame + static_cast<uint64_t>(transport_.step_frames()));
    }
    if (transport_.state() == TransportState::stopped || !entrance_.plays()) return;
    if (along == Along::nothing || along == Along::rhythm) return;
    if (ending_.stance() != Stance::playing) return;
    stage_.apply(frame);
    const int tone = tone_of(heard);
    const int heard_alone = along == Along::music ? heard.chord : tone < 0 ? kNoChord : kFifths + tone;
    const int known = held_chord_ >= 0 ? held_chord_ : heard_alone;
    players_.accents.onset(frame, heard, activity_of(emotion), tonality_.key(), known, chord_, stage_);
}

void Band::controls(uint64_t frame, const hearing::Heard& heard, Emotion emotion,
                    const Outputs& outputs) noexcept {
    stage_.apply(frame);
    controls_.update(frame, heard, emotion, outputs, stage_.schedule());
}

bool Band::next_event(uint64_t until, MidiEvent* event) noexcept {
    return stage_.schedule().next(until, event);
}

void Band::set(Parameter parameter, float value) noexcept {
    if (parameter == Parameter::tempo && std::isfinite(value))
        transport_.set_tempo(std::clamp(value, kLeastTempo, kMostTempo));
    else if (parameter == Parameter::listen && std::isfinite(value))
        company_.set(static_cast<Listen>(
            std::lround(std::clamp(value, range_of(parameter).low, range_of(parameter).high))));
    else if (parameter == Parameter::style && std::isfinite(value))
        styles_.ask(static_cast<StyleName>(
            std::lround(std::clamp(value, range_of(parameter).low, range_of(parameter).high))));
    else
        stage_.set(parameter, value);
}

void Band::panic(uint64_t frame) noexcept {
    held_.clear();
    silence(frame);
}

void Band::silence(uint64_t frame) noexcept {
    stage_.schedule().panic(frame, static_cast<uint16_t>(stage_.channels() | controls_.channels()));
}

void Band::start(uint64_t frame) noexcept {
    if (transport_.state() != TransportState::stopped) return;
    begin(frame);
    transport_.start_with_clock(frame);
}

void Band::stop(uint64_t frame) noexcept {
    silence(frame);
    clock_out_.stop(frame, stage_.schedule());
    transport_.stop();
    forget_plan();
    chord_ = kNoChord;
    by_network_ = -1;
    halted_ = false;
}

void Band::midi(const InputEvent& event, uint64_t now) noexcept {
    held_.receive(event, now, beat_frames(), minor_heard_);
    const uint64_t came = event.frame == 0 ? now : std::min(event.frame, now);
    const uint64_t frame = came - std::min(came, output_delay_);
    switch (transport_.midi(event.bytes, event.size, frame)) {
        case MidiClock::Does::stop:
            return stop(now);
        case MidiClock::Does::start:
            if (transport_.state() == TransportState::running) silence(now);
            begin(now);
            return transport_.start_in_song(now, now - frame);
        default:
            return;
    }
}

Playing Band::playing() const noexcept {
    if (transport_.state() == TransportState::stopped) return Playing::stopped;
    const bool rests = entrance_.plays() && ending_.stance() == Stance::resting;
    const bool ended = ending_.ended();
    return rests ? Playing::resting : entrance_.plays() && ended ? Playing::ended : entrance_.state();
}

int Band::chord_played() const noexcept {
    if (chord_ == kNoChord || chord_quality(chord_) == kFifthAlone) return -1;
    return transpose_chord(chord_, stage_.transpose());
}

void Band::begin(uint64_t frame) noexcept {
    transport_.start(frame);
    entrance_.begin();
    ending_.begin();
    company_.begin();
    player_notes_.begin();
    memory_.clear();
    follower_.clear();
    chart_.clear();
    stage_.program_changes(frame);
    controls_.resend();
    resumes_ = true;
}

void Band::rest(uint64_t now) noexcept {
    forget_plan();
    by_network_ = -1;
    chord_ = kNoChord;
    if (resumes_) return;
    const uint64_t frame = std::max(now, transport_.frame());
    for (int part = 0; part < kParts; ++part)
        if (part != kAccents) stage_.schedule().end_part(part, frame);
    resumes_ = true;
}

// Where the network is asked what comes next, what it heard a step before still stands. An answer of an earlier step
// may have been of what comes, and is not taken for heard.
void Band::listen(const Advice& advice, bool fresh) noexcept {
    if (!fresh)
        by_network_ = -1;
    else if (!network_foretells(transport_.step_in_bar()))
        by_network_ = chord_by_network(advice, std::max(0, tonality_.key().tonic));
}

// A click on each beat, on the drums' channel, louder on the one.
void Band::count_in() noexcept {
    constexpr int kClick = 37;  // General MIDI's side stick
    if (transport_.step_in_bar() % 4 != 0 || !stage_.enabled(kDrums)) return;
    const uint64_t frame = transport_.frame();
    const auto length = static_cast<uint64_t>(0.5 * transport_.step_frames());
    stage_.play_at(kDrums, kClick, transport_.step_in_bar() == 0 ? 0.9f : 0.6f, frame, frame + length);
}

// How much of what is played, how loud, and who leaves room.
void Band::go_with_player() noexcept {
    company_.step(transport_.frame(), transport_.step_frames());
    for (int i = 0; i < kParts; ++i) {
        const Part part = static_cast<Part>(i);
        if (part == kAccents) continue;
        stage_.set_share(part, company_.share(part));
        stage_.shut(part, !company_.leaves_room(part));
    }
    const double bars = static_cast<double>(transport_.bar() % kArcBars) +
                        static_cast<double>(transport_.step_in_bar()) / transport_.steps_per_bar();
    const double arc = std::sin(3.14159265 * bars / kArcBars);
    stage_.set_swell(company_.swell() + kArcSpan * (static_cast<float>(arc) - 0.6f));
}

Moment Band::moment_of(uint64_t now, const hearing::Heard& heard, Emotion emotion,
                       const Advice& advice) const noexcept {
    const int step = transport_.step_in_bar();
    const int slot = step % kGrooveSteps;
    const double moved =
        (static_cast<double>(advice.offset[slot]) + styles_.now().delay(step)) * transport_.step_frames();
    const double frame = static_cast<double>(transport_.frame() - now) + moved;  // from now on
    return {heard,
            advice,
            form_.place(),
            follower_,
            player_notes_,
            chart_,
            styles_.now(),
            valence_,
            activity_of(emotion),
            tonality_.key(),
            chord_,
            false,
            transport_.step(),
            step,
            transport_.steps_per_bar(),
            metrical_weight(step, transport_.steps_per_bar()),
            now + static_cast<uint64_t>(std::max(0.0, frame + 0.5)),
            transport_.step_frames(),
            advice.emphasis[slot]};
}

// What is heard or foreseen holds; only where nothing is known does the band choose.
void Band::choose(Moment& moment) noexcept {
    const bool may_change = chord_may_change(moment, chord_rng_);
    const int known = followed_ >= 0 ? followed_ : by_network_;
    if (chord_root(known) >= 0) {
        // What stands above the triad changes where a bar or its middle begins.
        const bool stays = held_chord_ < 0 && same_triad(known, chord_) && moment.weight < 3 && !resumes_;
        moment.chord = stays ? chord_ : known;
    } else if (!moment.key.known() || !(may_change || resumes_)) {
        return;
    } else if (may_change || chord_ == kNoChord) {
        moment.chord =
            moment.advice.has_harmony ? choose_chord(moment, chord_rng_) : chord_without_network(moment);
    }
    moment.chord_changed = moment.chord != chord_ || moment.step == 0 || resumes_;
    chord_ = moment.chord;
    resumes_ = false;
}

void Band::play(Moment& moment, Along along, uint64_t now) noexcept {
    const Stance before = ending_.stance();
    if (before != Stance::playing) forget_plan();
    if (play_ != Play::always)
        ending_.step(transport_, moment.heard, tonality_.key(), company_.listen() == Listen::answer);
    switch (ending_.stance()) {
        case Stance::playing:
            resumes_ = resumes_ || before == Stance::over || before == Stance::resting;
            if (along == Along::rhythm || along == Along::tone)
                choose_fifth(moment, along == Along::tone ? tone_of(moment.heard) : tonality_.key().tonic);
            else
                choose(moment);
            along = along == Along::nothing ? Along::music : along;
            perform(moment, along, now);
            return look_ahead(moment, along);
        case Stance::resting:
            return keep_time(moment, now);
        case Stance::holding:
            return hold(moment, before != Stance::holding, now);
        case Stance::closing:
            return close(moment, before != Stance::holding);
        case Stance::over:
            return;
    }
}

// Drums, thinly, and the chord's bass on the bar line.
void Band::keep_time(const Moment& moment, uint64_t now) noexcept {
    stage_.set_share(kKeptTime * entrance_.share());
    if (moment.step == 0) perform(kBass, players_.bass, moment, now);
    perform(kDrums, players_.drums, moment, now);
    if (company_.listen() == Listen::answer && moment.key.known())
        perform(kMelody, players_.melody, moment, now);
}

// The melody plays, or did so a moment ago: it belongs to a last chord, also where a beat that gives way has silenced it.
bool Band::sings(const Moment& moment) const noexcept {
    const uint64_t last = stage_.last_on(kMelody);
    return entrance_.plays(kMelody) ||
           (last != 0 && static_cast<double>(moment.frame - std::min(last, moment.frame)) <=
                             kSingsBars * moment.steps_per_bar * moment.step_frames);
}

// The melody's last note is none of the chord in force.
bool Band::off_chord() const noexcept {
    return !holds(chord_mask(chord_), std::max(0, stage_.last_pitch(kMelody)));
}

// While it may be the end: what sounds lasts. On coming to it, all moves to the player's chord or, where that is not heard
// well, to the tonic: what fades is not, of that the tonic alone is believed. The drums go on until the end is more likely.
void Band::hold(Moment& moment, bool begins, uint64_t now) noexcept {
    if (begins && ending_.soon()) {
        const bool home = moment.key.known() && chord_root(moment.heard.chord) == moment.key.tonic;
        const bool heard = home || ending_.held(moment.heard);
        moment.chord = chord_ = last_chord(moment, heard);
        play_last_chord(moment, {kHeldSteps, sings(moment) && (heard || off_chord()), false}, stage_);
    }
    stage_.hold(moment.frame, kHeldSteps * moment.step_frames);
    if (!ending_.likely()) perform(kDrums, players_.drums, moment, now);
}

// `fresh`: it was not held already. What was, stays as it is where the player ended more than a beat ago.
void Band::close(Moment& moment, bool fresh) noexcept {
    const double ring = kRingBars * static_cast<double>(moment.steps_per_bar);
    if (!fresh && !ending_.in_time()) {
        stage_.hold(moment.frame, ring * moment.step_frames);
    } else {
        moment.chord = chord_ = last_chord(moment, ending_.held(moment.heard));
        play_last_chord(moment,
                        {ring, sings(moment) && (fresh || off_chord()), fresh && entrance_.plays(kDrums)},
                        stage_);
    }
    resumes_ = true;  // what rings is not cut where the player stays silent
}

// A root and its fifth; none where the root is not known.
void Band::choose_fifth(Moment& moment, int root) noexcept {
    moment.chord = root < 0 ? kNoChord : kFifths + root;
    moment.chord_changed = moment.chord != chord_ || moment.step == 0 || resumes_;
    chord_ = moment.chord;
    resumes_ = false;
}

bool Band::may_play(Needs needs, const Moment& moment, Along along) const noexcept {
    const bool key = moment.key.known(), harmony = key || moment.chord != kNoChord;
    switch (needs) {
        case Needs::nothing:
            return true;
        case Needs::harmony:
            return harmony;
        case Needs::chords:
            return harmony && along != Along::rhythm;
        case Needs::key:
            return key && along == Along::music;
    }
    return false;
}

void Band::perform(const Moment& moment, Along along, uint64_t now) noexcept {
    players_.each([&](Part part, auto& player, Needs needs) {
        if (may_play(needs, moment, along)) perform(part, player, moment, now);
    });
}

void Band::plan_beat(bool plays) noexcept {
    const int step = transport_.step_in_bar();
    if (step % kStepsPerBeat != 0) return;
    const Key key = tonality_.key();
    planned_beat_ = {transport_.frame(),
                     static_cast<float>(transport_.tempo()),
                     static_cast<uint16_t>(form_.place().section),
                     static_cast<uint8_t>(form_.place().material),
                     static_cast<uint8_t>(step / kStepsPerBeat),
                     static_cast<uint8_t>(transport_.beats_per_bar()),
                     static_cast<int8_t>(chord_played()),
                     static_cast<int8_t>(key.tonic),
                     static_cast<uint8_t>(key.minor ? 1 : 0),
                     static_cast<uint8_t>(plays ? 1 : 0),
                     {}};
}

// With each beat, after what it plays: the chords that are foreseen, and what the parts make of this bar and the next.
void Band::look_ahead(const Moment& moment, Along along) noexcept {
    if (moment.step % kStepsPerBeat != 0) return;
    const PlannedBar before = planned_[0];
    const Place next = form_.next(moment.activity, moment.advice.emphasis);
    planned_[0] = planned_bar(at_bar(moment, moment.place), along);
    planned_[1] = planned_bar(at_bar(moment, next), along);
    if (before.flags & kIsPlanned)
        std::copy_n(before.chords, moment.step / kStepsPerBeat, planned_[0].chords);
    plan_chords(moment, stage_.transpose(), &planned_[0], &planned_[1]);
}

PlannedBar Band::planned_bar(const Moment& bar, Along along) noexcept {
    PlannedBar planned = {};
    std::fill_n(planned.chords, kMostBeatsPerBar, static_cast<int8_t>(-1));
    planned.flags = static_cast<uint8_t>(kIsPlanned | (bar.place.section_begins() ? kBeginsSection : 0) |
                                         (bar.place.phrase_ends() ? kEndsPhrase : 0));
    players_.each([&](Part part, auto& player, Needs needs) {
        if (part >= kPlannedParts || !stage_.enabled(part) || !entrance_.plays(part) ||
            !may_play(needs, bar, along))
            return;
        const uint32_t strikes = player.strikes(bar);
        if (part == kMelody && strikes == Melody::kOpen)
            planned.flags |= kMelodyOpen;
        else
            planned.strikes[part] = strikes;
    });
    return planned;
}

template <typename Player>
void Band::perform(Part part, Player& player, Moment moment, uint64_t now) noexcept {
    const double late = humanise_ * kDrummersSpread * players_.unevenness(part) * moment.step_frames;
    if (!stage_.enabled(part) || !entrance_.plays(part)) return;
    const double frame = static_cast<double>(moment.frame - now) + late;  // from now on
    moment.frame = now + static_cast<uint64_t>(std::max(0.0, frame + 0.5));
    moment.frame = stage_.attack(part, moment);
    player.plan(moment, stage_);
}

}  // namespace emohost::music
