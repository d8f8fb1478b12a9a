// What the musician promises, whatever the networks, the ear and the commands say.
#include <array>

#include "band.h"
#include "core/music/chord_memory.h"

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
void random_ear(Rng& rng, hearing::Heard* heard) {
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
    with.play = rng.chance(0.7f) ? Play::when_heard : Play::always;
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

}  // namespace

TEST("every note is whole and parts of one voice never overlap, for any ear and any command") {
    std::size_t notes = 0;
    for (uint64_t seed = 1; seed <= 150; ++seed) notes += play_anything(seed, by(256), true).size();
    CHECK(notes > 20000);
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

TEST("what was heard at the same place four and eight bars ago is told with the chord in force") {
    ChordMemory memory;
    const auto recalled = [&](uint64_t step, int tonic) {
        std::array<float, 24> told{};
        memory.recall(step, 16, tonic, told.data(), told.data() + 12);
        return told;
    };
    // A minor in the first half of each bar, nothing in the second; the ear is two steps behind.
    for (uint64_t step = 0; step < 3 * 128; ++step) {
        const std::array<float, 24> told = recalled(step, 9);
        const float share = step < 64 - 9 ? 0.0f : step % 16 == 0 ? 1.0f : step % 16 == 8 ? 0.0f : -1.0f;
        const float weight = step < 128 ? 0.5f : 0.75f;
        if (share >= 0.0f) {
            for (int pitch : {0, 3, 7}) CHECK_NEAR(told[pitch], weight * share, 1e-6);
            CHECK_NEAR(told[12], weight * share, 1e-6);
            CHECK_EQ(told[1], 0.0f);
            CHECK_EQ(told[13], 0.0f);
        }
        const bool sounds = (step + 16 - 2) % 16 < 8 && step >= 2;
        memory.note(step, sounds ? 9 * 5 + kMinor : step % 2 ? -1 : 200);  // what is no class is none
    }
    CHECK_NEAR(recalled(3 * 128 + 4, 9)[12], 0.375, 1e-6);  // half of its half bar
    CHECK_NEAR(recalled(3 * 128, 0)[12 + 9], 0.75, 1e-6);   // relative to the tonic
    memory.clear();
    for (float x : recalled(3 * 128, 9)) CHECK_EQ(x, 0.0f);
}

TEST("what the networks are told of the step is relative to the tonic and marks its place") {
    MusicianSettings with = settings();
    with.tonic = 9;
    with.minor = true;
    Session session(with);
    session.heard = music_in(9, true);
    session.heard.chroma[9] = 0.9f;
    session.heard.chord = 2 * 5 + kMinor;
    session.run(96000 * 2 + 6000 * 5);
    const float felt[kEmbedding] = {};
    StepInputs inputs;
    const float* harmony = inputs.harmony + kEmbedding;
    const float* dynamics = inputs.dynamics + kDynamicsHalf;
    describe_step(felt, session.musician->step_moment(session.heard), &inputs);
    const int step = session.musician->step_in_bar();
    // The tonic comes first; of D minor it has the fifth, of which the root is the fourth degree.
    const auto told = [&](int pitch) {
        return harmony[(pitch - 9 + 12) % 12] - 0.5f * session.heard.chroma[pitch];
    };
    CHECK_NEAR(harmony[0], 0.45 + 0.0625, 1e-6);
    for (int pitch = 0; pitch < 12; ++pitch)
        CHECK_NEAR(told(pitch), pitch == 2 ? 0.3125 : pitch == 5 || pitch == 9 ? 0.0625 : 0.0, 1e-6);
    session.heard.chord = -1;
    describe_step(felt, session.musician->step_moment(session.heard), &inputs);
    CHECK_NEAR(harmony[0], 0.45, 1e-6);
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
    CHECK_EQ(dynamics[15], 0.5f);  // 120 beats a minute
}
