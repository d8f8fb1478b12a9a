// Building and freeing the musician. Never on the audio thread.
#include <algorithm>

#include "core/music/band.h"
#include "core/music/musician.h"
#include "core/rt/memory.h"

namespace emohost::music {

namespace {

bool line_fits(const Line& line, int longest) noexcept {
    return line.length >= 1 && line.length <= longest && line.sound <= 127 && line.level >= -1.0f &&
           line.level <= 1.0f;
}

}  // namespace

bool style_fits(const Style& style) noexcept {
    const auto lines = [](const Line* line, int count, int most, int longest) {
        return count >= 0 && count <= most &&
               std::all_of(line, line + count, [&](const Line& each) { return line_fits(each, longest); });
    };
    const auto fill = [&](const Fill& each) {
        return each.steps >= 1 && each.steps <= style.bar_steps() &&
               lines(each.lines, each.count, kFillLines, each.steps);
    };
    return style.beats >= kLeastBeatsPerBar && style.beats <= kMostBeatsPerBar && style.tempo.low > 0.0f &&
           (style.pair == 2 || style.pair == 4) && style.swing >= 0.5f && style.swing <= 0.75f &&
           style.handicap >= 0.0f && style.handicap <= 1.0f && style.fewest >= 1 &&
           style.most <= kMaxVoices && style.fewest <= style.most &&
           lines(style.drums, style.drum_count, kDrumLines, kLineSteps) &&
           lines(style.chords, style.chord_count, kPitchedLines, kLineSteps) &&
           lines(style.bass, style.bass_count, kPitchedLines, kLineSteps) && style.fill_count >= 0 &&
           style.fill_count <= kFills && std::all_of(style.fills, style.fills + style.fill_count, fill);
}

namespace {

const char* style_error(const MusicianSettings& settings) noexcept {
    const auto count = static_cast<int>(settings.styles.size());
    const int asked = static_cast<int>(settings.style);
    if (count < 1 || count > Styles::kCount)
        return "there must be at least one style, and no more than have names";
    if (asked < 0 || asked > count) return "the style asked for is not among those given";
    return std::all_of(settings.styles.begin(), settings.styles.end(), style_fits)
               ? nullptr
               : "a style is out of range";
}

const char* find_error(const MusicianSettings& settings) noexcept {
    const auto outside = [](double x, double low, double high) { return !(x >= low && x <= high); };
    if (outside(settings.sample_rate, 1000.0, 1e6)) return "sample_rate must be 1000 to 1000000 Hz";
    if (outside(settings.tempo, kLeastTempo, kMostTempo)) return "tempo must be 20 to 300 beats per minute";
    if (outside(settings.beats_per_bar, kLeastBeatsPerBar, kMostBeatsPerBar))
        return "beats_per_bar must be 2 to 7";
    if (outside(settings.output_delay_s, 0.0, 1.0)) return "output_delay_s must be 0 to 1 s";
    if (outside(settings.enter_bars, 0, 64)) return "enter_bars must be 0 to 64";
    if (outside(static_cast<int>(settings.clock), 0, static_cast<int>(ClockSource::count) - 1))
        return "the clock's source is unknown";
    if (outside(static_cast<int>(settings.fallback), 0, static_cast<int>(Fallback::count) - 1))
        return "the clock's fallback is unknown";
    const auto beats = static_cast<int>(settings.chart.size());
    if (beats > kChartBeats || beats % settings.beats_per_bar != 0)
        return "a chart must have whole bars of beats_per_bar, 1024 beats at most";
    for (const int chord : settings.chart)
        if (outside(chord, 0, kChordClasses - 1)) return "a chart's chords must be classes, 0 to 63";
    if (outside(static_cast<int>(settings.listen), 0, static_cast<int>(Listen::count) - 1))
        return "the way to listen is unknown";
    if (const char* error = style_error(settings)) return error;
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
        if (outside(part.density, kLeastFactor, kMostFactor)) return "a part's density must be 0 to 2";
        if (outside(part.velocity, kLeastFactor, kMostFactor)) return "a part's velocity must be 0 to 2";
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
    : play_(settings.play),
      output_delay_(static_cast<uint64_t>(settings.output_delay_s * settings.sample_rate)),
      transport_(settings.sample_rate, settings.tempo, settings.beats_per_bar, settings.clock,
                 settings.fallback, settings.metre_found),
      entrance_(settings.enter, settings.enter_bars, settings.sample_rate),
      company_(settings.listen),
      held_(settings),
      tonality_(settings),
      follower_(settings.sample_rate),
      styles_(settings.styles, settings.style),
      stage_(settings),
      controls_(settings),
      clock_out_(settings.clock_out),
      chord_rng_(settings.seed, 6),
      players_(settings.seed, settings.sample_rate),
      humanise_(settings.humanise) {
    chart_.set(settings.chart.data(), static_cast<int>(settings.chart.size()), settings.beats_per_bar);
    begin(0);
    if (settings.clock == ClockSource::midi || settings.clock == ClockSource::jack)
        transport_.stop();  // until the clock starts it
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
