// Building, rehearsing and freeing the engine, and the loader's side of swapping networks. Never on the audio
// thread.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>

#include "core/engine_state.h"
#include "core/rt/memory.h"

namespace emohost {

namespace {

constexpr int kMostFrames = 1 << 20;
constexpr int kMostChannels = 256;
constexpr int kRehearsalBlock = 512;

void require(bool condition, const std::string& message) {
    if (!condition) throw std::invalid_argument(message);
}

std::string found(double value) { return ", found " + std::to_string(value); }

void check(const EngineSettings& settings) {
    const double rate = settings.sample_rate;
    require(rate >= 8000.0 && rate <= 384000.0, "sample_rate: expected 8000 to 384000 Hz" + found(rate));
    require(settings.max_block >= 1 && settings.max_block <= kMostFrames,
            "max_block: expected 1 to 1048576 frames" + found(settings.max_block));
    require(settings.channels_in >= 1 && settings.channels_in <= kMostChannels,
            "channels_in: expected 1 to 256" + found(settings.channels_in));
    require((settings.heard >> std::min(settings.channels_in, 63)) >> (settings.channels_in > 63) == 0,
            "heard: expected channels that are there" + found(settings.channels_in));
    require(settings.channels_out >= 0 && settings.channels_out <= kMostChannels,
            "channels_out: expected 0 to 256" + found(settings.channels_out));
    require(settings.listener.sample_rate == rate,
            "listener.sample_rate: expected that of the engine" + found(settings.listener.sample_rate));
    require(settings.music.sample_rate == rate,
            "music.sample_rate: expected that of the engine" + found(settings.music.sample_rate));
    require(settings.music.control_count >= 0 && settings.music.control_count <= music::kMaxControls,
            "music.controls: expected at most 32" + found(settings.music.control_count));
}

std::vector<int> channels_heard(const EngineSettings& settings) {
    std::vector<int> heard;
    for (int c = 0; c < settings.channels_in; ++c) {
        if (settings.heard == 0 || (c < 64 && (settings.heard >> c & 1))) heard.push_back(c);
    }
    return heard;
}

void check(const Networks& networks) {
    for (int role = 0; role < kRoles; ++role) {
        const nn::Model* model = networks[static_cast<std::size_t>(role)].get();
        if (!model) continue;
        const RoleSize& size = kRoleSizes[role];
        require(model->inputs() == size.inputs && model->outputs() == size.outputs,
                std::string(size.name) + ": expected " + std::to_string(size.inputs) + " inputs and " +
                    std::to_string(size.outputs) + " outputs, found " + std::to_string(model->inputs()) +
                    " and " + std::to_string(model->outputs()));
    }
}

// A second of noise with loud and quiet halves, by a plain generator: all that matters is that everything
// runs.
void rehearse(Engine::State& state) {
    std::vector<float> noise(static_cast<std::size_t>(kRehearsalBlock) * state.settings.channels_in);
    std::vector<float> out(static_cast<std::size_t>(kRehearsalBlock) * state.settings.channels_out);
    uint32_t random = 1;
    const int blocks = static_cast<int>(std::ceil(state.settings.sample_rate / kRehearsalBlock));
    for (int block = 0; block < blocks; ++block) {
        const float scale = block % 16 < 8 ? 0.5f : 0.005f;
        for (float& sample : noise) {
            random = random * 1664525u + 1013904223u;
            sample = scale * (static_cast<float>(random >> 8) / 8388608.0f - 1.0f);
        }
        state.process(noise.data(), out.empty() ? nullptr : out.data(), kRehearsalBlock, 0, 0.0);
        BlockReport report;
        MidiEvent event;
        while (state.shared.telemetry.pop(&report)) {
        }
        while (state.shared.event.pop(&event)) {
        }
    }
    state.musician->panic(state.frame);
    state.hand_out(kNoFrame);
}

}  // namespace

void NetworkSet::warm() noexcept {
    alignas(64) float silence[kMostOutputs] = {};
    for (int role = 0; role < kRoles; ++role) {
        if (!networks[static_cast<std::size_t>(role)]) continue;
        step(static_cast<Role>(role), silence);
        networks[static_cast<std::size_t>(role)]->reset();
    }
}

Engine::State::State(const EngineSettings& given, Shared& given_shared,
                     std::unique_ptr<hearing::Listener> a_listener,
                     std::unique_ptr<music::Musician> a_musician, std::unique_ptr<NetworkSet> a_set)
    : settings(given),
      shared(given_shared),
      set(std::move(a_set)),
      listener(std::move(a_listener)),
      musician(std::move(a_musician)),
      mono(static_cast<std::size_t>(given.max_block)),
      heard(channels_heard(given)),
      side_b(given.sample_rate),
      calm(given.listener.hop_s),
      overload(given.sample_rate),
      notes(given.sample_rate),
      hears_notes(std::any_of(std::begin(given.music.inputs), std::end(given.music.inputs),
                              [](uint8_t uses) { return uses & music::kEarsInput; })) {
    load.clear();
    graveyard.clear();
    styles.clear();
    encode({0, 0}, audio_embedding);
    encode({0, 0}, embedding);
    side_b.listen(&shared.emotion);
    count_memory(*set);
}

void Engine::State::count_memory(const NetworkSet& given) noexcept {
    for (std::size_t role = 0; role < given.networks.size(); ++role) {
        const auto& network = given.networks[role];
        if (given.replaced >> role & 1u) network_bytes[role] = network ? network->memory_bytes() : 0;
    }
}

Engine::Engine(const EngineSettings& settings, Networks&& networks, Shared& shared) {
    check(settings);
    check(networks);
    const char* error = nullptr;
    auto listener = hearing::make_listener(settings.listener, &error);
    if (!listener) throw std::invalid_argument(std::string("listener: ") + error);
    auto musician = music::make_musician(settings.music, &error);
    if (!musician) throw std::invalid_argument(std::string("music: ") + error);
    auto set = std::make_unique<NetworkSet>();
    set->networks = std::move(networks);
    set->warm();

    auto scratch = std::make_unique<Shared>();
    Shared::format(scratch.get(), sizeof(Shared));
    EngineSettings unhurried = settings;
    unhurried.sheds = false;
    State rehearsal(unhurried, *scratch, std::move(listener), music::make_musician(settings.music),
                    std::move(set));
    rehearse(rehearsal);
    rehearsal.listener->reset();
    rehearsal.set->warm();

    // What is warm now is what will play.
    state_ = std::make_unique<State>(settings, shared, std::move(rehearsal.listener), std::move(musician),
                                     std::move(rehearsal.set));
    rt::prefault_code(reinterpret_cast<const void*>(&Engine::portaudio_callback));
    rt::prefault_code(reinterpret_cast<const void*>(static_cast<double (*)(double)>(&std::atan)));
    rt::prefault(&shared, sizeof(Shared));
    rt::prefault(state_.get(), sizeof(State));
}

Engine::~Engine() {
    NetworkSet* set = nullptr;
    while (state_->load.pop(&set)) delete set;
    collect();
}

bool Engine::listen(const EmotionRing& ring) {
    rt::prefault_read(&ring, sizeof ring);
    return state_->side_b.listen(&ring);
}

void Engine::resume(const Continuation& from) {
    require(from.plausible(), "continuation: no engine says that");
    state_->resumes = from;
    state_->resuming = true;
    state_->listener->resume(from.reference_db, from.sounding != 0, static_cast<hearing::Sound>(from.lately));
}

void Engine::record(RecordMemory& memory) noexcept {
    rt::prefault(&memory, sizeof memory + memory.capacity);
    state_->record.use(&memory);
}

bool Engine::offer(Networks&& networks, uint32_t replaced) {
    check(networks);
    for (std::size_t role = 0; role < networks.size(); ++role)
        require(!networks[role] || (replaced >> role & 1u), "networks: one is offered that replaces none");
    if (state_->load.size() > 0) return false;
    auto set = std::make_unique<NetworkSet>();
    set->networks = std::move(networks);
    set->replaced = replaced;
    set->warm();
    state_->count_memory(*set);
    return state_->load.push(set.release());
}

bool Engine::offer(const music::Style& own) {
    require(music::style_fits(own), "style: out of range");
    return state_->styles.size() == 0 && state_->styles.push(own);
}

int Engine::collect() {
    int freed = 0;
    for (NetworkSet* set = nullptr; state_->graveyard.pop(&set); ++freed) delete set;
    return freed;
}

const EngineSettings& Engine::settings() const noexcept { return state_->settings; }

Shared& Engine::shared() const noexcept { return state_->shared; }

std::size_t Engine::memory_bytes() const noexcept {
    const State& state = *state_;
    return std::accumulate(state.network_bytes.begin(), state.network_bytes.end(),
                           sizeof(State) + sizeof(Shared) + sizeof(NetworkSet) +
                               state.mono.size() * sizeof(float) + state.heard.size() * sizeof(int) +
                               state.listener->memory_bytes() + state.musician->memory_bytes());
}

}  // namespace emohost
