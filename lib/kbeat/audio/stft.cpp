// Cuts a stream of mono samples into windowed frames and hands on their power spectra, a batch of lanes at a time.
#include "kbeat/audio/stft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kbeat::audio {

Stft::Stft(std::size_t size, std::size_t hop, Consumer consumer)
    : m_hop(hop), m_consumer(std::move(consumer)), m_fft(size), m_pending(size / 2) {
  for (std::size_t i = 0; i < size; ++i) {
    const double phase = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size);
    m_window.push_back(static_cast<float>(0.5 - 0.5 * std::cos(phase)));
  }
  m_power.resize(m_fft.bins());
}

void Stft::run_batch(const float* start, std::size_t frames) {
  const std::span<Lanes> input = m_fft.input();
  for (std::size_t i = 0; i < input.size(); i += k_lanes) {
    const Lanes window = Lanes::load(&m_window[i]);
    std::array<Lanes, k_lanes> rows;
    for (std::size_t lane = 0; lane < k_lanes; ++lane)
      rows[lane] = Lanes::load(start + lane * m_hop + i) * window;
    transpose(rows);
    std::copy(rows.begin(), rows.end(), input.begin() + static_cast<std::ptrdiff_t>(i));
  }
  m_fft.power(m_power);
  m_consumer(m_power, frames);
  m_done += frames;
}

void Stft::drop(std::size_t samples) {
  m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(samples));
}

void Stft::write(std::span<const float> samples) {
  m_samples += samples.size();
  m_pending.insert(m_pending.end(), samples.begin(), samples.end());
  const std::size_t needed = m_fft.size() + (k_lanes - 1) * m_hop;
  std::size_t used = 0;
  for (; m_pending.size() - used >= needed; used += k_lanes * m_hop) run_batch(&m_pending[used], k_lanes);
  drop(used);
}

void Stft::finish() {
  const std::uint64_t total = 1 + m_samples / m_hop;
  while (m_done < total) {
    m_pending.resize(m_fft.size() + 2 * k_lanes * m_hop);
    run_batch(m_pending.data(), static_cast<std::size_t>(std::min<std::uint64_t>(k_lanes, total - m_done)));
    drop(k_lanes * m_hop);
  }
}

}  // namespace kbeat::audio
