// Building and freeing the musician. Never on the audio thread.
#include "core/music/band.h"
#include "core/music/musician.h"
#include "core/rt/memory.h"

namespace emohost::music {

namespace {

const char* find_error(const MusicianSettings& settings) noexcept {
    const auto outside = [](double x, double low, double high) { return !(x >= low && x <= high); };
    if (outside(settings.sample_rate, 1000.0, 1e6)) return "sample_rate must be 1000 to 1000000 Hz";
    if (outside(settings.tempo, 20.0, 300.0)) return "tempo must be 20 to 300 beats per minute";
    if (outside(settings.beats_per_bar, 2, 7)) return "beats_per_bar must be 2 to 7";
    if (outside(settings.tonic, -1, 11)) return "tonic must be -1 (the key that is heard) or 0 (C) to 11 (B)";
    if (outside(settings.humanise, 0.0, 2.0)) return "humanise must be 0 to 2";
    if (outside(settings.control_interval_s, 0.0, 60.0)) return "control_interval_s must be 0 to 60 s";
    if (outside(settings.control_count, 0, kMaxControls)) return "control_count must be 0 to 32";
    for (const PartSettings& part : settings.parts) {
        if (outside(part.channel, 0, 15)) return "a part's channel must be 0 to 15";
        if (outside(part.low, 0, 127) || outside(part.high, 0, 127))
            return "a part's low and high must be 0 to 127";
        if (part.high - part.low < 11) return "a part's low to high must span at least an octave (12 notes)";
        if (outside(part.program, -1, 127)) return "a part's program must be -1 (none) or 0 to 127";
        if (outside(part.density, 0.0, 2.0)) return "a part's density must be 0 to 2";
        if (outside(part.velocity, 0.0, 2.0)) return "a part's velocity must be 0 to 2";
    }
    for (int i = 0; i < settings.control_count; ++i) {
        const ControlSettings& control = settings.controls[i];
        if (outside(static_cast<int>(control.source), 0, static_cast<int>(ControlSource::count) - 1))
            return "a control's source is unknown";
        if (outside(control.channel, 0, 15)) return "a control's channel must be 0 to 15";
        if (outside(control.controller, 0, 119)) return "a control's controller must be 0 to 119";
        if (outside(control.low, 0, 127) || outside(control.high, 0, 127))
            return "a control's low and high must be 0 to 127";
    }
    return nullptr;
}

}  // namespace

Band::Band(const MusicianSettings& settings) noexcept
    : when_heard_(settings.when_heard),
      clock_(settings.sample_rate, settings.tempo, settings.beats_per_bar),
      tonality_(settings),
      stage_(settings),
      controls_(settings),
      chord_rng_(settings.seed, 6),
      melody_(settings.seed),
      comping_(settings.seed),
      bass_(settings.seed),
      drums_(settings.seed),
      accents_(settings.seed, settings.sample_rate),
      humanise_(settings.humanise),
      hands_{{settings.seed, 16 + kMelody},
             {settings.seed, 16 + kChords},
             {settings.seed, 16 + kBass},
             {settings.seed, 16 + kDrums}} {
    begin(0);
}

Band::~Band() = default;

std::unique_ptr<Musician> make_musician(const MusicianSettings& settings, const char** error) {
    const char* found = find_error(settings);
    if (error) *error = found;
    if (found) return nullptr;
    auto band = std::make_unique<Band>(settings);
    rt::prefault(band.get(), sizeof *band);  // much of the schedule is not written before it is needed
    return band;
}

}  // namespace emohost::music
