// The parts of the band and their numbers in MidiEvent::part.
#pragma once

namespace emohost::music {

enum Part : int { kMelody, kChords, kBass, kDrums, kAccents, kParts, kControls = kParts };

}  // namespace emohost::music
