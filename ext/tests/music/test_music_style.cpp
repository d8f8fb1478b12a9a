// What makes it music: promises about many notes, with networks that are random as well as ones that know
// what they want.
#include "band.h"

using namespace band;

namespace {

// In the half bar before `end`, in frames.
uint64_t longest_rest(const std::vector<Note>& voice, uint64_t end) {
    uint64_t silent_since = end - 48000, longest = 0;
    for (const Note& note : voice) {
        if (note.off <= end - 48000 || note.on >= end) continue;
        if (note.on > silent_since) longest = std::max(longest, note.on - silent_since);
        silent_since = std::max(silent_since, note.off);
    }
    return std::max(longest, end > silent_since ? end - silent_since : 0);
}

double mean(const std::vector<double>& all) {
    double sum = 0.0;
    for (const double x : all) sum += x;
    return all.empty() ? 0.0 : sum / static_cast<double>(all.size());
}

}  // namespace

TEST("the melody is in the key that is heard, in every key") {
    int inside = 0, all = 0;
    for (int tonic = 0; tonic < 12; ++tonic) {
        for (const bool minor : {false, true}) {
            Session session(settings(static_cast<uint64_t>(tonic + 1)));
            session.heard = music_in(tonic, minor);
            session.emotion.arousal = 0.3f;
            session.run_seconds(40);
            session.finish();
            for (const Note& note : of_part(session.notes(), kMelody)) {
                const int degree = (note.pitch - tonic + 24) % 12;
                const unsigned scale = minor ? 0x5ad | 1 << 11 : 0xab5;  // minor: raised seventh allowed
                inside += scale >> degree & 1;
                ++all;
            }
        }
    }
    std::printf("    melody notes in the key: %d of %d (%.1f %%)\n", inside, all, 100.0 * inside / all);
    CHECK(all > 1500);
    CHECK(inside >= 0.96 * all);
}

TEST("on beats the melody is consonant with the chord that sounds") {
    int consonant = 0, all = 0, semitone_clashes = 0, together = 0;
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        Session session(settings(seed));
        session.heard = music_in(static_cast<int>(seed % 12), seed % 2);
        std::vector<std::pair<uint64_t, int>> chords;
        session.after_plan = [&] { chords.push_back({session.now, session.musician->chord_played()}); };
        session.random_networks = seed % 3 != 0;
        session.networks.fill(seed, 0);
        session.emotion.arousal = 0.2f;
        session.run_seconds(40);
        session.finish();
        const auto notes = session.notes();
        for (const Note& note : of_part(notes, kMelody)) {
            const uint64_t step = (note.on + 3000) / 6000;
            const int chord = chords[std::min<std::size_t>(step, chords.size() - 1)].second;
            if (chord < 0 || step % 4 != 0) continue;
            consonant += chord_mask(chord) >> note.pitch % 12 & 1;
            ++all;
        }
        for (const Note& top : of_part(notes, kMelody))
            for (const Note& note : of_part(notes, kChords)) {
                if (note.on >= top.off || note.off <= top.on) continue;
                ++together;
                const int interval = std::abs(top.pitch - note.pitch) % 12;
                semitone_clashes += interval == 1;
            }
    }
    std::printf("    melody on beats in the chord: %d of %d (%.1f %%); pairs a semitone apart: %.1f %%\n",
                consonant, all, 100.0 * consonant / all, 100.0 * semitone_clashes / together);
    CHECK(all > 300);
    CHECK(consonant >= 0.8 * all);
    CHECK(semitone_clashes <= 0.06 * together);
}

TEST("a trained melody network is heard in the melody, moved to the key in force") {
    int right = 0, all = 0;
    Session session(settings());
    session.heard = music_in(2, false);  // D major: two semitones up
    session.random_networks = false;
    session.networks.fill(1, 0);
    for (int note = 0; note < 128; ++note)
        session.networks.melody[note] = note % 12 == 4 || note % 12 == 7 ? 0.5f : 0.0f;
    session.run_seconds(40);
    session.finish();
    for (const Note& note : of_part(session.notes(), kMelody)) {
        right += note.pitch % 12 == 6 || note.pitch % 12 == 9;
        ++all;
    }
    CHECK(all > 20);
    CHECK(right > 0.8 * all);
}

TEST("melodies move mostly by step and rest between phrases") {
    int steps = 0, all = 0;
    int rests = 0;
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        Session session(settings(seed));
        session.run(16 * 96000);
        session.finish();
        const auto melody = of_part(session.notes(), kMelody);
        for (std::size_t i = 1; i < melody.size(); ++i) {
            steps += std::abs(melody[i].pitch - melody[i - 1].pitch) <= 4;
            ++all;
        }
        for (uint64_t phrase = 1; phrase <= 4; ++phrase)
            rests += longest_rest(melody, phrase * 4 * 96000) >= 9000;
    }
    std::printf("    melody intervals up to a major third: %.1f %%; phrases that end in a rest: %d of 32\n",
                100.0 * steps / all, rests);
    CHECK(steps > 0.75 * all);
    CHECK(rests >= 29);
}

