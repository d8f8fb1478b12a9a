// What the player holds on MIDI inputs: which chord and key that is, how hands and pedals are understood, and that the band
// plays it whatever is heard.
#include <vector>

#include "check.h"
#include "core/music/following/held_music.h"
#include "core/theory/chords.h"
#include "music/band.h"

using namespace band;

namespace {

constexpr double kBeat = 24000.0;   // frames
constexpr uint64_t kMoment = 2400;  // 50 ms
constexpr int kChordPort = 1, kKeyPort = 2;

MusicianSettings with_inputs() {
    MusicianSettings made = settings();
    made.inputs[kChordPort] = kChordInput;
    made.inputs[kKeyPort] = kKeyInput;
    return made;
}

int major(int root) { return root * 5 + kMajor; }
int minor(int root) { return root * 5 + kMinor; }

InputEvent message(int source, int status, int first, int second) {
    InputEvent event{};
    event.bytes[0] = static_cast<uint8_t>(status);
    event.bytes[1] = static_cast<uint8_t>(first);
    event.bytes[2] = static_cast<uint8_t>(second);
    event.size = 3;
    event.source = static_cast<uint8_t>(source);
    return event;
}

struct Hands {
    HeldMusic held{with_inputs()};
    uint64_t now = 100000;
    bool minor_heard = false;

    void send(int source, int status, int first, int second) {
        held.receive(message(source, status, first, second), now, kBeat, minor_heard);
    }
    void down(std::vector<int> notes, int source = kChordPort) {
        for (const int note : notes) send(source, 0x90, note, 90);
    }
    void up(std::vector<int> notes, int source = kChordPort) {
        for (const int note : notes) send(source, 0x80, note, 0);
    }
    void pedal(bool on) { send(kChordPort, 0xb0, 64, on ? 127 : 0); }
    void wait(uint64_t frames) { now += frames; }
    int chord() const { return held.chord(now, kBeat); }
};

int named(std::vector<int> notes) {
    unsigned tones = 0;
    for (const int note : notes) tones |= 1u << note % 12;
    return chord_of_tones(static_cast<uint16_t>(tones), notes.front());
}

}  // namespace

TEST("every chord there is has its own name, from its root, in any key") {
    for (int chord = 0; chord < kFifths + 12; ++chord) {
        if (chord_root(chord) < 0) continue;
        const int root = chord_root(chord);
        CHECK_EQ(chord_of_tones(chord_mask(chord), 48 + root), chord);
    }
    CHECK_EQ(chord_of_tones(0, 48), -1);
}

TEST("notes are named as a player means them") {
    CHECK_EQ(named({48, 52, 55}), major(0));
    CHECK_EQ(named({52, 55, 60}), major(0));  // on its third
    CHECK_EQ(named({48, 52}), major(0));      // without a fifth
    CHECK_EQ(named({57, 60}), minor(9));
    CHECK_EQ(named({48}), kFifths);  // a tone alone
    CHECK_EQ(named({48, 55}), kFifths);
    CHECK_EQ(named({55, 60}), kFifths);                      // a fourth is a fifth turned
    CHECK_EQ(named({48, 53, 55}), kFifths);                  // sus 4: no third
    CHECK_EQ(named({48, 52, 55, 57}), major(0));             // C6,
    CHECK_EQ(named({57, 60, 64, 67}), 9 * 5 + kMinor7);      // and Am7, of the same tones
    CHECK_EQ(named({48, 52, 55, 62}), major(0));             // a ninth added
    CHECK_EQ(named({50, 53, 57, 60, 64}), 2 * 5 + kMinor7);  // Dm9
    CHECK_EQ(named({55, 59, 65}), 7 * 5 + kDominant7);       // G7 without a fifth
    CHECK_EQ(named({59, 62, 65}), kNoChord + 1 + 2);         // B dim
}

TEST("fingers need not fall together, nor be lifted together") {
    Hands hands;
    hands.down({48});
    CHECK_EQ(hands.chord(), -1);
    hands.wait(kMoment / 2);
    hands.down({52, 55});
    CHECK_EQ(hands.chord(), major(0));
    hands.wait(100000);
    hands.up({48});
    CHECK_EQ(hands.chord(), major(0));
    hands.wait(kMoment / 2);
    hands.up({52, 55});
    CHECK_EQ(hands.chord(), major(0));
    // On the way to the next, for a beat.
    hands.wait(static_cast<uint64_t>(kBeat) - 1);
    CHECK_EQ(hands.chord(), major(0));
    hands.wait(2);
    CHECK_EQ(hands.chord(), -1);
}

