// Where a band is, and where another one goes on: an engine that takes over from one that was lost. Real-time safe.
#include "core/music/band.h"

namespace emohost::music {

void Band::resume(const Continuation& from, uint64_t now, double ahead) noexcept {
    transport_.set_tempo(from.tempo);
    transport_.resume(now, ahead, from.beats_per_bar, from.step_in_bar, from.bar);
    if (from.plays) entrance_.resume();
    if (!from.running) transport_.stop();
    if (from.tonic >= 0) tonality_.resume({from.tonic, from.minor != 0});
    chord_ = from.chord;
}

void Band::tell(Continuation* to) const noexcept {
    to->step_frame = transport_.frame();
    to->bar = transport_.bar();
    to->tempo = transport_.tempo();
    to->step_in_bar = static_cast<uint16_t>(transport_.step_in_bar());
    to->tonic = static_cast<int8_t>(tonality_.key().tonic);
    to->minor = tonality_.key().minor ? 1 : 0;
    to->chord = static_cast<int8_t>(chord_);
    to->plays = entrance_.plays() ? 1 : 0;
    to->beats_per_bar = static_cast<uint8_t>(transport_.beats_per_bar());
    to->running = transport_.state() == TransportState::running ? 1 : 0;
}

}  // namespace emohost::music