TEST("arousal raises the number of notes and their velocity") {
    double last_notes = 0, last_velocity = 0, last_melody = 0;
    for (const float arousal : {-0.9f, -0.2f, 0.4f, 0.95f}) {
        std::vector<double> velocities;
        double melody = 0;
        for (uint64_t seed = 1; seed <= 4; ++seed) {
            Session session(settings(seed));
            session.emotion.arousal = arousal;
            session.run(16 * 96000);
            session.finish();
            const auto notes = session.notes();
            for (const Note& note : notes) velocities.push_back(note.velocity);
            melody += static_cast<double>(of_part(notes, kMelody).size()) / 64.0;
        }
        const double notes = static_cast<double>(velocities.size()) / 64.0, velocity = mean(velocities);
        std::printf("    arousal %5.2f: %.1f notes a bar (melody %.1f), mean velocity %.0f\n",
                    static_cast<double>(arousal), notes, melody, velocity);
        CHECK(notes > 1.15 * last_notes);
        CHECK(melody > last_melody);
        CHECK(velocity > last_velocity + 5);
        last_notes = notes;
        last_velocity = velocity;
        last_melody = melody;
    }
}

TEST("dynamics raise velocities and lengthen notes") {
    double velocity[2], length[2];
    for (const int loud : {0, 1}) {
        Session session(settings());
        session.random_networks = false;
        session.networks.fill(1, 0);
        for (int i = 0; i < 8; ++i) session.networks.dynamics[i] = loud ? 0.95f : 0.05f;
        session.run_seconds(40);
        session.finish();
        std::vector<double> velocities, lengths;
        for (const Note& note : session.notes()) velocities.push_back(note.velocity);
        for (const Note& note : of_part(session.notes(), kMelody))
            lengths.push_back(static_cast<double>(note.off - note.on));
        velocity[loud] = mean(velocities);
        length[loud] = mean(lengths);
    }
    CHECK(velocity[1] > velocity[0] + 20);
    CHECK(length[1] > 1.3 * length[0]);
}

TEST("density scales the number of notes and zero is silence") {
    double last = -1.0;
    for (const float density : {0.0f, 0.5f, 1.0f, 2.0f}) {
        Session session(settings());
        session.musician->set(Parameter::density, density);
        session.run_seconds(40);
        session.finish();
        const double notes = static_cast<double>(session.notes().size());
        if (density == 0.0f) CHECK_EQ(notes, 0.0);
        CHECK(notes > 1.1 * last);
        last = notes;
    }
}

TEST("with no key to be heard, low valence chooses minor and high valence major") {
    for (const bool sad : {false, true}) {
        MusicianSettings with = settings();
        with.play = Play::always;
        Session session(with);
        session.heard = hearing::Heard();
        session.emotion.valence = sad ? -0.7f : 0.7f;
        session.run_seconds(60);
        session.finish();
        int major_third = 0, minor_third = 0;
        for (const Note& note : session.notes()) {
            if (note.part == kDrums) continue;
            major_third += note.pitch % 12 == 4;
            minor_third += note.pitch % 12 == 3;
        }
        if (sad) CHECK(minor_third > 10 * (major_third + 1));
        if (!sad) CHECK(major_third > 10 * (minor_third + 1));
    }
}

TEST("while something sounds but no key is clear, pitched parts wait two bars") {
    Session session(settings());
    session.heard = music_in(7, false);
    session.heard.tonic = -1;
    session.run(10 * 96000);
    session.finish();
    uint64_t first_pitched = ~uint64_t{0}, first_drum = ~uint64_t{0};
    unsigned strange = 0;
    for (const Note& note : session.notes()) {
        uint64_t& first = note.part == kDrums ? first_drum : first_pitched;
        first = std::min(first, note.on);
        if (note.part == kMelody) strange += !(0xad5u >> note.pitch % 12 & 1);  // not in G major
    }
    CHECK(first_drum < 96000);
    CHECK(first_pitched >= 2 * 96000 - 3000 && first_pitched < 3 * 96000);
    CHECK_EQ(strange, 0u);
}

TEST("a clear new key is taken up at the next bar, an unclear one only when it stays") {
    for (const float clarity : {0.9f, 0.3f, 0.05f}) {
        Session session(settings());
        session.at_hop = [&](uint64_t frame) {
            if (frame == 4 * 96000 + 48000)
                session.heard = music_in(6, false, clarity);  // C to F sharp in a bar's middle
        };
        session.run(16 * 96000);
        session.finish();
        const int expected_bar = clarity > 0.5f ? 5 : clarity > 0.1f ? 6 : 99;
        int wrong = 0, all = 0;
        for (const Note& note : of_part(session.notes(), kMelody)) {
            const int bar = static_cast<int>((note.on + 3000) / 96000);
            const unsigned scale = bar < expected_bar ? 0xab5 : 0xd6a;  // C major, F sharp major
            wrong += !(scale >> note.pitch % 12 & 1);
            ++all;
        }
        CHECK(all > 30);
        CHECK(wrong <= 0.08 * all);
    }
}