TEST("few tones count once they are held for a moment") {
    Hands hands;
    hands.down({48});
    hands.wait(kMoment);
    CHECK_EQ(hands.chord(), kFifths);
}

TEST("a chord that was shorter than a step is known all the same") {
    Hands hands;
    hands.down({48, 52, 55});
    hands.wait(10);
    hands.up({48, 52, 55});
    CHECK_EQ(hands.chord(), major(0));
}

TEST("the pedal keeps a chord, and a new one under it is not mixed with it") {
    Hands hands;
    hands.pedal(true);
    hands.down({48, 52, 55});
    hands.wait(100);
    hands.up({48, 52, 55});
    hands.wait(500000);
    CHECK_EQ(hands.chord(), major(0));
    hands.down({53, 57, 60});
    CHECK_EQ(hands.chord(), major(5));
    hands.wait(100);
    hands.up({53, 57, 60});
    hands.pedal(false);
    hands.wait(static_cast<uint64_t>(kBeat) + 1);
    CHECK_EQ(hands.chord(), -1);
}

TEST("all notes off, and a panic, lift every hand") {
    Hands hands;
    hands.down({48, 52, 55});
    hands.down({57}, kKeyPort);
    hands.wait(100000);
    hands.send(kChordPort, 0xb0, 123, 0);
    hands.wait(static_cast<uint64_t>(kBeat) + 1);
    CHECK_EQ(hands.chord(), -1);
    hands.down({48, 52, 55});
    hands.held.clear();
    CHECK_EQ(hands.chord(), -1);
    CHECK(!hands.held.key().known());
}

TEST("the lowest note is the tonic; its third, or what is heard, is the mode") {
    Hands hands;
    hands.down({57}, kKeyPort);
    CHECK(hands.held.key() == (Key{9, false}));
    hands.down({60}, kKeyPort);
    CHECK(hands.held.key() == (Key{9, true}));
    hands.up({57, 60}, kKeyPort);
    CHECK(!hands.held.key().known());
    hands.minor_heard = true;
    hands.down({62}, kKeyPort);
    CHECK(hands.held.key() == (Key{2, true}));
    hands.down({66}, kKeyPort);
    CHECK(hands.held.key() == (Key{2, false}));
}

TEST("each port has its use alone") {
    Hands hands;
    hands.down({48, 52, 55}, 0);
    hands.down({48, 52, 55}, 7);
    hands.down({48, 52, 55}, 200);
    CHECK_EQ(hands.chord(), -1);
    CHECK(!hands.held.key().known());
}

TEST("the band plays the chord that is held, and in the key, against what is heard; then goes by ear again") {
    Session session(with_inputs());
    session.heard = music_in(0, false);
    session.heard.chord = major(0);
    session.run_seconds(4.0);
    CHECK_EQ(session.musician->chord_played(), major(0));
    for (const int note : {54, 58, 61})
        session.musician->midi(message(kChordPort, 0x90, note, 90), session.now);
    session.musician->midi(message(kKeyPort, 0x90, 54, 90), session.now);
    session.run(session.musician->next_plan_frame() + 1);  // with the very next step
    CHECK_EQ(session.musician->chord_played(), major(6));
    CHECK_EQ(session.musician->chord_held(), major(6));
    CHECK_EQ(session.musician->step_moment(session.heard).tonic, 6);
    CHECK_EQ(session.musician->step_moment(session.heard).chord_heard, major(6));
    session.run_seconds(4.0);
    CHECK_EQ(session.musician->chord_played(), major(6));
    for (const int note : {54, 58, 61})
        session.musician->midi(message(kChordPort, 0x80, note, 0), session.now);
    session.musician->midi(message(kKeyPort, 0x80, 54, 0), session.now);
    session.run_seconds(4.0);
    CHECK_EQ(session.musician->chord_played(), major(0));
    CHECK_EQ(session.musician->step_moment(session.heard).tonic, 0);
    session.finish();
}

TEST("a key of the rig's own is in force again when the hand is lifted") {
    MusicianSettings fixed = with_inputs();
    fixed.tonic = 4;
    fixed.minor = true;
    Session session(fixed);
    session.run_seconds(1.0);
    session.musician->midi(message(kKeyPort, 0x90, 50, 90), session.now);
    session.run_seconds(1.0);
    CHECK_EQ(session.musician->step_moment(session.heard).tonic, 2);
    session.musician->midi(message(kKeyPort, 0x80, 50, 0), session.now);
    session.run_seconds(1.0);
    CHECK_EQ(session.musician->step_moment(session.heard).tonic, 4);
    session.finish();
}
