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

// Of PortAudio's header: what its callback is given. Seconds on the stream's clock.
struct PortAudioTimes {
    double input_adc;
    double current;
    double output_dac;
};
constexpr int kPortAudioContinue = 0;

struct Range {
    float low, high;
};
// By Parameter, in order.
constexpr Range kRanges[] = {{20, 300}, {0, 2}, {0, 2}, {-24, 24}, {0, 1},
                             {0, 1},    {0, 1}, {0, 1}, {0, 1},    {0, 1}};
static_assert(sizeof kRanges / sizeof kRanges[0] == static_cast<std::size_t>(Parameter::count), "one each");

}  // namespace

void NetworkSet::step(Role role, const float* in) noexcept {
    if (!networks[role]) return;
    networks[role]->evaluate(in, committed[role]);
    networks[role]->commit();
}

void NetworkSet::evaluate(Role role, const float* in) noexcept {
    if (networks[role]) networks[role]->evaluate(in, provisional[role]);
}

music::Outputs NetworkSet::outputs() const noexcept {
    return {has(kMelody) ? committed[kMelody] : nullptr, has(kHarmony) ? committed[kHarmony] : nullptr,
            has(kDynamics) ? committed[kDynamics] : nullptr, has(kGroove) ? committed[kGroove] : nullptr};
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
    take_networks();
    obey_commands();
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
    std::fill(std::begin(ran), std::end(ran), false);
}

void Engine::State::take_networks() noexcept {
    NetworkSet* fresh = nullptr;
    if (graveyard.full() || !load.pop(&fresh)) return;
    std::unique_ptr<NetworkSet> other(fresh);
    set.swap(other);
    graveyard.push(other.release());
}

void Engine::State::obey_commands() noexcept {
    Command command;
    for (uint32_t i = 0; i < shared.command.capacity() && shared.command.pop(&command); ++i) obey(command);
}

void Engine::State::obey(const Command& command) noexcept {
    switch (command.kind) {
        case CommandKind::panic:
            return musician->panic(frame);
        case CommandKind::transport_start:
            return musician->start(frame);
        case CommandKind::transport_stop:
            return musician->stop(frame);
        case CommandKind::set_parameter:
            break;
        default:
            return;  // another process wrote it: not to be trusted
    }
    if (command.parameter >= Parameter::count || !std::isfinite(command.value)) return;
    const Range range = kRanges[static_cast<uint32_t>(command.parameter)];
    const float value = std::min(std::max(command.value, range.low), range.high);
    if (command.parameter == Parameter::emotion_weight) {
        side_b.set_factor(value);
    } else {
        musician->set(command.parameter, value);
    }
}

void Engine::State::take_emotion(uint64_t now_ns) noexcept {
    side_b.take(frame, now_ns);
    const SideB::Counts& counts = side_b.counts();
    shared.emotion_taken.store(counts.taken, std::memory_order_relaxed);
    shared.emotion_lost.store(counts.lost, std::memory_order_relaxed);
    shared.emotion_torn.store(counts.torn, std::memory_order_relaxed);
    shared.emotion_stale.store(counts.stale, std::memory_order_relaxed);
    shared.emotion_share.store(side_b.share(), std::memory_order_relaxed);
}

