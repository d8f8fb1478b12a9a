// Side B's influence comes and goes without a jump, whatever is written and whenever it stops.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <random>

#include "check.h"
#include "core/side_b.h"

using namespace emohost;

namespace {

constexpr double kRate = 48000.0;
constexpr uint64_t kHop = 960;  // 20 ms
constexpr double kHopSeconds = kHop / kRate;

EmotionMessage message(Emotion emotion, float weight, float ttl_s, uint64_t written_ns = 0) {
    EmotionMessage made{};
    encode(emotion, made.embedding);
    made.weight = weight;
    made.ttl_s = ttl_s;
    made.written_ns = written_ns;
    return made;
}

// Two writers, an audio that feels nothing, and the largest step of any entry from hop to hop.
struct Stage {
    std::unique_ptr<EmotionRing> rings[2] = {std::make_unique<EmotionRing>(),
                                             std::make_unique<EmotionRing>()};
    SideB side_b{kRate};
    uint64_t frame = 0;
    uint64_t now_ns = 1000000000000;
    float audio[kEmbedding];
    float felt[kEmbedding];
    float largest = 0.0f;

    Stage() {
        for (auto& ring : rings) {
            ring->clear();
            side_b.listen(ring.get());
        }
        encode({0, 0}, audio);
        std::copy_n(audio, kEmbedding, felt);
    }

    void play(double seconds) {
        for (uint64_t end = frame + static_cast<uint64_t>(seconds * kRate + 0.5); frame < end;) {
            side_b.take(frame, now_ns);
            frame += kHop;
            now_ns += static_cast<uint64_t>(kHopSeconds * 1e9);
            side_b.advance(frame);
            float next[kEmbedding];
            side_b.mix(audio, next);
            for (int i = 0; i < kEmbedding; ++i) largest = std::max(largest, std::fabs(next[i] - felt[i]));
            std::copy_n(next, kEmbedding, felt);
        }
    }
    Emotion emotion() const { return decode(felt); }
};

}  // namespace

TEST("a message is felt in full after half a second, for its time, and is gone a second later") {
    Stage stage;
    stage.play(0.2);
    CHECK(std::memcmp(stage.felt, stage.audio, sizeof stage.felt) == 0);
    stage.rings[0]->write(message({0.8f, -0.6f}, 1.0f, 3.0f));
    stage.play(kRiseSeconds + kHopSeconds);
    CHECK_NEAR(stage.side_b.share(), 1.0, 1e-6);
    CHECK_NEAR(stage.emotion().valence, 0.8, 1e-3);
    CHECK_NEAR(stage.emotion().arousal, -0.6, 1e-3);
    stage.play(3.0 - kRiseSeconds - 2 * kHopSeconds);
    CHECK_NEAR(stage.emotion().valence, 0.8, 1e-3);
    stage.play(kFadeSeconds / 2 + kHopSeconds);
    CHECK_NEAR(stage.side_b.share(), 0.5, 1e-3);
    stage.play(kFadeSeconds / 2 + kHopSeconds);
    CHECK(std::memcmp(stage.felt, stage.audio, sizeof stage.felt) == 0);
    CHECK(stage.largest <= kFastest * kHopSeconds);
}

TEST("no step is larger than stated, however wildly it is written to") {
    Stage stage;
    uint32_t random = 3;
    const auto next = [&] {
        random = random * 1664525u + 1013904223u;
        return static_cast<float>(random >> 8) / 16777216.0f;
    };
    for (int i = 0; i < 3000; ++i) {
        EmotionMessage wild = message({0, 0}, next(), 0.3f * next());
        for (float& entry : wild.embedding) entry = next() < 0.5f ? -1.0f : 1.0f;
        stage.rings[0]->write(wild);
        stage.side_b.set_factor(next() < 0.1f ? 0.0f : 1.0f);
        stage.play(kHopSeconds * (1 + static_cast<int>(20 * next() * next())));
    }
    CHECK(stage.largest <= kFastest * kHopSeconds * 1.0001);
    CHECK(stage.largest > 0.25 * kFastest * kHopSeconds);  // it was wild indeed
}

