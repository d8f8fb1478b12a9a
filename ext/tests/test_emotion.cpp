#include <limits>

#include "check.h"
#include "core/emotion.h"

using namespace emohost;

TEST("decoding returns what was encoded") {
    float code[kEmbedding];
    for (int v = -100; v <= 100; ++v) {
        for (int a = -100; a <= 100; a += 25) {
            encode({v / 100.0f, a / 100.0f}, code);
            const Emotion back = decode(code);
            CHECK_NEAR(back.valence, v / 100.0, 1e-5);
            CHECK_NEAR(back.arousal, a / 100.0, 1e-5);
        }
    }
}

TEST("entries are a thermometer of each axis") {
    float code[kEmbedding];
    encode({0.3f, -0.6f}, code);
    for (int i = 0; i < kAxis; ++i) {
        const double centre = -1.0 + 2.0 * i / 31.0;
        CHECK_NEAR(code[i], std::tanh(4.0 * (0.3 - centre)), 1e-6);
        CHECK_NEAR(code[kAxis + i], std::tanh(4.0 * (-0.6 - centre)), 1e-6);
    }
}

TEST("values outside the circumplex are clamped") {
    float inside[kEmbedding], outside[kEmbedding];
    encode({1.0f, -1.0f}, inside);
    encode({7.0f, -1e30f}, outside);
    for (int i = 0; i < kEmbedding; ++i) CHECK_EQ(inside[i], outside[i]);
}

TEST("decoding rises with the mean of a half whatever the entries") {
    float code[kEmbedding] = {};
    float last = -2.0f;
    for (int step = -300; step <= 300; ++step) {
        for (int i = 0; i < kAxis; ++i) code[i] = step / 200.0f + ((i * 7) % 5 - 2) * 0.3f;
        const Emotion emotion = decode(code);
        CHECK(emotion.valence >= last);
        CHECK(emotion.valence >= -1.0f && emotion.valence <= 1.0f);
        CHECK_NEAR(emotion.arousal, 0.0, 1e-6);
        last = emotion.valence;
    }
    CHECK_EQ(last, 1.0f);
}

TEST("what is not finite is neutral") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    float code[kEmbedding];
    encode({nan, 0.5f}, code);
    CHECK_NEAR(decode(code).valence, 0.0, 1e-5);
    CHECK_NEAR(decode(code).arousal, 0.5, 1e-5);
    code[40] = nan;
    CHECK_NEAR(decode(code).arousal, 0.0, 1e-12);
}

TEST("a blend is a weighted mean and may be made in place") {
    float a[kEmbedding], b[kEmbedding], out[kEmbedding];
    encode({-0.4f, 0.1f}, a);
    encode({0.8f, 0.9f}, b);
    blend(a, b, 0.25f, out);
    for (int i = 0; i < kEmbedding; ++i) CHECK_NEAR(out[i], 0.75 * a[i] + 0.25 * b[i], 1e-6);
    blend(a, b, -3.0f, out);
    for (int i = 0; i < kEmbedding; ++i) CHECK_EQ(out[i], a[i]);
    blend(a, b, 9.0f, a);
    for (int i = 0; i < kEmbedding; ++i) CHECK_EQ(a[i], b[i]);
}
