// The audio thread's side of the engine. Nothing here allocates, locks, calls the system or throws.
#include "core/engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/engine_state.h"
#include "core/rt/clock.h"
#include "core/rt/denormals.h"
#include "core/rt/stack.h"

namespace emohost {

namespace {

constexpr int kMostPlansAtOnce = 4;  // steps are at least 50 ms apart: one is due at a time

// A step so far away, for an engine to go on with, is taken for garbled.
constexpr double kFarthest_s = 3600.0;

// Of PortAudio's header: what its callback is given. Seconds on the stream's clock.
struct PortAudioTimes {
    double input_adc;
    double current;
    double output_dac;
};
constexpr int kPortAudioContinue = 0;

}  // namespace

void NetworkSet::step(Role role, const float* in) noexcept {
    if (!networks[role]) return;
    networks[role]->evaluate(in, committed[role]);
    networks[role]->commit();
}

void NetworkSet::take_over(NetworkSet& before) noexcept {
    for (int role = 0; role < kRoles; ++role) {
        const auto r = static_cast<std::size_t>(role);
        const bool had = before.networks[r] != nullptr;
        if (!(replaced >> role & 1u)) networks[r].swap(before.networks[r]);
        if (!had || !networks[r]) continue;
        std::copy_n(before.committed[role], kMostOutputs, committed[role]);
        std::copy_n(before.provisional[role], kMostOutputs, provisional[role]);
    }
}

void NetworkSet::evaluate(Role role, const float* in) noexcept {
    if (networks[role]) networks[role]->evaluate(in, provisional[role]);
}

music::Outputs NetworkSet::outputs() const noexcept {
    return {has(kMelodyRole) ? committed[kMelodyRole] : nullptr,
            has(kHarmonyRole) ? committed[kHarmonyRole] : nullptr,
            has(kDynamicsRole) ? committed[kDynamicsRole] : nullptr,
            has(kGrooveRole) ? committed[kGrooveRole] : nullptr};
}

void Engine::process(const float* in, float* out, int frames, uint32_t flags, double device_time) noexcept {
    state_->process(in, out, frames, flags, device_time);
}

int Engine::portaudio_callback(const void* in, void* out, unsigned long frames, const void* time_info,
                               unsigned long flags, void* user) noexcept {
    const PortAudioTimes* times = static_cast<const PortAudioTimes*>(time_info);
    const double device_time = !times ? 0.0 : times->input_adc > 0.0 ? times->input_adc : times->current;
    const uint32_t known =
        kInputUnderflow | kInputOverflow | kOutputUnderflow | kOutputOverflow | kPrimingOutput;
    static_cast<Engine*>(user)->process(static_cast<const float*>(in), static_cast<float*>(out),
                                        static_cast<int>(std::min(frames, 1ul << 30)),
                                        static_cast<uint32_t>(flags) & known, device_time);
    return kPortAudioContinue;
}

uint64_t Engine::State::now() const noexcept {
    return settings.clock ? settings.clock() : rt::monotonic_ns();
}

void Engine::State::process(const float* in, float* out, int frames, uint32_t flags,
                            double device_time) noexcept {
    const rt::FlushDenormals guard;
    const uint64_t started = now();
    frames = std::max(frames, 0);
    begin(started, frames, in ? flags : flags | kNullInput, device_time);
    if (resuming) resume(started);
    take_networks();
    take_style();
    take_commands();
    take_inputs();
    take_emotion(started);
    for (int done = 0; done < frames;) {
        const int piece = std::min(frames - done, settings.max_block);
        mix(in, piece);
        fill_output(in, out, piece);
        walk(piece);
        if (in) in += static_cast<std::size_t>(piece) * settings.channels_in;
        if (out) out += static_cast<std::size_t>(piece) * settings.channels_out;
        done += piece;
    }
    evaluate_the_rest();
    hand_out(frame);
    tell_continuation();
    finish_report(started);
}

void Engine::State::begin(uint64_t started, int frames, uint32_t flags, double device_time) noexcept {
    if (first_block) rt::touch_stack();
    first_block = false;
    shared.time.store({frame, device_time, started});
    report = BlockReport{};
    report.block = block;
    report.frame = frame;
    report.started_ns = started;
    report.frames = static_cast<uint32_t>(frames);
    report.device_time = device_time;
    report.flags = frames > settings.max_block ? flags | kOversizedBlock : flags;
    if (overload.sheds(Shed::evaluations)) report.flags |= kShedEvaluations;
    if (overload.sheds(Shed::listening)) report.flags |= kShedListening;
    if (overload.sheds(Shed::networks)) report.flags |= kShedNetworks;
    listener->spare(overload.sheds(Shed::listening));
    record.begin({frame, started, report.frames, report.flags});
    std::fill(std::begin(ran), std::end(ran), false);
}

void Engine::State::resume(uint64_t now_ns) noexcept {
    resuming = false;
    double ahead = static_cast<double>(resumes.step_frame);
    if (resumes.step_ns) {
        const double ns = resumes.step_ns >= now_ns ? static_cast<double>(resumes.step_ns - now_ns)
                                                    : -static_cast<double>(now_ns - resumes.step_ns);
        ahead = ns * 1e-9 * settings.sample_rate;
    }
    if (std::fabs(ahead) < kFarthest_s * settings.sample_rate) musician->resume(resumes, frame, ahead);
}

// Channels to mono, NaN and infinity to silence.
void Engine::State::mix(const float* in, int frames) noexcept {
    if (!in) {
        std::fill_n(mono.data(), frames, 0.0f);
        return;
    }
    const int channels = settings.channels_in;
    record.samples(in, frames, channels, heard.data(), static_cast<int>(heard.size()));
    const float share = 1.0f / static_cast<float>(heard.size());
    uint32_t bad = 0;
    float peak = report.peak;
    double power = 0.0, mixed = 0.0;
    int first_sound = frames;
    for (int i = 0; i < frames; ++i) {
        float sum = 0.0f;
        for (const int c : heard) {
            const float sample = in[i * channels + c];
            const bool finite = std::isfinite(sample);
            const float clean = finite ? std::min(std::max(sample, -kLoudest), kLoudest) : 0.0f;
            bad += finite ? 0 : 1;
            peak = std::max(peak, std::fabs(finite ? sample : 0.0f));
            sum += clean;
            power += static_cast<double>(clean) * clean;
        }
        const float mean = sum * share;
        mono[static_cast<std::size_t>(i)] = mean;
        mixed += static_cast<double>(mean) * mean;
        if (power > 0.0 && first_sound == frames) first_sound = i;
    }
    bad_samples += bad;
    if (bad) report.flags |= kNotANumber;
    if (first_sound < frames && shared.first_sound_frame.load(std::memory_order_relaxed) == kNoFrame) {
        shared.first_sound_frame.store(frame + static_cast<uint64_t>(first_sound), std::memory_order_release);
    }
    const auto width = static_cast<double>(heard.size());
    if (width > 1.0 && power > kAudible * width * frames && mixed < kCancelled * power / (width * width)) {
        report.flags |= kCancelledChannels;
    }
    report.peak = peak;
    if (peak >= kFullScale) look_for_clipping(in, frames);
}

// A converter, or a program, that had no room for what was louder leaves several samples in a row at full scale.
void Engine::State::look_for_clipping(const float* in, int frames) noexcept {
    for (const int c : heard) {
        int row = 0, longest = 0;
        for (int i = 0; i < frames; ++i) {
            const float size = std::fabs(in[i * settings.channels_in + c]);
            row = size >= kFullScale && std::isfinite(size) ? row + 1 : 0;
            longest = std::max(longest, row);
        }
        if (longest >= kClippedRow) report.flags |= kClipped;
    }
}

void Engine::State::fill_output(const float* in, float* out, int frames) const noexcept {
    if (!out || settings.channels_out == 0) return;
    const int from = settings.channels_in, to = settings.channels_out;
    const int copied = in && settings.pass_through ? std::min(from, to) : 0;
    for (int i = 0; i < frames; ++i) {
        for (int c = 0; c < to; ++c) {
            const float sample = c < copied ? in[i * from + c] : 0.0f;
            out[i * to + c] = std::isfinite(sample) ? sample : 0.0f;
        }
    }
}

// Everything musical, each at its exact frame: where a block begins or ends changes nothing. At one frame the
// tick that ends there comes first, then commands, then the step planned there; a step at the end of a block belongs
// to the next.
void Engine::State::walk(int frames) noexcept {
    const uint64_t end = frame + static_cast<uint64_t>(frames);
    float* samples = mono.data();
    while (frame < end) {
        apply_due();
        receive_due();
        plan_due_steps();
        uint64_t n = std::min(end - frame, static_cast<uint64_t>(listener->until_tick()));
        const uint64_t plan = musician->next_plan_frame();
        if (plan > frame) n = std::min(n, plan - frame);
        n = std::min({n, pending.next_frame() - frame, pending_in.next_frame() - frame});
        if (hears_notes) notes.render(samples, static_cast<int>(n));
        const hearing::Tick tick = listener->push(samples, static_cast<int>(n));
        samples += n;
        frame += n;
        if (tick.due) take_tick(tick);
    }
}

void Engine::State::plan_due_steps() noexcept {
    for (int i = 0; i < kMostPlansAtOnce && musician->next_plan_frame() <= frame; ++i) {
        hand_out(frame);
        feel(frame);
        const StepMoment moment = musician->step_moment(listener->heard());
        StepInputs inputs;
        describe_step(embedding, moment, &inputs);
        keep_step(moment, inputs);
        music::Outputs outputs = set->outputs();
        outputs.fresh = !overload.sheds(Shed::networks);
        if (outputs.fresh) {
            set->step(kMelodyRole, embedding);
            set->step(kHarmonyRole, inputs.harmony);
            set->step(kDynamicsRole, inputs.dynamics);
            set->step(kGrooveRole, embedding);
        }
        musician->plan(listener->heard(), emotion, outputs);
        ran[kMelodyRole] = ran[kHarmonyRole] = ran[kDynamicsRole] = ran[kGrooveRole] = true;
        report.flags |= kStep;
    }
}

void Engine::State::keep_step(const StepMoment& moment, const StepInputs& inputs) noexcept {
    if (!step_trace || step_trace->count >= step_trace->capacity) return;
    Step& step = step_trace->steps[step_trace->count++];
    step.frame = frame;
    std::copy_n(embedding, kEmbedding, step.embedding);
    step.moment = moment;
    step.inputs = inputs;
}

void Engine::State::take_tick(const hearing::Tick& tick) noexcept {
    if (!tick.hop && !tick.onset) return;
    hand_out(frame);
    const hearing::Heard& heard = listener->heard();
    if (tick.hop && set->has(kBeatRole)) {
        if (!overload.sheds(Shed::networks)) set->step(kBeatRole, heard.beat_features);
        listener->hear_beat(set->committed[kBeatRole]);
    }
    if (tick.hop) {
        if (set->has(kEmotionRole)) {
            if (!overload.sheds(Shed::networks)) set->step(kEmotionRole, heard.features);
            calm.hop(heard.lately);
            calm.mix(set->committed[kEmotionRole], audio_embedding);
        } else {
            encode({0, 0}, audio_embedding);
        }
        ran[kEmotionRole] = true;
        report.flags |= kHop;
        if (trace && trace->count < trace->capacity) {
            Hop& hop = trace->hops[trace->count++];
            hop.heard.heard = heard;
            hop.heard.frame = frame;
            std::copy_n(audio_embedding, kEmbedding, hop.embedding);
        }
    }
    feel(frame);
    if (tick.hop) musician->hear(frame, heard);
    if (tick.onset) {
        ++onsets;
        musician->onset(frame, heard, emotion);
    }
    if (tick.hop) musician->controls(frame, heard, emotion, set->outputs());
}

void Engine::State::feel(uint64_t at) noexcept {
    side_b.advance(at);
    side_b.mix(audio_embedding, embedding);
    emotion = decode(embedding);
}

// Every block evaluates all five: those whose tick did not fall inside it, on the freshest knowledge, not
// committed. Nothing that is played comes of it: under overload it goes first.
void Engine::State::evaluate_the_rest() noexcept {
    const bool spared = !settings.between_ticks || overload.sheds(Shed::evaluations);
    alignas(64) float provisional[kEmbedding];
    const float* heard_embedding = audio_embedding;
    if (!ran[kEmotionRole] && set->has(kEmotionRole) && !spared) {
        set->evaluate(kEmotionRole, listener->heard().features);
        calm.mix(set->provisional[kEmotionRole], provisional);
        heard_embedding = provisional;
    }
    alignas(64) float fresh[kEmbedding];
    side_b.advance(frame);
    side_b.mix(heard_embedding, fresh);
    if (!ran[kMelodyRole] && !spared) {  // the four share one clock
        StepInputs inputs;
        describe_step(fresh, musician->step_moment(listener->heard()), &inputs);
        set->evaluate(kMelodyRole, fresh);
        set->evaluate(kHarmonyRole, inputs.harmony);
        set->evaluate(kDynamicsRole, inputs.dynamics);
        set->evaluate(kGrooveRole, fresh);
    }
    const Emotion played = decode(fresh), audio = decode(heard_embedding);
    report.valence = played.valence;
    report.arousal = played.arousal;
    report.audio_valence = audio.valence;
    report.audio_arousal = audio.arousal;
}

// Moves events due before `until` into the ring. What finds it full stays scheduled: no note-off is lost.
void Engine::State::hand_out(uint64_t until) noexcept {
    MidiEvent event;
    for (uint32_t i = 0; i < shared.event.capacity() && musician->next_event(until, &event); ++i) {
        if (shared.event.full()) {
            report.flags |= kEventRingFull;
            return;
        }
        shared.event.push(event);
        record.event(event);
        musician->taken();
    }
}

void Engine::State::tell_continuation() noexcept {
    Continuation now{};
    musician->tell(&now);
    const double ahead = now.step_frame >= report.frame ? static_cast<double>(now.step_frame - report.frame)
                                                        : -static_cast<double>(report.frame - now.step_frame);
    now.step_ns =
        report.started_ns + static_cast<uint64_t>(static_cast<int64_t>(ahead / settings.sample_rate * 1e9));
    now.reference_db = listener->reference_db();
    now.sounding = listener->heard().sounding ? 1 : 0;
    now.lately = static_cast<uint8_t>(listener->heard().lately);
    shared.continuation.store(now);
}

void Engine::State::finish_report(uint64_t started) noexcept {
    const hearing::Heard& heard = listener->heard();
    report.dropped_events = musician->dropped();
    report.level_db = heard.level_db;
    report.key_clarity = heard.key_clarity;
    report.tempo = static_cast<float>(musician->tempo());
    report.tuning_cents = heard.tuning_cents;
    const int chord = musician->chord_held();
    const theory::Key key = musician->key_held();
    report.tonic = static_cast<int8_t>(key.known() ? key.tonic : heard.tonic);
    report.minor = (key.known() ? key.minor : heard.minor) ? 1 : 0;
    report.chord_heard =
        static_cast<int8_t>(chord >= 0 && chord < theory::kChordClasses ? chord : heard.chord);
    report.chord_played = static_cast<int8_t>(musician->chord_played());
    report.sounding = musician->sounding();
    report.step_in_bar = static_cast<uint16_t>(musician->step_in_bar());
    report.notes = musician->notes();
    report.onsets = onsets;
    report.bad_samples = bad_samples;
    const music::Transport& transport = musician->transport();
    report.beat = static_cast<float>(transport.beat_at(frame));
    report.clock_confidence = transport.confidence();
    report.clock = static_cast<uint8_t>(transport.leads());
    report.playing = static_cast<uint8_t>(musician->playing());
    report.beats_per_bar = static_cast<uint8_t>(transport.beats_per_bar());
    report.clock_lost = transport.lost() ? 1 : 0;
    report.chart_bar = static_cast<int16_t>(musician->chart_bar());
    report.sound = static_cast<uint8_t>(heard.sound);
    report.sound_confidence = heard.sound_confidence;
    const music::Place& place = musician->place();
    report.section = static_cast<uint16_t>(place.section);
    report.material = static_cast<uint8_t>(place.material);
    report.bar_in_section = static_cast<uint8_t>(place.bar_in_section);
    report.bar_in_phrase = static_cast<uint8_t>(place.bar_in_phrase);
    report.phrase_bars = static_cast<uint8_t>(place.phrase_bars);
    report.style = static_cast<uint8_t>(musician->style());
    for (int bar = 0; bar < 2; ++bar) report.planned[bar] = musician->planned(bar);
    report.planned_beat = musician->planned_beat();
    const uint64_t duration = now() - started;
    if (settings.sheds) overload.finished(duration, report.frames);
    report.duration_ns = static_cast<uint32_t>(std::min<uint64_t>(duration, UINT32_MAX));
    shared.telemetry.push(report);
    record.commit();
    ++block;
    published_frame.store(frame, std::memory_order_relaxed);
    shared.blocks.fetch_add(1, std::memory_order_release);
}

void Engine::end_notes() noexcept { state_->musician->panic(state_->frame); }

bool Engine::take_owed(MidiEvent* event) noexcept {
    if (!state_->musician->next_event(kNoFrame, event)) return false;
    state_->musician->taken();
    return true;
}

void Engine::trace_hops(HopTrace* trace) noexcept { state_->trace = trace; }

void Engine::trace_steps(StepTrace* trace) noexcept { state_->step_trace = trace; }

void Engine::trace_inputs(InputTrace* trace) noexcept { state_->input_trace = trace; }

bool Engine::record_half_full() const noexcept { return state_->record.half_full(); }

uint64_t Engine::frame() const noexcept { return state_->published_frame.load(std::memory_order_relaxed); }

}  // namespace emohost