TEST("chords follow the chord that is heard, move little, and stay in the key") {
    int followed = 0, diatonic = 0, all = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        Session session(settings(seed));
        session.heard = music_in(0, false);
        const int progression[] = {0 * 5 + kMajor, 9 * 5 + kMinor, 2 * 5 + kMinor, 7 * 5 + kDominant7};
        session.before_plan = [&] {
            const int chord = progression[(session.steps - 1) / 16 % 4];
            session.heard.chord = chord;
            const float share = 1.0f / (chord_quality(chord) == kDominant7 ? 4.0f : 3.0f);
            for (int pitch = 0; pitch < 12; ++pitch)
                session.heard.chroma[pitch] = chord_mask(chord) >> pitch & 1 ? share : 0.0f;
        };
        session.after_plan = [&] {
            if ((session.steps - 1) % 16 != 0) return;
            const int chord = session.musician->chord_played();
            ++all;
            followed += chord_root(chord) == chord_root(session.heard.chord);
            diatonic += (chord_mask(chord) & ~0xab5) == 0;
        };
        session.run(32 * 96000);
    }
    std::printf("    bars on the root that is heard: %.0f %%, in the key: %.0f %%\n", 100.0 * followed / all,
                100.0 * diatonic / all);
    CHECK(followed > 0.6 * all);
    CHECK(diatonic > 0.95 * all);
}

TEST("when the chord heard has plainly gone on, the next beat follows it") {
    int followed = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Session session(settings(seed));
        const auto hear = [&](int chord) {
            session.heard.chord = chord;
            for (int pitch = 0; pitch < 12; ++pitch)
                session.heard.chroma[pitch] = chord_mask(chord) >> pitch & 1 ? 1.0f / 3.0f : 0.0f;
        };
        hear(0 * 5 + kMajor);
        session.before_plan = [&] {
            if (session.steps == 16 + 5 + 1)
                hear(2 * 5 + kMinor);  // C to D minor, just after the second beat
        };
        session.emotion.arousal = -0.5f;
        session.run(96000 + 9 * 6000);
        followed += chord_root(session.musician->chord_played()) == 2;
    }
    std::printf("    beats that follow: %d of 20\n", followed);
    CHECK(followed >= 12);
}

TEST("a harmony network that is sure is followed, relative to the tonic") {
    Session session(settings());
    session.heard = music_in(2, false);
    session.random_networks = false;
    session.networks.fill(1, 0);
    std::fill(session.networks.harmony, session.networks.harmony + 64, 0.0f);
    session.networks.harmony[9 * 5 + kMinor] = 1.0f;  // the sixth degree: B minor in D
    int right = 0, all = 0;
    session.after_plan = [&] {
        right += session.musician->chord_played() == 11 * 5 + kMinor;
        ++all;
    };
    session.run(16 * 96000);
    CHECK_EQ(right, all);
}

TEST("what a network was sure to hear stands where it is asked what comes") {
    const auto followed = [](bool foretelling, bool fresh = true) {
        Session session(settings());
        session.heard = music_in(2, false);
        session.random_networks = false;
        session.networks.fill(1, 0);
        session.networks.outputs.fresh = fresh;
        session.before_plan = [&] {
            const bool sure = (session.musician->step_in_bar() % 8 == 0) == foretelling;
            for (float& x : session.networks.harmony) x = sure ? 0.0f : 1.0f / 64;
            if (sure) session.networks.harmony[9 * 5 + kMinor] = 1.0f;
        };
        int right = 0;
        for (uint64_t bar = 1; bar <= 40; ++bar) {  // the first bar has heard nothing yet
            session.run(bar * 96000 + 6000);
            right += session.musician->chord_played() == 11 * 5 + kMinor;
        }
        return right;
    };
    const int heard = followed(false), stale = followed(false, false);
    std::printf("    bars that play what was heard: %d of 40, where the answers are of earlier steps %d\n",
                heard, stale);
    CHECK(heard >= 15);
    CHECK(stale <= 8);
    CHECK_EQ(followed(true), 40);
}

TEST("phrases end on the tonic more often than not") {
    int tonic = 0, all = 0;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        Session session(settings(seed));
        session.run(32 * 96000);
        session.finish();
        const auto melody = of_part(session.notes(), kMelody);
        for (uint64_t phrase = 1; phrase <= 8; ++phrase) {
            const Note* last = nullptr;  // before the pickup
            for (const Note& note : melody)
                if (note.on < phrase * 4 * 96000 - 18000 && note.on + 96000 > phrase * 4 * 96000)
                    last = &note;
            if (!last) continue;
            ++all;
            tonic += last->pitch % 12 == 0;
        }
    }
    std::printf("    phrases whose last note is the tonic: %d of %d\n", tonic, all);
    CHECK(all >= 70);
    CHECK(tonic > 0.5 * all);
}