TEST("a message that comes during the fade turns it round where it is") {
    Stage stage;
    stage.rings[0]->write(message({0.8f, 0.8f}, 1.0f, 1.0f));
    stage.play(1.0 + kFadeSeconds / 2);
    const float before = stage.side_b.share();
    CHECK_NEAR(before, 0.5, 0.05);
    stage.rings[0]->write(message({-0.8f, 0.8f}, 1.0f, 10.0f));
    stage.play(kHopSeconds);
    CHECK(stage.side_b.share() > before);
    CHECK(stage.side_b.share() < before + 2 * kHopSeconds / kRiseSeconds);
    stage.play(2 * kRiseSeconds);
    CHECK_NEAR(stage.emotion().valence, -0.8, 1e-3);
    CHECK(stage.largest <= kFastest * kHopSeconds);
}

TEST("weight and the factor of the configuration bound the share; weight 0 lets go") {
    Stage stage;
    stage.side_b.set_factor(0.5f);
    stage.rings[0]->write(message({1, 1}, 0.8f, 100.0f));
    stage.play(2.0);
    CHECK_NEAR(stage.side_b.share(), 0.4, 1e-6);
    stage.rings[0]->write(message({1, 1}, 0.0f, 100.0f));
    stage.play(1.0);
    CHECK_EQ(stage.side_b.share(), 0.0f);
}

TEST("two writers share: weights add up, and beyond 1 they are scaled down") {
    Stage stage;
    stage.rings[0]->write(message({0.9f, 0}, 0.3f, 100.0f));
    stage.rings[1]->write(message({-0.9f, 0}, 0.3f, 100.0f));
    stage.play(2.0);
    CHECK_NEAR(stage.side_b.share(), 0.6, 1e-6);
    CHECK_NEAR(stage.emotion().valence, 0.0, 1e-3);
    stage.rings[0]->write(message({0.9f, 0.5f}, 1.0f, 100.0f));
    stage.rings[1]->write(message({0.9f, 0.5f}, 1.0f, 100.0f));
    stage.play(2.0);
    CHECK_NEAR(stage.side_b.share(), 1.0, 1e-6);
    CHECK_NEAR(stage.emotion().valence, 0.9, 1e-3);
    CHECK_NEAR(stage.emotion().arousal, 0.5, 1e-3);
}

TEST("what was written too long ago is never played, and what is left of its time counts") {
    Stage stage;
    const uint64_t second = 1000000000;
    stage.rings[0]->write(message({0.9f, 0.9f}, 1.0f, 5.0f, stage.now_ns - 6 * second));
    stage.rings[1]->write(message({0.9f, 0.9f}, 1.0f, 5.0f, stage.now_ns + 6 * second));  // of another boot
    stage.play(1.0);
    CHECK_EQ(stage.side_b.share(), 0.0f);
    CHECK_EQ(stage.side_b.counts().stale, 2u);
    stage.rings[0]->write(message({0.9f, 0.9f}, 1.0f, 5.0f, stage.now_ns - 4 * second));
    stage.play(0.9);
    CHECK_NEAR(stage.side_b.share(), 1.0, 1e-6);
    stage.play(1.2);
    CHECK_EQ(stage.side_b.share(), 0.0f);
}

