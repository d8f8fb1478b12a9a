// Notes that are sounded for the host's own ears: on pitch, as loud and bright as they are struck, ended by hand and pedal,
// the same however they are cut into pieces.
#include <cmath>
#include <vector>

#include "check.h"
#include "core/hearing/note_synth.h"

using emohost::hearing::NoteSynth;

namespace {

constexpr double kRate = 48000.0;
constexpr int kTenth = 4800;

struct Keyboard {
    NoteSynth synth{kRate};
    std::vector<float> out;

    void send(int status, int first, int second) {
        const uint8_t bytes[3] = {static_cast<uint8_t>(status), static_cast<uint8_t>(first),
                                  static_cast<uint8_t>(second)};
        synth.receive(bytes, 3);
    }
    void play(int frames, int piece = 256) {
        for (int done = 0; done < frames; done += piece) {
            const int n = std::min(piece, frames - done);
            out.resize(out.size() + static_cast<std::size_t>(n));
            synth.render(out.data() + out.size() - n, n);
        }
    }
    // Mean square of the last frames.
    double power(int frames = kTenth) const {
        double sum = 0.0;
        for (auto i = out.end() - frames; i != out.end(); ++i) sum += static_cast<double>(*i) * *i;
        return sum / frames;
    }
    // Of a frequency, in the last tenth of a second.
    double part(double hertz) const {
        double re = 0.0, im = 0.0;
        for (int i = 0; i < kTenth; ++i) {
            const double x = out[out.size() - kTenth + static_cast<std::size_t>(i)];
            re += x * std::cos(6.283185307179586 * hertz * i / kRate);
            im += x * std::sin(6.283185307179586 * hertz * i / kRate);
        }
        return std::hypot(re, im) / kTenth;
    }
};

}  // namespace

TEST("a note is on its pitch") {
    Keyboard keys;
    keys.send(0x90, 69, 90);
    keys.play(2 * kTenth);
    CHECK(keys.part(440.0) > 5.0 * keys.part(466.2));
    CHECK(keys.part(440.0) > 5.0 * keys.part(415.3));
}

TEST("harder is louder and brighter") {
    Keyboard soft, hard;
    soft.send(0x90, 60, 40);
    hard.send(0x90, 60, 120);
    soft.play(2 * kTenth);
    hard.play(2 * kTenth);
    CHECK(hard.power() > 20.0 * soft.power());
    const double first = 261.63, fifth = 5 * first;
    CHECK(hard.part(fifth) / hard.part(first) > 2.0 * soft.part(fifth) / soft.part(first));
}

TEST("a note dies away when the key is lifted, but not under the pedal") {
    Keyboard lifted, kept;
    kept.send(0xb0, 64, 127);
    for (Keyboard* keys : {&lifted, &kept}) {
        keys->send(0x90, 60, 90);
        keys->play(kTenth);
        keys->send(0x80, 60, 0);
        keys->play(5 * kTenth);
    }
    CHECK(kept.power() > 1000.0 * lifted.power());
    kept.send(0xb0, 64, 0);
    kept.play(5 * kTenth);
    CHECK(kept.power() < 1e-6);
}

TEST("all notes off, and a release, end what is held") {
    for (const bool panic : {false, true}) {
        Keyboard keys;
        keys.send(0xb3, 64, 127);
        keys.send(0x93, 60, 90);
        keys.play(kTenth);
        if (panic)
            keys.synth.release();
        else
            keys.send(0xb3, 123, 0);
        keys.play(20 * kTenth);
        CHECK_EQ(keys.power(), 0.0);
    }
}

TEST("the same in pieces of any length, whatever is struck") {
    std::vector<float> first;
    for (const int piece : {1, 64, 100, 4800}) {
        Keyboard keys;
        uint32_t random = 7;
        for (int turn = 0; turn < 30; ++turn) {
            for (int i = 0; i < 4; ++i) {
                random = random * 1664525u + 1013904223u;
                const int channel = static_cast<int>(random >> 30) == 0 ? 9 : 0;
                keys.send(0x90 | channel, static_cast<int>(random >> 20 & 127),
                          static_cast<int>(random >> 9 & 127));
            }
            keys.play(kTenth, piece);
        }
        if (first.empty()) first = keys.out;
        CHECK(keys.out == first);
        for (const float sample : keys.out) CHECK(std::isfinite(sample) && std::fabs(sample) < 30.0f);
    }
}
