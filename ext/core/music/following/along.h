// What there is to play along to. Real-time safe.
#pragma once

#include "core/hearing/listener.h"
#include "core/vocabulary.h"

namespace emohost::music {

// tone: a root and its fifth. rhythm: drums, and bass where a key is known. music: all.
enum class Along : int { nothing, tone, rhythm, music };

inline Along along_to(Play play, const hearing::Heard& heard) noexcept {
    if (play == Play::always) return Along::music;
    if (!heard.sounding) return Along::nothing;
    if (play == Play::when_heard) return Along::music;
    switch (heard.sound) {
        case hearing::Sound::tone:
            return Along::tone;
        case hearing::Sound::rhythm:
            return Along::rhythm;
        case hearing::Sound::music:
            return Along::music;
        default:
            return Along::nothing;
    }
}

// What the player does: what is no music counts as silence.
inline hearing::Heard of_player(Along along, const hearing::Heard& heard) noexcept {
    hearing::Heard music = heard;
    music.sounding = heard.sounding && along != Along::nothing;
    return music;
}

// The pitch class that a single tone has; -1: none is heard.
inline int tone_of(const hearing::Heard& heard) noexcept {
    int loudest = -1;
    float most = 0.0f;
    for (int p = 0; p < 12; ++p) {
        const float salience = heard.chroma[p] + heard.chroma_long[p];
        if (!(salience > most)) continue;
        most = salience;
        loudest = p;
    }
    return loudest;
}

}  // namespace emohost::music
