// What each quality of chord sounds like, turned so that its root comes first: weights of what is heard. Multinomial logistic
// regression on POP909 songs, OpenEWLD lead sheets, loops and plain chords (none of them of the splits for validation and
// test), rendered with two soundfonts; sevenths are favoured until plain ones are named.
#pragma once

namespace emohost::hearing {

constexpr int kTemplates = 6;      // by theory::Quality
constexpr int kTemplateParts = 4;  // of 12 pitch classes: upper and bass of the long window, of the short one
constexpr float kTemplateOffset[kTemplates] = {2.66f, 1.36f, -0.994f, 0.314f, -1.2f, -0.895f};
constexpr float kTemplate[kTemplates][12 * kTemplateParts] = {
    {0.629f, -1.53f,  0.892f,  -3.09f, 0.907f,   1.3f,    -0.494f, 0.854f,  -1.45f, 0.0622f, -3.55f, -1.55f,
     2.05f,  -1.64f,  -0.719f, -2.63f, 0.524f,   -0.886f, -1.38f,  1.22f,   -2.37f, -3.17f,  -2.25f, -1.42f,
     1.05f,  -1.57f,  -1.06f,  -1.8f,  0.716f,   -0.644f, -1.42f,  0.573f,  -1.55f, -0.696f, -2.62f, -1.91f,
     2.47f,  -0.812f, -2.13f,  -2.39f, -0.0146f, -3.37f,  -1.98f,  -0.283f, -2.61f, -2.07f,  -2.47f, -1.81f},
    {0.588f, -1.04f,  2.29f,   2.44f,   -2.88f, 0.867f,  -2.69f, 0.498f, -0.845f, -1.81f, -1.07f, -1.59f,
     2.19f,  0.0602f, -1.36f,  -0.824f, -3.29f, -1.18f,  -1.24f, 0.984f, -1.88f,  -2.27f, -1.97f, -0.744f,
     1.24f,  -1.39f,  -0.876f, 1.78f,   -1.55f, -0.683f, -3.15f, 0.608f, -1.77f,  -1.63f, -1.45f, -1.95f,
     2.75f,  -1.16f,  -2.46f,  -0.389f, -3.11f, -2.1f,   -1.67f, 0.275f, -1.64f,  -2.56f, -3.9f,  -1.27f},
    {1.04f, -0.566f, -0.318f, -2.87f,  0.708f,  1.64f,   -0.599f, 0.978f,  -0.635f, 0.159f, 3.26f,  -0.741f,
     1.09f, -1.09f,  -1.42f,  -0.486f, -1.06f,  -1.93f,  -2.74f,  -0.373f, -2.24f,  -2.66f, 0.197f, -1.07f,
     1.93f, -1.09f,  0.358f,  -2.58f,  1.31f,   -0.155f, -1.3f,   1.89f,   -0.389f, 1.12f,  2.42f,  -0.641f,
     2.19f, -1.41f,  -2.87f,  -0.859f, -0.516f, -3.27f,  -3.7f,   -2.02f,  -3.37f,  -2.61f, -2.0f,  -1.86f},
    {1.75f,  -1.99f,  0.241f, -2.44f, 0.41f,   -0.00234f, -1.58f, -0.122f, -2.92f,  -0.243f, -2.56f, 2.97f,
     0.505f, -0.557f, -2.34f, -1.08f, -0.286f, 0.331f,    -1.2f,  -0.539f, -0.957f, -2.16f,  -1.27f, -0.722f,
     1.74f,  -2.22f,  0.234f, -2.82f, 1.99f,   -0.788f,   -1.63f, 0.98f,   -3.44f,  0.106f,  -2.96f, 2.44f,
     1.55f,  -1.52f,  -2.76f, -1.56f, 1.32f,   -1.13f,    -1.47f, -1.4f,   -1.62f,  -1.5f,   -1.34f, -0.959f},
    {1.66f,  -0.757f, 0.524f,  2.01f,  -3.75f, 1.74f,  -1.64f, -0.113f, -1.31f, -0.191f, 2.43f,  -1.12f,
     0.635f, -0.641f, -0.544f, -2.17f, -1.4f,  -3.15f, -1.97f, -2.24f,  -1.28f, -0.374f, -1.01f, -0.831f,
     2.7f,   -1.42f,  0.0418f, 2.69f,  -4.63f, 1.65f,  -2.39f, 2.17f,   -1.44f, -1.23f,  2.18f,  -1.19f,
     2.17f,  -1.38f,  -2.4f,   -1.11f, -2.38f, -5.07f, -3.19f, -1.13f,  -1.53f, -2.07f,  -1.13f, -1.25f},
    {1.32f, -0.68f,  -2.78f, 1.43f,   -1.67f,  -1.35f, 2.73f,  -1.49f,  -1.5f,  2.0f,   -1.59f, -0.425f,
     1.89f, -0.713f, -2.08f, -1.02f,  -0.367f, -1.32f, 0.181f, -1.0f,   -2.62f, -1.53f, -1.56f, 0.0706f,
     1.96f, -1.35f,  -2.91f, 1.65f,   -1.56f,  -1.46f, 2.71f,  -1.46f,  -1.44f, 2.13f,  -1.58f, -1.4f,
     2.88f, -1.78f,  -1.84f, -0.977f, -0.926f, -1.42f, 0.306f, -0.985f, -2.11f, -1.14f, -1.87f, -0.753f},
};

}  // namespace emohost::hearing
