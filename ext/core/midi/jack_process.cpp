// The client's process callback. Nothing here allocates, locks, calls the system or throws.
#include "core/midi/jack_client.h"
#include "core/rt/clock.h"

namespace emohost::midi {

namespace {

constexpr uint64_t kFirstFrame = uint64_t{1} << 40;  // the count may go back from where it began

struct Buffer {
    const jack::Library* library;
    void* buffer;
};

bool write_to(void* with, uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept {
    const auto* to = static_cast<const Buffer*>(with);
    return to->library->midi_event_write(to->buffer, offset, bytes, size) == 0;
}

}  // namespace

int JackClient::process(jack::Frames frames, void* self) noexcept {
    auto* client = static_cast<JackClient*>(self);
    Trapped& trapped = client->trapped_;
    if (!trapped.count) {
        client->cycle(frames);
        return 0;
    }
    trapped.arm();
    client->cycle(frames);
    trapped.disarm();
    for (int kind = 0; kind < kTrapKinds; ++kind) {
        trapped.calls[static_cast<std::size_t>(kind)].fetch_add(trapped.count(kind),
                                                                std::memory_order_relaxed);
    }
    return 0;
}

void JackClient::shut_down(void* self) noexcept {
    static_cast<JackClient*>(self)->ended_.store(true, std::memory_order_release);
}

void JackClient::cycle(jack::Frames frames) noexcept {
    if (!memory_) return;
    read_clock(frames);
    player_->follow(cycle_);
    take_in(frames);
    if (!output_) return;
    Buffer buffer{library_, library_->port_get_buffer(output_, frames)};
    if (!buffer.buffer) return;
    library_->midi_clear_buffer(buffer.buffer);
    player_->play(cycle_, {write_to, &buffer});
}

void JackClient::read_clock(jack::Frames frames) noexcept {
    const jack::Frames now_frame = library_->last_frame_time(client_);
    // In 32 bits, which run over; and PipeWire's count may go back, when another device drives it.
    const auto on = static_cast<int32_t>(now_frame - last_frame_);
    cycle_.frame = started_ ? cycle_.frame + static_cast<uint64_t>(int64_t{on}) : kFirstFrame + now_frame;
    started_ = true;
    last_frame_ = now_frame;
    cycle_.frames = frames;
    cycle_.rate = library_->get_sample_rate(client_);
    cycle_.now_ns = rt::monotonic_ns();
}

void JackClient::take_in(jack::Frames frames) noexcept {
    const double frame_ns = cycle_.rate > 0.0 ? 1e9 / cycle_.rate : 0.0;
    for (std::size_t source = 0; source < inputs_.size(); ++source) {
        void* buffer = library_->port_get_buffer(inputs_[source], frames);
        if (!buffer) continue;
        const uint32_t count = library_->midi_get_event_count(buffer);
        for (uint32_t i = 0; i < count; ++i) {
            jack::MidiEvent event{};
            if (library_->midi_event_get(&event, buffer, i) != 0 || event.size < 1 || event.size > 3)
                continue;
            PortInput in{};
            in.monotonic_ns = cycle_.now_ns + static_cast<uint64_t>(event.time * frame_ns);
            in.frame = player_->engine_frame(cycle_, event.time);
            for (std::size_t k = 0; k < event.size; ++k) in.bytes[k] = event.buffer[k];
            in.size = static_cast<uint8_t>(event.size);
            in.source = static_cast<uint8_t>(source);
            memory_->in.push(in);
            if (thru_ >> source & 1) player_->pass_on(event.time, in.bytes, in.size);
        }
    }
}

}  // namespace emohost::midi
