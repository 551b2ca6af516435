// Mixes channels to mono and brings them to 22,050 Hz, the rate at which music is analyzed.
#include "kbeat/audio/mono_22k.hpp"

#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_side_taps = 16;  // 63 taps: flat to 9.4 kHz, 70 dB down from 12.6 kHz at 44.1 kHz
constexpr double k_cancelled = 0.02;     // mix energy over the channels' mean energy

/// In stretches short enough for float sums.
double energy(const std::vector<float>& samples) {
  constexpr std::size_t k_run = 64;
  double sum = 0;
  std::size_t i = 0;
  for (; i + k_run <= samples.size(); i += k_run) {
    EightSums squares;
    for (std::size_t k = 0; k < k_run; k += EightSums::k_step) squares.add_squares(&samples[i + k]);
    sum += squares.total();
  }
  for (; i < samples.size(); ++i) sum += static_cast<double>(samples[i]) * static_cast<double>(samples[i]);
  return sum;
}

}  // namespace

HalfBand::HalfBand() : m_pending(2 * k_side_taps) {
  constexpr double k_reach = 2.0 * k_side_taps;
  double sum = 0;
  for (std::size_t k = 0; k < k_side_taps; ++k) {
    const double x = static_cast<double>(2 * k + 1), angle = std::numbers::pi * x / 2;
    // Blackman's window.
    const double phase = std::numbers::pi * x / k_reach;
    const double window = 0.42 + 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase);
    m_taps.push_back(static_cast<float>(0.5 * std::sin(angle) / angle * window));
    sum += 2 * static_cast<double>(m_taps.back());
  }
  for (float& tap : m_taps) tap = static_cast<float>(static_cast<double>(tap) * 0.5 / sum);
}

void HalfBand::write(std::span<const float> in, std::vector<float>& out) {
  // m_pending[0] lies 2·k_side_taps before the next output's centre.
  m_pending.insert(m_pending.end(), in.begin(), in.end());
  constexpr std::size_t k_span = 4 * k_side_taps;
  if (m_pending.size() < k_span) return;
  const std::size_t count = (m_pending.size() - k_span) / 2 + 1;
  // Room for a last step that is only partly wanted.
  constexpr std::size_t k_step = 2 * k_lanes;
  m_odd.assign(count + 2 * k_side_taps + k_step, 0.0F);
  const std::size_t odd_count = std::min(m_odd.size(), m_pending.size() / 2);
  for (std::size_t i = 0; i < odd_count; ++i) m_odd[i] = m_pending[2 * i + 1];
  const std::size_t start = out.size();
  out.resize(start + count + k_step);
  for (std::size_t n = 0; n < count; n += k_step) {
    Lanes sum, next;  // two chains of additions
    const float* right = &m_odd[n + k_side_taps];
    for (std::size_t k = 0; k < k_side_taps; ++k) {
      sum += (Lanes::load(right + k) + Lanes::load(right - 1 - k)) * m_taps[k];
      next += (Lanes::load(right + k + k_lanes) + Lanes::load(right - 1 - k + k_lanes)) * m_taps[k];
    }
    sum.store(&out[start + n]);
    next.store(&out[start + n + k_lanes]);
  }
  out.resize(start + count);
  for (std::size_t n = 0; n < count; ++n) out[start + n] += 0.5F * m_pending[2 * n + 2 * k_side_taps];
  m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(2 * count));
}

void HalfBand::finish(std::vector<float>& out) {
  const std::vector<float> zeros(2 * k_side_taps - 1);
  write(zeros, out);
}

/// libsoxr for the rates that are no power of two times 22,050 Hz.
struct Mono22k::Resampler {
  Handle<soxr, soxr_delete> state;
  double ratio;

  explicit Resampler(double rate) : ratio(k_analysis_rate / rate) {
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_MQ, 0);
    const soxr_runtime_spec_t one_thread = soxr_runtime_spec(1);
    soxr_error_t error = nullptr;
    state.reset(soxr_create(rate, k_analysis_rate, 1, &error, nullptr, &quality, &one_thread));
    if (error != nullptr)
      throw Error(ErrorCode::internal, std::string("the resampler cannot be made: ") + soxr_strerror(error));
  }

  /// Without input what is left comes out.
  void run(const std::vector<float>* in, std::vector<float>& out) {
    const std::size_t count = in != nullptr ? in->size() : 0;
    std::size_t made = 1;
    for (std::size_t used = 0; made > 0 || used < count;) {
      const std::size_t start = out.size();
      const std::size_t room = static_cast<std::size_t>(static_cast<double>(count - used) * ratio) + 1024;
      out.resize(start + room);
      std::size_t taken = 0;
      soxr_process(state.get(), in != nullptr ? in->data() + used : nullptr, count - used, &taken,
                   out.data() + start, room, &made);
      used += taken;
      out.resize(start + made);
      if (in != nullptr && used == count && made < room) return;
    }
  }
};

Mono22k::Mono22k(std::size_t channels, double sample_rate) : m_channels(channels), m_rate(sample_rate) {
  while (sample_rate > 1.5 * k_analysis_rate && std::fmod(sample_rate, k_analysis_rate) == 0) {
    m_halvings.emplace_back();
    sample_rate /= 2;
  }
  if (sample_rate != k_analysis_rate) m_resampler = std::make_unique<Resampler>(sample_rate);
}

Mono22k::~Mono22k() = default;

void Mono22k::mix(const Planar& block) {
  const std::size_t frames = block.front().size();
  m_mono.assign(block.front().begin(), block.front().end());
  if (m_channels == 1) return;
  double channel_energy = energy(block.front());
  for (std::size_t c = 1; c < m_channels; ++c) {
    channel_energy += energy(block[c]);
    for (std::size_t i = 0; i < frames; ++i) m_mono[i] += block[c][i];
  }
  const float scale = 1.0F / static_cast<float>(m_channels);
  for (float& x : m_mono) x *= scale;
  const double mean_energy = channel_energy / static_cast<double>(m_channels);
  const float target = energy(m_mono) < k_cancelled * mean_energy ? 1.0F : 0.0F;
  if (target == 0 && m_first_only == 0) return;
  const float step = (target - m_first_only) / static_cast<float>(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    const float share = m_first_only + step * static_cast<float>(i);
    m_mono[i] += share * (block.front()[i] - m_mono[i]);
  }
  m_first_only = target;
}

std::span<const float> Mono22k::write(const Planar& block) {
  mix(block);
  for (HalfBand& halving : m_halvings) {
    m_halved.clear();
    halving.write(m_mono, m_halved);
    m_mono.swap(m_halved);
  }
  if (!m_resampler) return m_mono;
  m_out.clear();
  m_resampler->run(&m_mono, m_out);
  return m_out;
}

std::span<const float> Mono22k::finish() {
  m_mono.clear();
  for (HalfBand& halving : m_halvings) {
    m_halved.clear();
    halving.write(m_mono, m_halved);
    halving.finish(m_halved);
    m_mono.swap(m_halved);
  }
  if (!m_resampler) return m_mono;
  m_out.clear();
  if (!m_mono.empty()) m_resampler->run(&m_mono, m_out);
  m_resampler->run(nullptr, m_out);
  return m_out;
}

}  // namespace kbeat::audio
