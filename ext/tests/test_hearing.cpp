// Hearing without Python: the transform against its definition, the same answers for every way of feeding,
// and numbers that stay numbers whatever comes in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>

#include "check.h"
#include "core/hearing/listener.h"
#include "core/signal/arithmetic.h"
#include "core/signal/fft.h"

using emohost::hearing::Heard;
using emohost::hearing::Layout;
using emohost::hearing::Listener;
using emohost::hearing::ListenerSettings;
using emohost::hearing::make_listener;
using emohost::hearing::Tick;
using emohost::signal::kTau;
using emohost::signal::RealFft;

namespace {

template <typename T>
double worst_error(int n) {
    std::mt19937 random(static_cast<unsigned>(n));
    std::uniform_real_distribution<double> uniform(-1, 1);
    std::vector<T> in(n), re(n / 2 + 1), im(n / 2 + 1), power(n / 2 + 1);
    for (T& x : in) x = static_cast<T>(uniform(random));
    RealFft<T> fft(n);
    fft.transform(in.data(), re.data(), im.data());
    fft.power(in.data(), power.data());
    double worst = 0, largest = 0;
    for (int k = 0; k <= n / 2; ++k) {
        double sum_re = 0, sum_im = 0;
        for (int i = 0; i < n; ++i) {
            const double angle = kTau * (static_cast<int64_t>(i) * k % n) / n;
            sum_re += in[i] * std::cos(angle);
            sum_im -= in[i] * std::sin(angle);
        }
        const double size = std::hypot(sum_re, sum_im);
        largest = std::max(largest, size);
        worst = std::max(worst, std::hypot(re[k] - sum_re, im[k] - sum_im));
        worst = std::max(worst, std::fabs(std::sqrt(static_cast<double>(power[k])) - size));
    }
    return worst / largest;
}

// Detuned notes with noise and gaps: something for every part of hearing.
std::vector<float> music(int frames, double sample_rate) {
    std::mt19937 random(7);
    std::normal_distribution<float> noise(0, 0.003f);
    std::vector<float> out(frames);
    for (int i = 0; i < frames; ++i) {
        const double t = i / sample_rate, since = std::fmod(t, 0.3);
        const double hz = 110 * std::pow(2.0, static_cast<int>(t / 0.3) * 7 % 24 / 12.0);
        double x = 0;
        for (int k = 1; k <= 6; ++k) x += std::sin(kTau * k * hz * t) / (k * k);
        out[i] = static_cast<float>(0.3 * x * std::exp(-4 * since)) + noise(random);
    }
    return out;
}

// All that was heard at each hop, feeding at most `piece` samples at a time.
std::vector<Heard> listen(Listener& listener, const std::vector<float>& sound, int piece,
                          std::vector<int>* onsets) {
    std::vector<Heard> hops;
    const int size = static_cast<int>(sound.size());
    for (int at = 0; at < size;) {
        const int n = std::min({piece, listener.until_tick(), size - at});
        const Tick tick = listener.push(sound.data() + at, n);
        at += n;
        if (tick.hop) hops.push_back(listener.heard());
        if (tick.onset && onsets) onsets->push_back(at);
    }
    return hops;
}

bool same(const Heard& a, const Heard& b) {
    return a.hops == b.hops && !std::memcmp(a.features, b.features, sizeof a.features) &&
           !std::memcmp(a.chroma, b.chroma, sizeof a.chroma) &&
           !std::memcmp(a.chroma_long, b.chroma_long, sizeof a.chroma_long) &&
           a.tuning_cents == b.tuning_cents && a.tonic == b.tonic && a.minor == b.minor &&
           a.key_clarity == b.key_clarity && a.chord == b.chord && a.level_db == b.level_db &&
           a.onset_strength == b.onset_strength && a.sounding == b.sounding;
}

bool sane(const Heard& h) {
    bool ok = h.tonic >= -1 && h.tonic < 12 && h.chord >= -1 && h.chord < 64;
    for (float x : h.features) ok = ok && std::isfinite(x) && x >= -12 && x <= 3;
    for (float x : h.chroma) ok = ok && x >= 0 && x <= 1;
    for (float x : h.chroma_long) ok = ok && x >= 0 && x <= 1;
    for (float x : {h.key_clarity, h.level, h.onset_strength, h.brightness, h.flatness, h.articulation,
                    h.pitch_register})
        ok = ok && x >= 0 && x <= 1;
    return ok && std::fabs(h.tuning_cents) <= 50 && std::isfinite(h.level_db) && h.onset_density >= 0;
}

}  // namespace

TEST("the transform agrees with its definition at every length") {
    for (int n = 8; n <= 4096; n *= 2) {
        CHECK(worst_error<float>(n) < 1e-6);
        CHECK(worst_error<double>(n) < 1e-13);
    }
}

TEST("the same samples give the same bits in pieces of any size") {
    for (double rate : {44100.0, 48000.0, 11025.0})
        for (Layout layout : {Layout::emohost1, Layout::mel128}) {
            ListenerSettings settings;
            settings.sample_rate = rate;
            settings.layout = layout;
            const std::vector<float> sound = music(static_cast<int>(2.5 * rate) + 1, rate);
            std::vector<int> onsets;
            const std::vector<Heard> whole = listen(*make_listener(settings), sound, 1 << 20, &onsets);
            CHECK_EQ(whole.size(), std::size_t(125));
            CHECK(onsets.size() >= 7);
            for (int piece : {1, 17, 64, 441}) {
                std::vector<int> again;
                const std::vector<Heard> hops = listen(*make_listener(settings), sound, piece, &again);
                CHECK(again == onsets);
                CHECK_EQ(hops.size(), whole.size());
                bool equal = true;
                for (std::size_t i = 0; i < hops.size(); ++i) equal = equal && same(hops[i], whole[i]);
                CHECK(equal);
            }
        }
}

