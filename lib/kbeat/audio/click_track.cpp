// A track with clicks on its beats, to check them by ear.
#include "kbeat/audio/click_track.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "kbeat/base/error.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_click_seconds = 0.04;
constexpr float k_track_gain = 0.5F;

void append_little(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> 8 * i & 0xFF);
}

std::string wav_head(const CoreMetrics& core, std::uint64_t frames) {
  const auto channels = static_cast<std::uint64_t>(core.channels);
  const auto rate = static_cast<std::uint64_t>(core.sample_rate);
  const std::uint64_t bytes = frames * channels * 2;
  if (bytes + 36 > UINT32_MAX)
    throw Error(ErrorCode::too_large, "the track is too long for a WAV file: give --length");
  std::string out = "RIFF";
  append_little(out, bytes + 36, 4);
  out += "WAVEfmt ";
  append_little(out, 16, 4);
  append_little(out, 1, 2);
  append_little(out, channels, 2);
  append_little(out, rate, 4);
  append_little(out, rate * channels * 2, 4);
  append_little(out, channels * 2, 2);
  append_little(out, 16, 2);
  out += "data";
  append_little(out, bytes, 4);
  return out;
}

std::vector<float> make_click(double hertz, double gain, int rate) {
  std::vector<float> click(static_cast<std::size_t>(k_click_seconds * rate));
  for (std::size_t i = 0; i < click.size(); ++i) {
    const double seconds = static_cast<double>(i) / rate;
    click[i] =
        static_cast<float>(gain * std::exp(-seconds * 90) * std::sin(2 * std::numbers::pi * hertz * seconds));
  }
  return click;
}

/// Clicks as a function of the frame; asked in rising order.
class Clicks {
 public:
  Clicks(const CoreMetrics& core, double start)
      : m_beat(make_click(1'000, 0.4, core.sample_rate)),
        m_downbeat(make_click(1'600, 0.6, core.sample_rate)) {
    for (const double beat : core.beats) {
      const bool down = std::find(core.downbeats.begin(), core.downbeats.end(), beat) != core.downbeats.end();
      m_starts.push_back({std::llround((beat - start) * core.sample_rate), down ? &m_downbeat : &m_beat});
    }
  }

  float at(long long frame) {
    while (m_next + 1 < m_starts.size() && m_starts[m_next + 1].frame <= frame) ++m_next;
    if (m_next >= m_starts.size()) return 0;
    const Start& click = m_starts[m_next];
    const long long i = frame - click.frame;
    return i >= 0 && i < static_cast<long long>(click.samples->size())
               ? (*click.samples)[static_cast<std::size_t>(i)]
               : 0;
  }

 private:
  struct Start {
    long long frame = 0;
    const std::vector<float>* samples = nullptr;
  };
  std::vector<float> m_beat, m_downbeat;
  std::vector<Start> m_starts;
  std::size_t m_next = 0;
};

void append_sample(std::string& out, float sample) {
  const float x = std::isfinite(sample) ? std::clamp(sample, -1.0F, 1.0F) : 0.0F;
  append_little(out, static_cast<std::uint64_t>(std::lround(x * 32'767)), 2);
}

}  // namespace

void write_click_track(FileReader& reader, const Analysis& analysis, double start, const ByteSink& sink) {
  const CoreMetrics& core = analysis.core;
  const auto channels = static_cast<std::size_t>(core.channels);
  const long long frames = std::llround(core.duration * core.sample_rate);
  sink(wav_head(core, static_cast<std::uint64_t>(frames)));
  Clicks clicks(core, start);
  if (start > 0) reader.skip(start);
  for (long long frame = 0; frame < frames;) {
    const std::span<const float> samples = reader.read();
    if (samples.empty()) return;
    std::string bytes;
    for (std::size_t i = 0; i < samples.size() && frame < frames; i += channels, ++frame) {
      const float click = clicks.at(frame);
      for (std::size_t c = 0; c < channels; ++c) append_sample(bytes, k_track_gain * samples[i + c] + click);
    }
    sink(bytes);
  }
}

}  // namespace kbeat::audio