TEST("a message that is no number is left out and the one before it stays") {
    const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
    Stage stage;
    stage.rings[0]->write(message({0.5f, 0.5f}, 1.0f, 100.0f));
    for (const float value : bad) {
        EmotionMessage broken = message({-1, -1}, 1.0f, 100.0f);
        broken.embedding[63] = value;
        stage.rings[0]->write(broken);
        broken = message({-1, -1}, value, 100.0f);
        stage.rings[0]->write(broken);
        broken = message({-1, -1}, 1.0f, value);
        stage.rings[0]->write(broken);
    }
    stage.play(2.0);
    CHECK_NEAR(stage.emotion().valence, 0.5, 1e-3);
    CHECK_EQ(stage.side_b.counts().stale, 6u);
    EmotionMessage far = message({0, 0}, 7.0f, 1e30f);
    for (float& entry : far.embedding) entry = 1e30f;
    stage.rings[0]->write(far);
    stage.play(2.0);
    for (const float entry : stage.felt) CHECK_EQ(entry, 1.0f);
}

TEST("whatever is scribbled into the rings, what is felt is numbers in their range that move as stated") {
    std::mt19937_64 random(11);
    const auto below = [&](uint64_t n) { return random() % n; };
    constexpr uint64_t kEnds[] = {0, 1, 63, 64, 65, uint64_t{1} << 32, uint64_t{1} << 63, ~uint64_t{0}};
    Stage stage;
    bool fine = true, heard = false;
    for (int round = 0; round < 5000; ++round) {
        EmotionRing& ring = *stage.rings[below(2)];
        auto* bytes = reinterpret_cast<unsigned char*>(&ring);  // the newest number, then the slots
        switch (below(6)) {
            case 0:
                for (std::size_t i = 0; i < sizeof ring; ++i) bytes[i] = static_cast<unsigned char>(random());
                break;
            case 1:
                bytes[below(sizeof ring)] ^= static_cast<unsigned char>(1 + below(255));
                break;
            case 2: {
                const uint64_t head = below(2) ? random() : kEnds[below(std::size(kEnds))];
                std::memcpy(bytes, &head, sizeof head);
                break;
            }
            case 3:
                ring.clear();
                break;
            default: {  // by somebody who knows the digest, but not what a number is
                EmotionMessage forged = message({1, -1}, 1.0f, 1.0f);
                auto* words = reinterpret_cast<uint32_t*>(&forged);
                for (uint64_t i = below(4); i > 0; --i)
                    words[below(sizeof forged / sizeof *words)] = static_cast<uint32_t>(random());
                ring.write(forged);
            }
        }
        if (below(50) == 0) stage.now_ns = random();
        stage.play(static_cast<double>(1 + below(40)) * kHopSeconds);
        for (const float entry : stage.felt) fine = fine && std::fabs(entry) <= 1.000001f;  // NaN is not
        const float share = stage.side_b.share();
        fine = fine && share >= 0.0f && share <= 1.0f;
        heard = heard || share > 0.5f;
    }
    CHECK(fine);
    CHECK(heard);  // some of it was good, or this would have tried nothing
    CHECK(stage.largest <= 2 * kFastest * kHopSeconds);
}

TEST("going on in many steps is the same as in one") {
    Stage coarse, fine;
    for (Stage* stage : {&coarse, &fine}) {
        stage->rings[0]->write(message({0.7f, -0.7f}, 0.9f, 0.731f));
        stage->side_b.take(0, stage->now_ns);
    }
    for (uint64_t frame = 0; frame <= 96000; frame += 4800) {
        coarse.side_b.advance(frame);
        for (uint64_t each = frame > 4800 ? frame - 4800 : 0; each <= frame; each += 7)
            fine.side_b.advance(each);
        fine.side_b.advance(frame);
        float a[kEmbedding], b[kEmbedding];
        coarse.side_b.mix(coarse.audio, a);
        fine.side_b.mix(fine.audio, b);
        for (int i = 0; i < kEmbedding; ++i) CHECK_NEAR(a[i], b[i], 2e-4);
    }
}

TEST("there is room for five writers") {
    SideB side_b(kRate);
    EmotionRing ring;
    ring.clear();
    for (int i = 0; i < kVoices; ++i) CHECK(side_b.listen(&ring));
    CHECK(!side_b.listen(&ring));
}
