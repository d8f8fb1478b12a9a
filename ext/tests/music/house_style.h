// A style for C++ tests, which know no YAML: straight eighths, as a band would play anything in, for bars of any length.
#pragma once

#include <cstring>
#include <initializer_list>

#include "core/music/styles/style.h"

namespace band {

inline emohost::music::Line line(const char* steps, int sound = 0, float from = 0.0f, float to = 1.0f,
                                 float level = 0.0f, emohost::music::In in = emohost::music::In::any) {
    emohost::music::Line made;
    made.length = static_cast<uint8_t>(std::strlen(steps));
    std::memcpy(made.steps, steps, made.length);
    made.sound = static_cast<uint8_t>(sound);
    made.from = from;
    made.to = to;
    made.level = level;
    made.in = in;
    return made;
}

inline int copy(std::initializer_list<emohost::music::Line> from, emohost::music::Line* to) {
    int count = 0;
    for (const auto& each : from) to[count++] = each;
    return count;
}

inline emohost::music::Fill fill(int steps, float from, float to,
                                 std::initializer_list<emohost::music::Line> lines) {
    emohost::music::Fill made;
    made.steps = static_cast<uint8_t>(steps);
    made.from = from;
    made.to = to;
    made.count = copy(lines, made.lines);
    return made;
}

inline emohost::music::Style house_style() {
    using emohost::music::In;
    emohost::music::Style style;
    style.drum_count = copy(
        {line("X.......X.......", 36), line("..??..?...??..?.", 36, 0.3f),
         line("....x.......x...", 37, 0, 0.35f), line("....X.......X...", 38, 0.35f),
         line(".......?.?.....?", 38, 0.4f, 1, -0.4f), line("x.o.x.o.x.o.x.o.", 42, 0, 1, -0.2f, In::lead),
         line("x.o.x.o.x.o.x.o.", 51, 0, 1, -0.2f, In::contrast), line("..X...X...X...X.", 46, 0.8f)},
        style.drums);
    style.fills[0] = fill(4, 0, 0.4f, {line("x.x.", 38), line("..xx", 41)});
    style.fills[1] =
        fill(4, 0.4f, 1, {line("xx..", 38), line("..x.", 45), line("...x", 41), line("X...", 36)});
    style.fill_count = 2;
    style.begins = 49;
    style.begins_calm = 53;
    style.chord_count = copy({line("X---------------", 0, 0, 0.3f), line("X-------x---x---", 0, 0.3f, 0.75f),
                              line("..?.x.?...?.x.?.", 0, 0.75f), line("X-..x-..x-..x-..", 0, 0.75f)},
                             style.chords);
    style.bass_count = copy({line("R---------------", 0, 0, 0.25f), line("R-------5---a---", 0, 0.25f, 0.75f),
                             line("R-r-R-5-8-r-5-a-", 0, 0.75f), line("R---R---5---a---", 0, 0.75f)},
                            style.bass);
    return style;
}

}  // namespace band
