// What the band plays to: music, and to a rhythm or a tone alone no more than belongs to it.
#include <set>

#include "band.h"
#include "core/calm.h"

using namespace band;
using hearing::Sound;

namespace {

MusicianSettings when_music(uint64_t seed = 1) {
    MusicianSettings with = settings(seed);
    with.play = Play::when_music;
    return with;
}

std::vector<Note> play(MusicianSettings with, Sound sound, hearing::Heard heard = music_in(2, false)) {
    Session session(with);
    session.heard = heard;
    session.heard.sound = session.heard.lately = sound;
    session.emotion.arousal = 0.7f;
    session.run_seconds(20);
    session.finish();
    return session.notes();
}

hearing::Heard tone_on(int pitch) {
    hearing::Heard heard = music_in(7, true);  // a key that was guessed from it
    for (int p = 0; p < 12; ++p) heard.chroma[p] = heard.chroma_long[p] = p == pitch ? 0.8f : 0.02f;
    return heard;
}

std::set<int> parts_of(const std::vector<Note>& notes) {
    std::set<int> parts;
    for (const Note& note : notes) parts.insert(note.part);
    return parts;
}

}  // namespace

TEST("to noise, speech and what is not known yet it plays not a note") {
    for (const Sound sound : {Sound::nothing, Sound::noise, Sound::speech}) {
        MusicianSettings with = when_music();
        with.parts[kAccents].enabled = true;
        CHECK_EQ(play(with, sound).size(), 0u);
    }
}

TEST("a rhythm alone gets drums alone, and bass on the tonic and its fifth once a key is set") {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        MusicianSettings with = when_music(seed);
        with.parts[kAccents].enabled = true;
        CHECK(parts_of(play(with, Sound::rhythm)) == std::set<int>({kDrums}));
        with.tonic = 9;
        const std::vector<Note> notes = play(with, Sound::rhythm);
        CHECK(parts_of(notes) == std::set<int>({kBass, kDrums}));
        for (const Note& note : of_part(notes, kBass)) CHECK(note.pitch % 12 == 9 || note.pitch % 12 == 4);
    }
}

TEST("a single tone gets its root and its fifth, whatever key it seems to be in") {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        MusicianSettings with = when_music(seed);
        with.parts[kAccents].enabled = true;
        const std::vector<Note> notes = play(with, Sound::tone, tone_on(2));
        CHECK(!of_part(notes, kBass).empty());
        CHECK(!of_part(notes, kAccents).empty());
        for (const Note& note : notes)
            if (note.part != kDrums) CHECK(note.pitch % 12 == 2 || note.pitch % 12 == 9);
    }
}

TEST("music is played to as before, note for note") {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        MusicianSettings before = settings(seed);
        before.play = Play::when_heard;
        const std::vector<Note> a = play(before, Sound::noise), b = play(when_music(seed), Sound::music);
        CHECK_EQ(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i].on == b[i].on && a[i].pitch == b[i].pitch);
    }
}

TEST("after a rest of two bars it plays on at once; applause ends it, and music begins it anew") {
    Session session(when_music());
    session.heard = music_in(0, false);
    session.heard.sound = Sound::music;
    session.at_hop = [&](uint64_t frame) {
        const double s = static_cast<double>(frame) / kRate;
        session.heard.sounding = s < 10 || s >= 14;
        session.heard.sound = !session.heard.sounding ? Sound::nothing
                              : s < 20 || s > 26      ? Sound::music
                                                      : Sound::noise;
    };
    session.run_seconds(30);
    session.finish();
    int resting = 0, back = 0, applauded = 0, again = 0;
    for (const Note& note : session.notes()) {
        const double s = static_cast<double>(note.on) / kRate;
        resting += s > 10.3 && s < 13.9 && note.part != kDrums && note.part != kBass;  // time is kept
        back += s >= 14 && s < 15;
        applauded += s > 20.3 && s < 26;
        again += s >= 26 && s < 28;
    }
    CHECK_EQ(resting, 0);
    CHECK(back > 0);
    CHECK_EQ(applauded, 0);
    CHECK(again > 0);
}

TEST(
    "what is no music moves nobody: emotion sinks to neutral and calm in seconds, and comes back with the "
    "music") {
    Calm calm(0.02);
    float felt[kEmbedding], out[kEmbedding];
    encode({0.6f, 0.8f}, felt);
    const auto after = [&](Sound sound, double seconds) {
        for (int hop = 0; hop < static_cast<int>(seconds / 0.02); ++hop) calm.hop(sound);
        calm.mix(felt, out);
        return decode(out);
    };
    CHECK_NEAR(after(Sound::music, 6).arousal, 0.8f, 0.01);
    CHECK(after(Sound::noise, 1).arousal > 0.2f);
    CHECK(after(Sound::noise, 5).arousal < -0.1f);
    const Emotion sunk = after(Sound::speech, 15);
    CHECK_NEAR(sunk.valence, 0.0f, 0.02);
    CHECK_NEAR(sunk.arousal, -0.4f, 0.02);
    CHECK(after(Sound::rhythm, 2).arousal > 0.7f);
}
