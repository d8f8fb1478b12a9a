// What the musician promises, whatever the networks, the ear and the commands say.
#include "band.h"

using namespace band;

namespace {

bool same(const std::vector<MidiEvent>& a, const std::vector<MidiEvent>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].frame != b[i].frame || a[i].part != b[i].part || std::memcmp(a[i].bytes, b[i].bytes, 3) != 0)
            return false;
    return true;
}

void check_monophonic(const std::vector<Note>& notes, int part) {
    uint64_t free = 0;
    for (const Note& note : of_part(notes, part)) {
        CHECK(note.on >= free);
        free = note.off;
    }
}

// An ear that goes through anything: keys, chords, silence, noise.
void random_ear(Rng& rng, dsp::Heard* heard) {
    if (rng.chance(0.02f)) heard->sounding = !heard->sounding;
    if (rng.chance(0.02f)) {
        *heard = music_in(static_cast<int>(rng.next() % 12), rng.chance(0.5f), rng.unit());
        if (rng.chance(0.3f)) heard->tonic = -1;
    }
    if (rng.chance(0.05f)) heard->chord = static_cast<int>(rng.next() % 65) - 1;
    heard->onset_strength = rng.unit();
    heard->level = rng.unit();
    heard->pitch_register = rng.unit();
}

void random_command(Rng& rng, Session* session, uint64_t frame) {
    if (!rng.chance(0.03f)) return;
    session->drain(frame);  // as the engine does before it takes commands
    switch (rng.next() % 12) {
        case 0:
            session->musician->panic(frame);
            break;
        case 1:
            session->musician->stop(frame);
            break;
        case 2:
        case 3:
            session->musician->start(frame);
            break;
        case 4:
            session->musician->set(Parameter::tempo, 400.0f * rng.unit());
            break;
        case 5:
            session->musician->set(Parameter::transpose, 60.0f * rng.unit() - 30.0f);
            break;
        default: {
            const auto parameter =
                static_cast<Parameter>(rng.next() % static_cast<uint32_t>(Parameter::count));
            session->musician->set(parameter, 2.0f * rng.unit());
        }
    }
}

std::vector<MidiEvent> play_anything(uint64_t seed, const std::function<uint64_t()>& block, bool commands) {
    MusicianSettings with = settings(seed);
    Rng rng(seed, 9);
    with.beats_per_bar = 2 + static_cast<int>(rng.next() % 6);
    with.tempo = 20.0 + 280.0 * rng.unit();
    with.when_heard = rng.chance(0.7f);
    with.parts[kAccents].enabled = true;
    with.control_count = 3;
    with.controls[0] = {ControlSource::valence, 15, 20, 0, 127};
    with.controls[1] = {ControlSource::release, 15, 21, 100, 3};
    with.controls[2] = {ControlSource::level, 14, 22, 64, 64};
    if (rng.chance(0.3f)) with.parts[kChords].channel = with.parts[kMelody].channel;  // must not confuse it
    Session session(with);
    session.onset_at = [](uint64_t frame) { return frame % (7 * kHopFrames) == 0; };
    session.at_hop = [&](uint64_t frame) {
        random_ear(rng, &session.heard);
        session.emotion = {2.4f * rng.unit() - 1.2f, 2.4f * rng.unit() - 1.2f};
        if (commands) random_command(rng, &session, frame);
    };
    session.run(30 * kSecond, block);
    session.finish();
    const std::vector<Note> notes = session.notes();
    for (const int part : {kMelody, kBass, kAccents}) check_monophonic(notes, part);
    for (const Note& note : notes) {
        CHECK(note.part >= 0 && note.part < kParts);
        if (note.part == kDrums) CHECK_EQ(note.channel, 9);
        CHECK_EQ(note.channel, with.parts[note.part].channel);
    }
    CHECK_EQ(session.musician->sounding(), 0);
    CHECK_EQ(session.musician->dropped(), 0u);
    CHECK_EQ(session.musician->notes(), static_cast<uint32_t>(notes.size()));
    return session.events;
}

