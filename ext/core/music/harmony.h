// Which chord is played: drawn from the harmony network x what is usual in the key x what is heard. Real-time
// safe.
#pragma once

#include "core/music/moment.h"
#include "core/music/rng.h"

namespace emohost::music {

// True where the network was taught to say which chord comes; elsewhere it says which one is heard.
bool network_foretells(int step) noexcept;

// Absolute class of the chord that the network is sure of; -1: of none.
int chord_by_network(const Advice& advice, int tonic) noexcept;

// True where a chord may change: at each bar; in the middle of even bars the likelier the more active the
// music; on a beat when what is heard has plainly gone on to another chord.
bool chord_may_change(const Moment& moment, Rng& rng) noexcept;

// Absolute class or kNoChord (a rest); `moment.chord` is the one before. Needs a known key.
int choose_chord(const Moment& moment, Rng& rng) noexcept;

// The chord that the others play on when there is no harmony network: the one heard, else the tonic triad.
int chord_without_network(const Moment& moment) noexcept;

}  // namespace emohost::music