TEST("after reset() it hears as if new") {
    ListenerSettings settings;
    const std::vector<float> sound = music(100000, 48000);
    const auto listener = make_listener(settings);
    const std::vector<Heard> first = listen(*listener, sound, 4096, nullptr);
    listener->reset();
    const std::vector<Heard> second = listen(*listener, sound, 4096, nullptr);
    CHECK_EQ(first.size(), second.size());
    bool equal = true;
    for (std::size_t i = 0; i < first.size(); ++i) equal = equal && same(first[i], second[i]);
    CHECK(equal);
}

TEST("spared, what is heard of notes holds still; a search that has begun is ended all the same") {
    ListenerSettings settings;
    const int hop = 960, tick = hop / 4;
    const std::vector<float> sound = music(200 * hop, 48000);
    const auto listener = make_listener(settings), spared = make_listener(settings);
    // Searches begin a tick after every second hop: this is in the middle of one.
    const int middle = 100 * hop + 2 * tick;
    const auto feed = [&](Listener& to, int from, int until) {
        for (int at = from; at < until; at += tick / 4) to.push(sound.data() + at, tick / 4);
        return to.heard();
    };
    feed(*listener, 0, middle);
    const Heard before = feed(*spared, 0, middle);
    spared->spare(true);
    const Heard ended = feed(*spared, middle, 101 * hop);
    CHECK(same(ended, feed(*listener, middle, 101 * hop)));
    CHECK(std::memcmp(ended.chroma, before.chroma, sizeof before.chroma) != 0);
    const Heard later = feed(*spared, 101 * hop, 200 * hop);
    CHECK(std::memcmp(later.chroma, ended.chroma, sizeof ended.chroma) == 0);
    CHECK(!same(later, feed(*listener, 101 * hop, 200 * hop)));
}

TEST("hop k ends at the nearest frame to k hops") {
    ListenerSettings settings;
    settings.sample_rate = 44100;
    settings.hop_s = 0.0173;
    const auto listener = make_listener(settings);
    const std::vector<float> silence(4096);
    int64_t frame = 0, hops = 0;
    while (hops < 500) {
        const int n = listener->until_tick();
        CHECK(n >= 1);
        frame += n;
        if (listener->push(silence.data(), n).hop) CHECK_EQ(frame, std::llround(++hops * 0.0173 * 44100));
    }
}

TEST("hostile sound gives finite answers in their ranges") {
    std::mt19937 random(3);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<std::vector<float>> sounds;
    const int frames = 48000;
    sounds.emplace_back(frames, 1.0f);    // a constant
    sounds.emplace_back(frames, 1e-40f);  // denormal
    sounds.emplace_back(frames, 1e30f);   // absurd, and constant
    for (float scale : {1.0f, 1e-30f, 1e-20f, 1e8f}) {
        std::vector<float> noise(frames);
        for (float& x : noise) x = scale * uniform(random);
        sounds.push_back(noise);
    }
    std::vector<float> square(frames), clicks(frames);
    for (int i = 0; i < frames; ++i) {
        square[i] = i / 50 % 2 ? 1.0f : -1.0f;
        clicks[i] = i % 997 == 0 ? 1.0f : 0.0f;
    }
    sounds.push_back(square);
    sounds.push_back(clicks);
    for (Layout layout : {Layout::emohost1, Layout::mel128})
        for (std::size_t i = 0; i < sounds.size(); ++i) {
            ListenerSettings settings;
            settings.layout = layout;
            const auto listener = make_listener(settings);
            for (const Heard& heard : listen(*listener, sounds[i], 480, nullptr))
                if (std::fabs(sounds[i][1]) <= 1) CHECK(sane(heard));
            // Whatever it was, it is forgotten: music is heard afterwards.
            bool fine = true;
            for (const Heard& heard : listen(*listener, music(frames, 48000), 480, nullptr))
                for (float x : heard.features) fine = fine && std::isfinite(x);
            CHECK(fine);
        }
}

TEST("settings out of range are refused with a reason") {
    const auto refused = [](auto change) {
        ListenerSettings settings;
        change(settings);
        const char* error = nullptr;
        return !make_listener(settings, &error) && error != nullptr;
    };
    CHECK(!refused([](ListenerSettings&) {}));
    CHECK(refused([](ListenerSettings& s) { s.sample_rate = 0; }));
    CHECK(refused([](ListenerSettings& s) { s.sample_rate = NAN; }));
    CHECK(refused([](ListenerSettings& s) { s.sample_rate = INFINITY; }));
    CHECK(refused([](ListenerSettings& s) { s.hop_s = 0; }));
    CHECK(refused([](ListenerSettings& s) { s.window_s = -1; }));
    CHECK(refused([](ListenerSettings& s) { s.fmax_hz = s.fmin_hz; }));
    CHECK(refused([](ListenerSettings& s) { s.gate_db = NAN; }));
    CHECK(refused([](ListenerSettings& s) { s.calibration_s = 0; }));
    CHECK(refused([](ListenerSettings& s) { s.slowest_bpm = 39; }));
    CHECK(refused([](ListenerSettings& s) { s.fastest_bpm = NAN; }));
    CHECK(refused([](ListenerSettings& s) { s.slowest_bpm = s.fastest_bpm = 120; }));
}
