// Sounds the notes of a MIDI input for the host's own ears, in place of audio: struck strings of a few partials, brighter
// the harder they are struck, and noise for percussion. All that hears audio hears these: chord, bass, key, beat, level,
// density, register, and what the emotion network is given. Nobody else does. Real-time safe.
#pragma once

#include <cstdint>

namespace emohost::hearing {

class NoteSynth {
  public:
    explicit NoteSynth(double sample_rate) noexcept;

    // One MIDI message: notes, the sustain pedal, all notes or sounds off.
    void receive(const uint8_t* bytes, int size) noexcept;
    // Every note dies away now.
    void release() noexcept;
    // Writes n samples.
    void render(float* out, int n) noexcept;

  private:
    static constexpr int kVoices = 32, kPartials = 6, kChannels = 16;

    struct Voice {
        bool down = false, kept = false;  // the key; by the pedal
        bool noise = false;
        int channel = 0, note = -1;
        int partials = 0;
        uint32_t random = 1;
        float level = 0.0f, attack = 0.0f, decay = 0.0f;  // attack: goes to 1
        float amplitude[kPartials] = {}, re[kPartials] = {}, im[kPartials] = {};
        float turn_re[kPartials] = {}, turn_im[kPartials] = {};
        bool sounds() const noexcept { return note >= 0; }
    };

    void strike(int channel, int note, int velocity) noexcept;
    void control(int channel, int controller, int value) noexcept;
    void lift(Voice& voice) noexcept;
    Voice& voice_for(int channel, int note) noexcept;
    void add(Voice& voice, float* out, int n) noexcept;

    double sample_rate_;
    float attack_step_, release_, noise_decay_;
    Voice voices_[kVoices];
    uint16_t pedals_ = 0;  // a bit for each channel
    uint32_t strikes_ = 0;
};

}  // namespace emohost::hearing
