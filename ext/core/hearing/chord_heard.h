// What is known of the chord that sounds, besides its name.
#pragma once

namespace emohost::hearing {

struct ChordHeard {
    float confidence = 0;     // probability of Heard::chord, [0, 1]
    int settled = -1;         // what the calm filter hears; -1 unknown
    float settled_ago_s = 0;  // how long ago it began to sound, as far as can be told
    int tone = -1;            // pitch class on which no third is heard: a held tone or a fifth; -1: none
};

}  // namespace emohost::hearing
