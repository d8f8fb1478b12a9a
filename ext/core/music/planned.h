// What the band means to play, bar by bar, so that a player can see what comes. Real-time safe.
#pragma once

#include "core/messages.h"
#include "core/music/moment.h"

namespace emohost::music {

// The moment as it will be when a bar of this place begins, if nothing else changes.
inline Moment at_bar(const Moment& now, const Place& place) noexcept {
    return {now.heard,
            now.advice,
            place,
            now.follower,
            now.player,
            now.chart,
            now.style,
            now.valence,
            now.activity,
            now.key,
            now.chord,
            false,
            now.count,
            0,
            now.steps_per_bar,
            metrical_weight(0, now.steps_per_bar),
            now.frame,
            now.step_frames,
            now.emphasis};
}

// Chords with the beats of the present bar, from this one on, and of the next: what is foreseen holds until something else is.
// In the present bar the chord in force does, in the next one nothing is known before something is foreseen.
void plan_chords(const Moment& now, int transpose, PlannedBar* present, PlannedBar* next) noexcept;

}  // namespace emohost::music
