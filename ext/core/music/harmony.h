// Which chord is played while none is heard: drawn from the harmony network x what is usual in the key x what is heard
// of tones. Real-time safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"

namespace emohost::music {

// True where the network was taught to say which chord comes; elsewhere it says which one is heard.
bool network_foretells(int step) noexcept;

// Absolute class of the chord that the network is sure of; -1: of none.
int chord_by_network(const Advice& advice, int tonic) noexcept;

// True where such a chord may change: at each bar; in the middle of even bars the likelier the more active the music.
bool chord_may_change(const Moment& moment, Rng& rng) noexcept;

// Absolute class or kNoChord (a rest); `moment.chord` is the one before. Needs a known key.
int choose_chord(const Moment& moment, Rng& rng) noexcept;

// The chord that the others play on when none is heard and there is no harmony network: the tonic triad.
int chord_without_network(const Moment& moment) noexcept;

}  // namespace emohost::music