const auto by = [](uint64_t frames) { return [frames] { return frames; }; };

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

TEST("every note is whole and parts of one voice never overlap, for any ear and any command") {
    std::size_t notes = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) notes += play_anything(seed, by(256), true).size();
    CHECK(notes > 5000);
}

TEST("the size of the blocks changes nothing") {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        const std::vector<MidiEvent> expected = play_anything(seed, by(256), true);
        CHECK(!expected.empty());
        for (const uint64_t frames : {17, 64, 4096, 100000})
            CHECK(same(play_anything(seed, by(frames), true), expected));
        Rng rng(seed, 3);
        CHECK(same(play_anything(seed, [&] { return uint64_t{1 + rng.next() % 9000}; }, true), expected));
    }
}

TEST("the same seed plays the same and another plays something else") {
    const auto first = play_anything(3, by(256), false);
    CHECK(same(play_anything(3, by(256), false), first));
    Session a(settings(1)), b(settings(2));
    b.seed = a.seed;  // the same networks
    a.run_seconds(10);
    b.run_seconds(10);
    CHECK(!same(a.events, b.events));
}

TEST("what one part plays does not depend on the others being on") {
    Session with(settings()), without(settings());
    without.musician->set(Parameter::drums_enabled, 0.0f);
    without.musician->set(Parameter::bass_enabled, 0.0f);
    for (Session* session : {&with, &without}) {
        session->run_seconds(20);
        session->finish();
    }
    const auto a = of_part(with.notes(), kMelody), b = of_part(without.notes(), kMelody);
    CHECK(a.size() > 10);
    CHECK_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) CHECK_EQ(a[i].pitch, b[i].pitch);
    CHECK(of_part(without.notes(), kDrums).empty());
    CHECK(of_part(without.notes(), kBass).empty());
}

TEST("each part keeps to its range and transposition moves it") {
    for (const float by_semitones : {0.0f, -7.0f, 24.0f}) {
        Session session(settings());
        session.musician->set(Parameter::transpose, by_semitones);
        session.emotion.arousal = 0.8f;
        session.run_seconds(40);
        session.finish();
        int seen[kParts] = {};
        for (const Note& note : session.notes()) {
            ++seen[note.part];
            if (note.part == kDrums) continue;
            const PartSettings part = settings().parts[note.part];
            const int untransposed = note.pitch - static_cast<int>(by_semitones);
            CHECK(untransposed >= part.low && untransposed <= part.high);
        }
        for (const int part : {kMelody, kChords, kBass, kDrums}) CHECK(seen[part] > 20);
        CHECK_EQ(seen[kAccents], 0);
    }
}

TEST("steps lie where the tempo puts them, without drift, and a new tempo starts with the next step") {
    MusicianSettings with = settings();
    with.sample_rate = 44100.0;
    with.tempo = 97.3;
    const auto musician = make_musician(with);
    const dsp::Heard heard;
    const Outputs none = {nullptr, nullptr, nullptr, nullptr};
    const double step = 44100.0 * 60.0 / 97.3 / 4.0;
    CHECK_EQ(musician->next_plan_frame(), 0u);
    for (int i = 0; i < 100000; ++i) {
        if (i > 0) CHECK_NEAR(static_cast<double>(musician->next_plan_frame()), (i - 0.5) * step, 0.51);
        CHECK_EQ(musician->step_in_bar(), i % 16);
        musician->plan(heard, {0, 0}, none);
    }
    const double planned = static_cast<double>(musician->next_plan_frame());
    musician->set(Parameter::tempo, 200.0f);
    CHECK_NEAR(musician->tempo(), 97.3, 1e-9);
    CHECK_EQ(static_cast<double>(musician->next_plan_frame()), planned);  // promised already
    musician->plan(heard, {0, 0}, none);
    CHECK_NEAR(musician->tempo(), 200.0, 1e-4);
    const double fast = 44100.0 * 60.0 / 200.0 / 4.0;
    CHECK_NEAR(static_cast<double>(musician->next_plan_frame()), 100000 * step + 0.5 * fast, 0.51);
}

