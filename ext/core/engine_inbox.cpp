// What comes to the engine from outside, taken between two blocks: networks, commands, MIDI, emotion. On the audio
// thread: nothing here allocates, locks, calls the system or throws.
#include <algorithm>
#include <cmath>

#include "core/engine_state.h"

namespace emohost {

namespace {

// Ahead: a command of a later frame is taken for garbled.
constexpr double kFarthest_s = 3600.0;
constexpr double kFarthestInput_s = 10.0;  // likewise MIDI that came in

}  // namespace

void Engine::State::take_networks() noexcept {
    NetworkSet* fresh = nullptr;
    if (graveyard.full() || !load.pop(&fresh)) return;
    std::unique_ptr<NetworkSet> other(fresh);
    other->take_over(*set);
    set.swap(other);
    record.networks(set->replaced);
    graveyard.push(other.release());
}

void Engine::State::take_style() noexcept {
    if (styles.size() == 0) return;
    music::Style own;
    if (!styles.pop(&own)) return;
    record.style();
    musician->own_style(own);
}

// What nothing more can be kept of stays in the ring, whose writer is told when it is full.
void Engine::State::take_commands() noexcept {
    Command command;
    for (uint32_t i = 0; i < shared.command.capacity() && !pending.full() && shared.command.pop(&command);
         ++i) {
        record.command(command);
        // Whoever sets a parameter last wins, also over a change that was sent ahead of its beat.
        if (command.kind == CommandKind::set_parameter) {
            pending.forget([&](const Command& other) {
                return other.kind == command.kind && other.parameter == command.parameter &&
                       other.frame >= command.frame;
            });
        }
        const bool at_once = command.kind == CommandKind::tap || command.kind == CommandKind::downbeat ||
                             command.kind == CommandKind::anchor;
        if (command.frame <= frame || at_once)
            apply(command);
        else if (static_cast<double>(command.frame - frame) < kFarthest_s * settings.sample_rate)
            pending.add(command);
    }
}

void Engine::State::apply_due() noexcept {
    Command command;
    for (int i = 0; i < pending.kCapacity && pending.take(frame, &command); ++i) {
        hand_out(frame);
        apply(command);
    }
}

void Engine::State::apply(const Command& command) noexcept {
    switch (command.kind) {
        case CommandKind::panic:
            notes.release();
            return musician->panic(frame);
        case CommandKind::transport_start:
            return musician->start(frame);
        case CommandKind::transport_stop:
            return musician->stop(frame);
        case CommandKind::tap:
            return musician->tap(command.frame ? command.frame : frame);
        case CommandKind::downbeat:
            return musician->downbeat(command.frame ? command.frame : frame);
        case CommandKind::anchor:
            return musician->anchor(music::unpack_anchor(command.frame, command.value, command.place));
        case CommandKind::lead:
            if (command.value >= 0.0f && command.value < static_cast<float>(music::ClockSource::count))
                musician->lead(static_cast<music::ClockSource>(command.value));
            return;
        case CommandKind::set_parameter:
            break;
        default:
            return;  // another process wrote it: not to be trusted
    }
    if (command.parameter >= Parameter::count || !std::isfinite(command.value)) return;
    const ParameterRange range = range_of(command.parameter);
    const float value = std::min(std::max(command.value, range.low), range.high);
    if (command.parameter == Parameter::emotion_weight) {
        side_b.set_factor(value);
    } else {
        musician->set(command.parameter, value);
    }
}

// As with commands: what nothing more can be kept of stays in the ring.
void Engine::State::take_inputs() noexcept {
    InputEvent event;
    for (uint32_t i = 0; i < shared.input.capacity() && !pending_in.full() && shared.input.pop(&event); ++i) {
        record.input(event);
        const bool ahead = event.frame > frame;
        if (event.size < 1 || event.size > sizeof event.bytes || event.bytes[0] < 0x80 ||
            (ahead && static_cast<double>(event.frame - frame) > kFarthestInput_s * settings.sample_rate)) {
            ++inputs_refused;
        } else if (ahead) {
            pending_in.add(event);
        } else {
            receive(event);
        }
    }
    shared.input_refused.store(inputs_refused, std::memory_order_relaxed);
}

void Engine::State::receive_due() noexcept {
    InputEvent event;
    for (int i = 0; i < pending_in.kCapacity && pending_in.take(frame, &event); ++i) {
        hand_out(frame);
        receive(event);
    }
}

// One MIDI message from outside, of `event.frame` or, if that is 0, of now. Whoever follows it is told here.
void Engine::State::receive(const InputEvent& event) noexcept {
    shared.input_taken.store(++inputs_taken, std::memory_order_relaxed);
    const bool heard_by_ear =
        event.source < music::kMostInputs && (settings.music.inputs[event.source] & music::kEarsInput);
    if (heard_by_ear) notes.receive(event.bytes, event.size);
    musician->midi(event, frame);
    if (input_trace && input_trace->count < input_trace->capacity) {
        input_trace->taken[input_trace->count++] = {event, frame};
    }
}

void Engine::State::take_emotion(uint64_t now_ns) noexcept {
    side_b.take(frame, now_ns, &record);
    const SideB::Counts& counts = side_b.counts();
    shared.emotion_taken.store(counts.taken, std::memory_order_relaxed);
    shared.emotion_lost.store(counts.lost, std::memory_order_relaxed);
    shared.emotion_torn.store(counts.torn, std::memory_order_relaxed);
    shared.emotion_stale.store(counts.stale, std::memory_order_relaxed);
    shared.emotion_share.store(side_b.share(), std::memory_order_relaxed);
}

}  // namespace emohost
