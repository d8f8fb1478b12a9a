// Plays the musician as the engine would, without one: hops, steps and onsets at their frames, blocks of any
// size, made-up networks and a made-up ear that depend on time alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <vector>

#include "check.h"
#include "core/music/musician.h"
#include "core/music/rng.h"
#include "music/house_style.h"

namespace band {

using namespace emohost;
using namespace emohost::music;
using namespace emohost::theory;

constexpr double kRate = 48000.0;
constexpr uint64_t kHopFrames = 960;
constexpr uint64_t kSecond = 48000;

struct Note {
    int part, channel, pitch, velocity;
    uint64_t on, off;
};

// Outputs of untrained networks: random, different for each seed, changing from step to step.
struct RandomNetworks {
    float melody[128], harmony[64], dynamics[16], groove[32];
    Outputs outputs = {melody, harmony, dynamics, groove};

    void fill(uint64_t seed, uint64_t step) {
        Rng still(seed, 77), rng(seed * 1000003 + step, 78);
        float total = 0.0f;
        for (float& x : melody) x = 0.3f + 0.4f * still.unit() + 0.1f * rng.unit();
        for (float& x : harmony) total += x = std::exp(still.unit() + 0.5f * rng.unit());
        for (float& x : harmony) x /= total;
        for (float& x : dynamics) x = 0.2f + 0.6f * rng.unit();
        for (float& x : groove) x = 0.8f * (still.unit() - 0.5f) + 0.2f * (rng.unit() - 0.5f);
    }
};

inline MusicianSettings settings(uint64_t seed = 1) {
    MusicianSettings made;
    made.sample_rate = kRate;
    made.seed = seed;
    made.tempo = 120.0;  // a sixteenth is 6000 frames, a bar 96000
    const int low[kParts] = {60, 48, 28, 0, 60}, high[kParts] = {84, 76, 52, 127, 96};
    const int channel[kParts] = {0, 1, 2, 9, 4};
    for (int part = 0; part < kParts; ++part) {
        made.parts[part].channel = channel[part];
        made.parts[part].low = low[part];
        made.parts[part].high = high[part];
    }
    made.parts[kAccents].enabled = false;
    made.styles = {house_style()};
    return made;
}

// Music in a key: its scale in the chroma, sounding, every fourth hop an onset.
inline hearing::Heard music_in(int tonic, bool minor, float clarity = 0.8f) {
    hearing::Heard heard;
    const int major_scale[] = {0, 2, 4, 5, 7, 9, 11}, minor_scale[] = {0, 2, 3, 5, 7, 8, 10};
    for (const int degree : minor ? minor_scale : major_scale)
        heard.chroma[(tonic + degree) % 12] = heard.chroma_long[(tonic + degree) % 12] = 1.0f / 7.0f;
    heard.tonic = tonic;
    heard.minor = minor;
    heard.key_clarity = clarity;
    heard.level = 0.5f;
    heard.level_db = -20.0f;
    heard.onset_strength = 0.5f;
    heard.sounding = true;
    return heard;
}

struct Session {
    explicit Session(const MusicianSettings& with) : musician(make_musician(with)), seed(with.seed) {}

    std::unique_ptr<Musician> musician;
    uint64_t seed;
    uint64_t now = 0;
    hearing::Heard heard = music_in(0, false);
    Emotion emotion = {0.0f, 0.0f};
    RandomNetworks networks;
    bool random_networks = true;                 // false: `networks` stays as it was set
    std::function<void(uint64_t frame)> at_hop;  // may change heard, emotion, or set things
    std::function<void()> before_plan, after_plan;
    std::function<bool(uint64_t frame)> onset_at = [](uint64_t frame) {
        return frame % (16 * kHopFrames) == 0;
    };
    std::vector<MidiEvent> events;
    uint64_t steps = 0;

    // Blocks of the sizes that `block` gives, up to `end`.
    void run(uint64_t end, const std::function<uint64_t()>& block = [] { return uint64_t{256}; }) {
        while (now < end) {
            const uint64_t until = std::min(end, now + block());
            while (now < until) {
                while (musician->next_plan_frame() <= now) plan();
                const uint64_t hop = (now / kHopFrames + 1) * kHopFrames;
                now = std::min({until, hop, musician->next_plan_frame()});
                if (now == hop) take_hop();
            }
            drain(until);
        }
    }
    void run_seconds(double seconds) { run(now + static_cast<uint64_t>(seconds * kRate)); }

    void drain(uint64_t until) {
        MidiEvent event;
        while (musician->next_event(until, &event)) {
            events.push_back(event);
            musician->taken();
        }
    }
    void finish() {
        musician->stop(now);
        drain(~uint64_t{0});
    }

    // The notes, in order of their ends. Checks that they are whole.
    std::vector<Note> notes() const;

  private:
    void plan() {
        if (random_networks) networks.fill(seed, steps);
        ++steps;
        if (before_plan) before_plan();
        musician->plan(heard, emotion, networks.outputs);
        if (after_plan) after_plan();
    }
    void take_hop() {
        if (at_hop) at_hop(now);
        musician->hear(now, heard);
        if (onset_at(now)) musician->onset(now, heard, emotion);
        musician->controls(now, heard, emotion, networks.outputs);
    }
};

inline bool is_note(const MidiEvent& event) {
    return (event.bytes[0] & 0xf0) == 0x90 || (event.bytes[0] & 0xf0) == 0x80;
}

inline std::vector<Note> Session::notes() const {
    std::vector<Note> all;
    std::vector<Note> open(16 * 128, Note{-1, 0, 0, 0, 0, 0});
    uint64_t last = 0;
    for (const MidiEvent& event : events) {
        CHECK(event.frame >= last);
        last = event.frame;
        if (!is_note(event)) continue;
        const int channel = event.bytes[0] & 15, pitch = event.bytes[1];
        Note& note = open[static_cast<std::size_t>(channel * 128 + pitch)];
        if ((event.bytes[0] & 0xf0) == 0x90) {
            CHECK(event.bytes[2] >= 1 && event.bytes[2] <= 127);
            CHECK_EQ(note.part, -1);  // no second note-on without a note-off between
            note = {event.part, channel, pitch, event.bytes[2], event.frame, 0};
        } else {
            CHECK(note.part >= 0);  // no note-off without a note-on
            note.off = event.frame;
            CHECK(note.off > note.on);
            all.push_back(note);
            note.part = -1;
        }
    }
    for (const Note& note : open) CHECK_EQ(note.part, -1);  // nothing left on
    return all;
}

inline std::vector<Note> of_part(const std::vector<Note>& notes, int part) {
    std::vector<Note> chosen;
    for (const Note& note : notes)
        if (note.part == part) chosen.push_back(note);
    std::sort(chosen.begin(), chosen.end(), [](const Note& a, const Note& b) { return a.on < b.on; });
    return chosen;
}

}  // namespace band