TEST("groove moves notes by its share of a step, early ones too") {
    Session session(settings());
    session.random_networks = false;
    session.networks.fill(1, 0);
    for (int i = 0; i < 16; ++i) {
        session.networks.groove[2 * i] = 0.0f;
        session.networks.groove[2 * i + 1] = i % 2 ? 0.25f : -0.4f;
    }
    session.networks.groove[2 * 6 + 1] = -7.0f;  // clamped to half a step
    session.emotion.arousal = 0.9f;
    session.run_seconds(20);
    session.finish();
    for (const Note& note : session.notes()) {
        if (note.on < 3000) continue;  // the very first step cannot be early
        const uint64_t place =
            (note.on + 3000) % 96000;  // half a step later, so that early steps count to their own
        const int step = static_cast<int>(place / 6000);
        const double offset = (static_cast<double>(place % 6000) - 3000.0) / 6000.0;
        CHECK_NEAR(offset, step == 6 ? -0.5 : step % 2 ? 0.25 : -0.4, 1e-3);
    }
}

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
        with.when_heard = false;
        Session session(with);
        session.heard = dsp::Heard();
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
    for (const float clarity : {0.9f, 0.2f, 0.05f}) {
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

TEST("it rests while nothing is heard and resumes with a step") {
    Session session(settings());
    session.at_hop = [&](uint64_t frame) {
        session.heard.sounding = frame < 5 * kSecond || frame > 9 * kSecond;
    };
    session.run(14 * kSecond);
    session.finish();
    int before = 0, after = 0;
    for (const Note& note : session.notes()) {
        CHECK(note.off <= 5 * kSecond + 9000 ||
              note.on >= 9 * kSecond);  // at the latest at the next planned step
        before += note.on < 5 * kSecond;
        after += note.on >= 9 * kSecond && note.on < 9 * kSecond + 24000;  // within a beat
    }
    CHECK(before > 20);
    CHECK(after > 0);
}

TEST("a part that is turned off falls silent within a hop") {
    Session session(settings());
    session.at_hop = [&](uint64_t frame) {
        if (frame == 250 * kHopFrames) session.musician->set(Parameter::chords_enabled, 0.0f);
    };
    session.run_seconds(10);
    session.finish();
    int chords = 0, others = 0;
    for (const Note& note : session.notes()) {
        if (note.part == kChords) {
            CHECK(note.off <= 251 * kHopFrames);
            ++chords;
        }
        others += note.part != kChords && note.on > 251 * kHopFrames;
    }
    CHECK(chords > 0);
    CHECK(others > 0);
}

TEST("panic ends what sounds at once, note-offs first, and playing goes on") {
    Session session(settings());
    session.run(5 * kSecond + 100);
    const uint64_t at = session.now;
    const uint16_t sounding = session.musician->sounding();
    CHECK(sounding > 0);
    const std::size_t before = session.events.size();
    session.musician->panic(at);
    session.drain(at + 1);
    CHECK_EQ(session.musician->sounding(), 0);
    for (std::size_t i = before; i < session.events.size(); ++i) {
        const MidiEvent& event = session.events[i];
        CHECK_EQ(event.frame, at);
        CHECK_EQ(event.bytes[0] & 0xf0, i < before + sounding ? 0x80 : 0xb0);
        if (i >= before + sounding) CHECK(event.bytes[1] == 64 ? event.bytes[2] == 0 : event.bytes[1] == 123);
    }
    CHECK_EQ(session.events.size(), before + sounding + 2 * kParts);
    session.run_seconds(3);
    CHECK(session.musician->sounding() > 0 || session.events.size() > before + 60);
    session.finish();
    session.notes();
}

TEST("a stopped transport is silent and starts again with step 0") {
    Session session(settings());
    session.run(3 * kSecond);
    session.musician->stop(session.now);
    CHECK_EQ(session.musician->next_plan_frame(), ~uint64_t{0});
    session.drain(session.now + 1);
    const std::size_t stopped = session.events.size();
    session.onset_at = [](uint64_t) { return true; };
    session.run_seconds(2);
    CHECK_EQ(session.events.size(), stopped);
    session.musician->start(session.now);
    CHECK_EQ(session.musician->next_plan_frame(), session.now);
    CHECK_EQ(session.musician->step_in_bar(), 0);
    session.run_seconds(3);
    CHECK(session.events.size() > stopped + 5);
    session.finish();
    session.notes();
}

TEST("accents answer an onset at its frame, at most every 80 ms, with a tone of the chord heard") {
    MusicianSettings with = settings();
    for (PartSettings& part : with.parts) part.enabled = false;
    with.parts[kAccents].enabled = true;
    Session session(with);
    session.heard.chord = 9 * 5 + kMinor;
    session.onset_at = [](uint64_t frame) { return frame > kSecond; };  // every 20 ms
    session.run(3 * kSecond);
    session.finish();
    const auto accents = of_part(session.notes(), kAccents);
    CHECK_EQ(accents.size(), std::size_t{25});
    for (std::size_t i = 0; i < accents.size(); ++i) {
        CHECK_EQ(accents[i].on, kSecond + kHopFrames + i * 4 * kHopFrames);
        CHECK(chord_mask(9 * 5 + kMinor) >> accents[i].pitch % 12 & 1);
    }
}

TEST("control changes come at most once an interval, only on change, and do not flutter") {
    MusicianSettings with = settings();
    with.control_count = 2;
    with.controls[0] = {ControlSource::valence, 15, 20, 0, 127};
    with.controls[1] = {ControlSource::arousal, 15, 21, 127, 0};
    Session session(with);
    Rng rng(5, 5);
    session.at_hop = [&](uint64_t frame) {
        session.emotion.valence =
            -1.0f + 2.0f * static_cast<float>(frame) / (4.0f * kSecond);                // a ramp over 4 s
        session.emotion.arousal = (40.5f + 0.4f * (rng.unit() - 0.5f)) / 63.5f - 1.0f;  // about half a value
    };
    session.run(4 * kSecond + 10 * kHopFrames);
    int last = -1, count = 0, flutter = 0;
    uint64_t last_frame = 0;
    for (const MidiEvent& event : session.events) {
        if ((event.bytes[0] & 0xf0) != 0xb0) continue;
        CHECK_EQ(event.part, static_cast<int>(kControls));
        CHECK_EQ(event.bytes[0] & 15, 15);
        if (event.bytes[1] == 21) ++flutter;
        if (event.bytes[1] != 20) continue;
        CHECK(event.bytes[2] > last);
        if (count > 0) CHECK(event.frame >= last_frame + 2400);
        last = event.bytes[2];
        last_frame = event.frame;
        ++count;
    }
    CHECK(count > 60 && count <= 82);
    CHECK_EQ(last, 127);
    CHECK_EQ(flutter, 1);
}

TEST("programs are sent before the first note") {
    MusicianSettings with = settings();
    with.parts[kBass].program = 33;
    with.parts[kMelody].program = 0;
    Session session(with);
    session.run_seconds(2);
    CHECK_EQ(session.events[0].bytes[0], 0xc0);
    CHECK_EQ(session.events[1].bytes[0], 0xc2);
    CHECK_EQ(session.events[1].bytes[1], 33);
    CHECK_EQ(session.events[1].size, 2);
    CHECK((session.events[2].bytes[0] & 0xf0) != 0xc0);
}

TEST("missing networks silence their part alone, and numbers that are none do no harm") {
    const float nan = std::nanf("");
    for (int missing = 0; missing < 5; ++missing) {
        Session session(settings());
        session.random_networks = false;
        session.networks.fill(1, 0);
        Outputs& outputs = session.networks.outputs;
        if (missing == 0) outputs.melody = nullptr;
        if (missing == 1) outputs.harmony = nullptr;
        if (missing == 2) outputs.dynamics = nullptr;
        if (missing == 3) outputs.groove = nullptr;
        if (missing == 4) {
            for (float& x : session.networks.melody) x = nan;
            for (float& x : session.networks.harmony) x = INFINITY;
            for (float& x : session.networks.dynamics) x = nan;
            for (float& x : session.networks.groove) x = -INFINITY;
            session.emotion = {nan, nan};
        }
        session.run_seconds(20);
        session.finish();
        const auto notes = session.notes();
        CHECK_EQ(of_part(notes, kMelody).empty(), missing == 0);
        CHECK_EQ(of_part(notes, kChords).empty(), missing == 1);
        CHECK(!of_part(notes, kBass).empty());
        CHECK(!of_part(notes, kDrums).empty());
    }
}

TEST("when events are not taken the schedule fills, drops whole notes, counts them, and recovers") {
    Session session(settings());
    session.emotion.arousal = 1.0f;
    session.run(2 * kSecond);
    Session stuck(settings());
    stuck.emotion.arousal = 1.0f;
    for (int i = 0; i < 4000; ++i) {
        stuck.networks.fill(1, static_cast<uint64_t>(i));
        stuck.musician->plan(stuck.heard, stuck.emotion, stuck.networks.outputs);
    }
    CHECK(stuck.musician->dropped() > 100);
    stuck.now = stuck.musician->next_plan_frame();
    stuck.drain(stuck.now);
    stuck.run_seconds(5);
    stuck.finish();
    stuck.notes();
    CHECK_EQ(stuck.musician->sounding(), 0);
}

TEST("settings out of range are refused with a reason") {
    const char* error = nullptr;
    CHECK(make_musician(settings(), &error) != nullptr);
    CHECK(error == nullptr);
    const auto refused = [](const std::function<void(MusicianSettings*)>& change) {
        MusicianSettings with = settings();
        change(&with);
        const char* why = nullptr;
        const bool null = make_musician(with, &why) == nullptr;
        return null && why != nullptr;
    };
    CHECK(refused([](MusicianSettings* s) { s->tempo = std::nan(""); }));
    CHECK(refused([](MusicianSettings* s) { s->tempo = 10; }));
    CHECK(refused([](MusicianSettings* s) { s->beats_per_bar = 8; }));
    CHECK(refused([](MusicianSettings* s) { s->parts[kBass].high = s->parts[kBass].low + 10; }));
    CHECK(refused([](MusicianSettings* s) { s->parts[kBass].channel = 16; }));
    CHECK(refused([](MusicianSettings* s) { s->control_count = 33; }));
}

TEST("what the networks are told of the step is relative to the tonic and marks its place") {
    MusicianSettings with = settings();
    with.tonic = 9;
    with.minor = true;
    Session session(with);
    session.heard = music_in(9, true);
    session.heard.chroma[9] = 0.9f;
    session.run(96000 * 2 + 6000 * 5);
    float harmony[64], dynamics[16];
    session.musician->describe_step(session.heard, harmony, dynamics);
    const int step = session.musician->step_in_bar();
    CHECK_NEAR(harmony[0], 0.9, 1e-6);  // the tonic comes first
    double played = 0.0;
    for (int i = 12; i < 24; ++i) played += harmony[i];
    CHECK_NEAR(played, 1.0, 1e-5);
    const int chord = session.musician->chord_played();
    CHECK(chord >= 0);
    for (int i = 0; i < 12; ++i) {
        CHECK_EQ(harmony[24 + i], static_cast<float>(chord_mask(chord) >> (9 + i) % 12 & 1));
        CHECK_EQ(harmony[36 + i], (9 + i) % 12 == chord_root(chord) ? 1.0f : 0.0f);
    }
    for (int i = 0; i < 16; ++i) CHECK_EQ(harmony[48 + i], i == step ? 1.0f : 0.0f);
    CHECK_EQ(dynamics[0], session.heard.level);
    CHECK_EQ(dynamics[4 + step / 4], 1.0f);
    CHECK_EQ(dynamics[8 + step % 4], 1.0f);
    CHECK_NEAR(dynamics[12], std::sin(2 * 3.14159265 * step / 16), 1e-5);
    CHECK_EQ(dynamics[15], 1.0f);
}