// Channels to mono, NaN and infinity to silence.
void Engine::State::mix(const float* in, int frames) noexcept {
    if (!in) {
        std::fill_n(mono.data(), frames, 0.0f);
        return;
    }
    const int channels = settings.channels_in;
    const float share = 1.0f / static_cast<float>(channels);
    uint32_t bad = 0;
    float peak = report.peak;
    for (int i = 0; i < frames; ++i) {
        float sum = 0.0f;
        for (int c = 0; c < channels; ++c) {
            const float sample = in[i * channels + c];
            const bool finite = std::isfinite(sample);
            const float clean = finite ? sample : 0.0f;
            bad += finite ? 0 : 1;
            peak = std::max(peak, std::fabs(clean));
            sum += std::min(std::max(clean, -kLoudest), kLoudest);
        }
        mono[static_cast<std::size_t>(i)] = sum * share;
    }
    bad_samples += bad;
    if (bad) report.flags |= kNotANumber;
    if (peak > 0.0f && shared.first_sound_frame.load(std::memory_order_relaxed) == kNoFrame) {
        int first = 0;
        while (first < frames * channels - 1 && (!std::isfinite(in[first]) || in[first] == 0.0f)) ++first;
        shared.first_sound_frame.store(frame + static_cast<uint64_t>(first / channels),
                                       std::memory_order_release);
    }
    report.peak = peak;
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
// tick that ends there comes first, then the step planned there; a step at the end of a block belongs to the
// next.
void Engine::State::walk(int frames) noexcept {
    const uint64_t end = frame + static_cast<uint64_t>(frames);
    const float* samples = mono.data();
    while (frame < end) {
        plan_due_steps();
        uint64_t n = std::min(end - frame, static_cast<uint64_t>(listener->until_tick()));
        const uint64_t plan = musician->next_plan_frame();
        if (plan > frame) n = std::min(n, plan - frame);
        const dsp::Tick tick = listener->push(samples, static_cast<int>(n));
        samples += n;
        frame += n;
        if (tick.due) take_tick(tick);
    }
}

void Engine::State::plan_due_steps() noexcept {
    for (int i = 0; i < kMostPlansAtOnce && musician->next_plan_frame() <= frame; ++i) {
        hand_out(frame);
        feel(frame);
        StepInputs inputs;
        describe(embedding, &inputs);
        music::Outputs outputs = set->outputs();
        outputs.fresh = !overload.sheds(Shed::networks);
        if (outputs.fresh) {
            set->step(kMelody, embedding);
            set->step(kHarmony, inputs.harmony);
            set->step(kDynamics, inputs.dynamics);
            set->step(kGroove, embedding);
        }
        musician->plan(listener->heard(), emotion, outputs);
        ran[kMelody] = ran[kHarmony] = ran[kDynamics] = ran[kGroove] = true;
        report.flags |= kStep;
    }
}

void Engine::State::take_tick(const dsp::Tick& tick) noexcept {
    if (!tick.hop && !tick.onset) return;
    hand_out(frame);
    const dsp::Heard& heard = listener->heard();
    if (tick.hop) {
        if (set->has(kEmotion)) {
            if (!overload.sheds(Shed::networks)) set->step(kEmotion, heard.features);
            std::copy_n(set->committed[kEmotion], kEmbedding, audio_embedding);
        } else {
            encode({0, 0}, audio_embedding);
        }
        ran[kEmotion] = true;
        report.flags |= kHop;
        if (trace && trace->count < trace->capacity) {
            Hop& hop = trace->hops[trace->count++];
            hop.heard.heard = heard;
            hop.heard.frame = frame;
            std::copy_n(audio_embedding, kEmbedding, hop.embedding);
        }
    }
    feel(frame);
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

void Engine::State::describe(const float* from, StepInputs* inputs) const noexcept {
    std::copy_n(from, kEmbedding, inputs->harmony);
    constexpr int kPool = kEmbedding / kDynamicsHalf;
    for (int i = 0; i < kDynamicsHalf; ++i) {
        float sum = 0.0f;
        for (int k = 0; k < kPool; ++k) sum += from[i * kPool + k];
        inputs->dynamics[i] = sum / kPool;
    }
    musician->describe_step(listener->heard(), inputs->harmony + kEmbedding,
                            inputs->dynamics + kDynamicsHalf);
}

// Every block evaluates all five: those whose tick did not fall inside it, on the freshest knowledge, not
// committed. Nothing that is played comes of it: under overload it goes first.
void Engine::State::evaluate_the_rest() noexcept {
    const bool spared = !settings.between_ticks || overload.sheds(Shed::evaluations);
    const float* heard_embedding = audio_embedding;
    if (!ran[kEmotion] && set->has(kEmotion) && !spared) {
        set->evaluate(kEmotion, listener->heard().features);
        heard_embedding = set->provisional[kEmotion];
    }
    alignas(64) float fresh[kEmbedding];
    side_b.advance(frame);
    side_b.mix(heard_embedding, fresh);
    if (!ran[kMelody] && !spared) {  // the four share one clock
        StepInputs inputs;
        describe(fresh, &inputs);
        set->evaluate(kMelody, fresh);
        set->evaluate(kHarmony, inputs.harmony);
        set->evaluate(kDynamics, inputs.dynamics);
        set->evaluate(kGroove, fresh);
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
        musician->taken();
    }
}

void Engine::State::finish_report(uint64_t started) noexcept {
    const dsp::Heard& heard = listener->heard();
    report.dropped_events = musician->dropped();
    report.level_db = heard.level_db;
    report.key_clarity = heard.key_clarity;
    report.tempo = static_cast<float>(musician->tempo());
    report.tuning_cents = heard.tuning_cents;
    report.tonic = static_cast<int8_t>(heard.tonic);
    report.minor = heard.minor ? 1 : 0;
    report.chord_heard = static_cast<int8_t>(heard.chord);
    report.chord_played = static_cast<int8_t>(musician->chord_played());
    report.sounding = musician->sounding();
    report.step_in_bar = static_cast<uint16_t>(musician->step_in_bar());
    report.notes = musician->notes();
    report.onsets = onsets;
    report.bad_samples = bad_samples;
    const uint64_t duration = now() - started;
    if (settings.sheds) overload.finished(duration, report.frames);
    report.duration_ns = static_cast<uint32_t>(std::min<uint64_t>(duration, UINT32_MAX));
    shared.telemetry.push(report);
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

uint64_t Engine::frame() const noexcept { return state_->published_frame.load(std::memory_order_relaxed); }

}  // namespace emohost
